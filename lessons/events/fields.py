"""The fields of an event type as people read them, from the JSON schema of its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lessons.events.data import EventData
from lessons.events.values import LARGEST_COUNT

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its name (`items[].score` inside a list), its values and its meaning."""

    name: str
    kind: str
    meaning: str


def field_rows(data: type[EventData]) -> list[FieldRow]:
    """Return the fields of an event type, required ones first.

    The fields of an object inside it come right after the field that holds it.
    """
    schema = data.model_json_schema()
    return list(_rows(schema, schema.get("$defs", {}), ""))


def _rows(schema: Schema, definitions: Schema, prefix: str) -> Iterator[FieldRow]:
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    for name in sorted(properties, key=lambda name: name not in required):
        declared = properties[name]
        field = _resolved(declared, definitions)
        kind = _kind(field, definitions)
        if name not in required:
            kind += _default(field)
        yield FieldRow(f"{prefix}{name}", kind, field.get("description", ""))
        inner, path = _object_in(field, definitions)
        if inner is not None:
            yield from _rows(inner, definitions, f"{prefix}{name}{path}.")


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Return a schema with what its `$ref` names; what stands beside the `$ref` wins."""
    if "$ref" not in schema:
        return schema
    target = definitions[schema["$ref"].rsplit("/", 1)[1]]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _default(field: Schema) -> str:
    if "default" not in field:
        return "; may be left out"
    default = field["default"]
    if default is None:
        return "; may be left out"
    return f"; {_quoted(default)} if left out"


def _quoted(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(field: Schema, definitions: Schema) -> str:
    field = _resolved(field, definitions)
    if "anyOf" in field:
        kinds = [_kind(choice, definitions) for choice in field["anyOf"]]
        return " or ".join(kinds)
    if "enum" in field:
        return ", ".join(_quoted(value) for value in field["enum"])
    kind = field.get("type", "anything")
    if kind == "array":
        return (
            f"list{_range(field, 'minItems', 'maxItems')} of {_kind(field['items'], definitions)}"
        )
    if kind == "string":
        return _string(field)
    if kind in {"integer", "number"}:
        return f"{kind}{_range(field, 'minimum', 'maximum')}"
    return str(kind)


def _string(field: Schema) -> str:
    if field.get("format") == "date-time":
        return "RFC 3339 time"
    longest = field.get("maxLength")
    return f"text up to {longest}" if longest else "text"


def _range(field: Schema, lowest: str, highest: str) -> str:
    least = field.get(lowest, field.get("exclusiveMinimum") if lowest == "minimum" else None)
    most = field.get(highest)
    most = None if most == LARGEST_COUNT else most
    if least is None and most is None:
        return ""
    if least is None:
        return f" up to {most:g}"
    above = "above " if "exclusiveMinimum" in field and lowest == "minimum" else "from "
    return f" {above}{least:g}" + ("" if most is None else f" to {_whole(most)}")


def _whole(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:g}"


def _object_in(field: Schema, definitions: Schema) -> tuple[Schema | None, str]:
    """Return the object schema within a field, and how its fields are reached."""
    for choice in field.get("anyOf", [field]):
        resolved = _resolved(choice, definitions)
        if resolved.get("type") == "array":
            inner = _resolved(resolved["items"], definitions)
            if "properties" in inner:
                return inner, "[]"
        elif "properties" in resolved:
            return resolved, ""
    return None, ""
