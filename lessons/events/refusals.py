"""What is wrong with an event: pydantic's first complaint, with its field, reason and fix."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lessons.errors import InvalidInput

LONGEST_QUOTE = 200
"""Characters of a caller's own words that a reason repeats."""


def refusal(
    error: ValidationError, model: type[BaseModel], *, within: str = "", see: str
) -> InvalidInput:
    """Return the first complaint as an error that names its field.

    Args:
        error: what pydantic said of data for `model`.
        within: the field that holds the data (`data`), or nothing.
        see: where the fields are described, for the fix.
    """
    first = error.errors(include_url=False)[0]
    path = [within, *(str(part) for part in first["loc"])]
    field = ".".join(part for part in path if part) or "data"
    reason, fix = _reason_and_fix(first, model)
    return InvalidInput(reason, field=field, fix=fix or see)


def nearest(name: str, known: list[str]) -> str:
    """Return the fix for a name that is not known: the nearest one, or all where none is near."""
    near = get_close_matches(name[:LONGEST_QUOTE], known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(known)}." if known else "It takes none."


def _reason_and_fix(first: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    kind, path = first["type"], first["loc"]
    if kind == "extra_forbidden":
        owner = _model_at(model, path[:-1])
        return "There is no such field.", nearest(str(path[-1]), list(owner.model_fields))
    if kind == "missing":
        return "It is required.", f"Send {str(path[-1])!r}."
    if kind == "value_error":
        return f"{_sentence(str(first['ctx']['error']))}.", None
    if kind in {"literal_error", "enum"} and isinstance(first["input"], str):
        return f"{first['msg']}.", _nearest_value(first["input"], first["ctx"]["expected"])
    return f"{first['msg']}.", None


def _nearest_value(given: str, expected: str) -> str | None:
    """Return the allowed value that is like the given one; `expected` is `'a', 'b' or 'c'`."""
    values = expected.replace(" or ", ", ").replace("'", "").split(", ")
    near = get_close_matches(given[:LONGEST_QUOTE], values, n=1, cutoff=0.5)
    return f"Did you mean {json.dumps(near[0])}?" if near else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model that describes the object at `path` of data for `model`."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model within an annotation such as `list[Model] | None`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
