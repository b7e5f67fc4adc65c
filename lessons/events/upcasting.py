"""Upcasters: data written under an older version of its type, as the newest version has it.

Stored events are never rewritten. A row keeps the version that it was written under and is read as
the newest, so that nothing beyond this module ever sees an older one. A new optional field keeps
its type's version; any other change of a type raises it and comes with an upcaster from the last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lessons.errors import InvalidInput

Upcaster = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Gives data of one version as that of the next. Pure; its input is valid data of its version."""


def _activity_in_buckets(data: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 counted one span of any length; it becomes the only bucket of version 2."""
    counts = {name: count for name, count in data.items() if name not in ("start_ms", "end_ms")}
    return {
        "start_ms": data["start_ms"],
        "bucket_ms": data["end_ms"] - data["start_ms"],
        "buckets": [counts],
    }


_STATES_OF_VERSION_1 = {
    "contributing": "participating",
    "following": "reading_or_thinking",
    "idle": "unknown",
    "away": "away",
    "not_enough_evidence": "unknown",
}


def _signal_with_context(data: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 knew neither what the lesson was doing nor since when the state held."""
    return {
        **data,
        "state": _STATES_OF_VERSION_1[data["state"]],
        "since_ms": data["start_ms"],
        "context": "unknown",
        "observations": [],
    }


def _as_it_is(data: Mapping[str, Any]) -> dict[str, Any]:
    """For a version that only takes more than the last one did."""
    return dict(data)


UPCASTERS: Mapping[tuple[str, int], Upcaster] = MappingProxyType(
    {
        ("activity.counted", 1): _activity_in_buckets,
        # Since version 2 a caption can be typed: on no track, with no confidence.
        ("caption.final", 1): _as_it_is,
        ("engagement.signal", 1): _signal_with_context,
    }
)
"""By type and the version that they take; each gives the next version."""


def upcast(name: str, version: int, newest: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return data of `version` as data of the `newest` version of the type.

    Raises:
        InvalidInput: there is no such version, or the data lacks what its version demands.
    """
    if not 1 <= version <= newest:
        raise InvalidInput(
            f"{name} has the versions 1 to {newest}, not {version}.",
            field="dataschema",
            fix=f"Send `urn:lectern:event:{name}:{newest}`, or leave it out.",
        )
    for step in range(version, newest):
        try:
            data = UPCASTERS[name, step](data)
        except (KeyError, TypeError) as error:
            raise InvalidInput(
                f"The data is none of version {step} of {name}.",
                field="data",
                fix=f"Send data of version {newest}: see GET /v1/event-types/{name}.",
            ) from error
    return data
