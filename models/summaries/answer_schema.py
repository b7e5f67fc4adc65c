"""The form of a language model's answers: schemas that leave no way to cite what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from lessons.summary import ClaimKind

NOBODY = "nobody"
LONGEST_TEXT = 240
MOST_CITED = 4
MOST_CLAIMS = 8

WRITTEN: tuple[ClaimKind, ...] = (
    "taught",
    "response",
    "strong_moment",
    "open_question",
    "homework",
    "next_step",
)
"""Kinds that a model writes; what can be counted is counted."""

# No white space between tokens: a model that is held to a grammar could fill its answer with it.
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


class WrittenClaim(BaseModel):
    """One claim as a model writes it: people and lines by their labels in the prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClaimKind
    about: str
    text: str
    cites: list[str]


class WrittenClaims(BaseModel):
    """A model's answer about one part of a lesson."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: list[WrittenClaim]


class Chosen(BaseModel):
    """A model's choice among its claims, by their labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: list[str]


def claims_schema(
    lines: Sequence[str],
    people: Sequence[str],
    *,
    most_claims: int = MOST_CLAIMS,
    longest_text: int = LONGEST_TEXT,
) -> dict[str, Any]:
    """Return the schema of an answer about lines and people with these labels."""
    claim = _object(
        {
            "kind": {"enum": [kind for kind in get_args(ClaimKind) if kind in WRITTEN]},
            "about": {"enum": [*people, NOBODY]},
            "text": {"type": "string", "minLength": 1, "maxLength": longest_text},
            "cites": {
                "type": "array",
                "items": {"enum": list(lines)},
                "minItems": 1,
                "maxItems": MOST_CITED,
            },
        }
    )
    return _whole({"claims": {"type": "array", "items": claim, "maxItems": most_claims}})


def choice_schema(labels: Sequence[str], number: int) -> dict[str, Any]:
    """Return the schema of a choice of at most so many of the labels."""
    items = {"enum": list(labels)}
    return _whole({"keep": {"type": "array", "items": items, "minItems": 1, "maxItems": number}})


def _whole(properties: dict[str, Any]) -> dict[str, Any]:
    return {**_object(properties), "x-guidance": _COMPACT}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
