from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from lessons.errors import InvalidInput
from lessons.events import (
    DATA_TYPES,
    EVENT_TYPES,
    FAMILIES,
    PLATFORM_TYPES,
    CaptionFinal,
    json_schemas,
    parse_event,
)

SCHEMAS = json_schemas()


def _wire(name: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "evt_1",
        "source": "urn:lectern:lesson:les_1",
        "type": name,
        "subject": "par_1",
        "time": "2026-11-22T10:15:30Z",
        "datacontenttype": "application/json",
        "dataschema": DATA_TYPES[name].data_schema(),
        "tenantid": "ten_1",
        "lessonid": "les_1",
        "lessontimems": 12000,
        "ledgersequence": 7,
        "data": dict(DATA_TYPES[name].example),
    }


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_type_survives_the_wire_and_keeps_its_schema(name: str) -> None:
    event = parse_event(_wire(name))
    assert isinstance(event.data, DATA_TYPES[name])
    assert parse_event(event.to_wire()) == event
    jsonschema.validate(event.to_wire(), SCHEMAS[name])


def test_an_unknown_type_is_refused_naming_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"caption\.final"):
        parse_event(_wire("caption.final") | {"type": "captions.final"})


@pytest.mark.parametrize("name", [None, 3, ["caption.final"], ""])
def test_a_type_that_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidInput):
        parse_event(_wire("caption.final") | {"type": name})


def test_an_unknown_field_of_the_data_is_refused_by_name() -> None:
    wire = _wire("hand.raised")
    wire["data"] = {"mood": "happy"}
    with pytest.raises(InvalidInput) as refused:
        parse_event(wire)
    assert refused.value.field == "data.mood"


def test_data_of_another_version_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_event(_wire("hand.raised") | {"dataschema": "urn:lectern:event:hand.raised:99"})
    assert refused.value.field == "dataschema"


def test_text_that_the_store_cannot_hold_is_refused() -> None:
    wire = _wire("caption.corrected")
    wire["data"]["text"] = "a\0b"
    with pytest.raises(InvalidInput, match=r"U\+0000"):
        parse_event(wire)


def test_a_caption_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="end_ms"):
        CaptionFinal.model_validate({**CaptionFinal.example, "end_ms": 0})


def test_a_platform_may_not_post_what_lectern_records() -> None:
    assert "caption.final" not in PLATFORM_TYPES
    assert "lesson.ended" not in PLATFORM_TYPES
    assert "poll.answered" in PLATFORM_TYPES


AFFECT = ("emotion", "mood", "affect", "sentiment", "stress", "happy", "angry", "bored")


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_no_schema_has_a_place_for_emotions(name: str) -> None:
    fields = {field.lower() for field in _field_names(SCHEMAS[name])}
    assert not [field for field in fields if any(label in field for label in AFFECT)]


def _field_names(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_field_names, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*(_field_names(value) for value in schema.values()))


@pytest.mark.parametrize("name", sorted(PLATFORM_TYPES))
def test_nothing_that_is_posted_is_unbounded(name: str) -> None:
    assert list(_unbounded(DATA_TYPES[name].model_json_schema(), "data")) == []


def _unbounded(schema: Any, path: str) -> Iterator[str]:
    """Name the texts, lists and numbers of a schema that have no largest value."""
    if isinstance(schema, list):
        for part in schema:
            yield from _unbounded(part, path)
    if not isinstance(schema, dict):
        return
    limits = {"string": "maxLength", "array": "maxItems", "integer": "maximum", "number": "maximum"}
    limit = limits.get(str(schema.get("type")))
    closed = "enum" in schema or "const" in schema or schema.get("format") == "date-time"
    if limit is not None and limit not in schema and not closed:
        yield path
    for name, part in schema.get("properties", {}).items():
        yield from _unbounded(part, f"{path}.{name}")
    for key in ("items", "anyOf"):
        yield from _unbounded(schema.get(key), path)
    for name, part in schema.get("$defs", {}).items():
        yield from _unbounded(part, name)


def test_every_type_is_in_exactly_one_family() -> None:
    types = [data.type for family in FAMILIES for data in family.types]
    assert len(types) == len(set(types)) == len(DATA_TYPES)
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
