"""The API's own description: what FastAPI leaves out of OpenAPI is put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lessons.events import EVENT_TYPES, PartialCaption, PostedEvent
from serving.web.problems import Problem

_REFERENCE = "#/components/schemas/"


def complete_description(app: FastAPI) -> None:
    """Add to OpenAPI what no operation names (problems, every type of event), and nulls."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Event" not in schemas:
            for schema in schemas.values():
                for example in schema.get("examples", ()):
                    _put_nulls_back(schemas, schema, example)
            schemas.update(_event_schemas())
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _put_nulls_back(schemas: Mapping[str, Any], schema: Mapping[str, Any], example: object) -> None:
    """Give an example the nulls that it was written with: FastAPI drops them from the document."""
    schema = schemas.get(schema.get("$ref", "").removeprefix(_REFERENCE), schema)
    if isinstance(example, list):
        for item in example:
            _put_nulls_back(schemas, schema.get("items", {}), item)
    elif isinstance(example, dict):
        properties: Mapping[str, Any] = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in example and {"type": "null"} in properties[name].get("anyOf", ()):
                example[name] = None
        for name in example.keys() & properties.keys():
            _put_nulls_back(schemas, properties[name], example[name])


def _event_schemas() -> dict[str, Any]:
    reference = f"{_REFERENCE}{{model}}"
    schemas: dict[str, Any] = {}
    described: tuple[type[BaseModel], ...] = (
        Problem,
        PostedEvent,
        PartialCaption,
        *EVENT_TYPES.values(),
    )
    for model in described:
        schema = model.model_json_schema(ref_template=reference)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    names = {name: reference.format(model=model.__name__) for name, model in EVENT_TYPES.items()}
    schemas["Event"] = {
        "description": "A learning event: a CloudEvents 1.0 object, its data by its type.",
        "oneOf": [{"$ref": name} for name in names.values()],
        "discriminator": {"propertyName": "type", "mapping": names},
    }
    return schemas
