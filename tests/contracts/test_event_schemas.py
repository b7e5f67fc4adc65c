"""The published JSON schema of every event type. A change to one is a change to the contract.

After a deliberate change: `python tests/contracts/test_event_schemas.py` writes the snapshots anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from lessons.events import json_schemas

SNAPSHOTS = Path(__file__).parent / "event_schemas"
SCHEMAS = json_schemas()


def _text(name: str) -> str:
    return json.dumps(SCHEMAS[name], indent=2, ensure_ascii=False) + "\n"


def test_every_type_has_its_snapshot() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_the_published_one(name: str) -> None:
    assert (SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8") == _text(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_valid_and_has_an_example(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    data = SCHEMAS[name]["properties"]["data"]["$ref"].rsplit("/", 1)[1]
    definition = SCHEMAS[name]["$defs"][data]
    for example in definition["examples"]:
        jsonschema.validate(example, {**definition, "$defs": SCHEMAS[name]["$defs"]})


if __name__ == "__main__":
    for event_type in SCHEMAS:
        (SNAPSHOTS / f"{event_type}.json").write_text(_text(event_type), encoding="utf-8")
