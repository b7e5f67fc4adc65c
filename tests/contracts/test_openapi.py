"""The public API as a contract: the snapshot changes only on purpose, and says everything."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from lessons.events import EVENT_TYPES
from serving.gateway import create_app
from serving.jobs.queue import migrate_jobs
from serving.settings import Settings
from serving.web.services import open_services

SNAPSHOT = Path(__file__).parent / "openapi.json"
UPDATE = "LECTERN_UPDATE_SNAPSHOTS"
METHODS = {"get", "post", "patch", "delete", "put", "options"}
DOCUMENT = "urn:openapi"
BEFORE_SIGNING_IN = {
    ("get", "/v1/brand"),
    ("get", "/v1/sign-in"),
    ("post", "/v1/sign-in"),
    ("get", "/v1/sign-in/callback"),
}
"""What a browser asks for before anybody can have a credential."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> dict[str, Any]:
    """What /openapi.json gives: made once, for it takes seconds, and only read."""
    migrate_jobs(database_url)

    async def generate() -> dict[str, Any]:
        settings = Settings(data_dir=tmp_path_factory.mktemp("gateway"))
        async with open_services(settings, database_url) as services:
            return create_app(services).openapi()

    generated: dict[str, Any] = json.loads(json.dumps(asyncio.run(generate())))
    return generated


OTHERS_WORDS = {"/v1/audio/transcriptions": "OpenAIError", "/v1/listen": "DeepgramError"}
"""Operations whose clients are other vendors', and know errors of their vendor's shape only."""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def test_the_api_is_the_one_of_the_snapshot(document: dict[str, Any]) -> None:
    if os.environ.get(UPDATE):
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
        SNAPSHOT.write_text(f"{text}\n", "utf-8")
    snapshot = json.loads(SNAPSHOT.read_text("utf-8"))
    assert document == snapshot, f"If the change is meant: {UPDATE}=1 pytest {__file__}"


def test_every_operation_tells_its_errors_as_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation.get("description") or operation.get("summary"), (method, path)
        if not path.startswith("/v1"):
            continue
        errors = {code: body for code, body in operation["responses"].items() if code >= "400"}
        if path in OTHERS_WORDS:
            assert {"400", "401", "403", "429", "503"} <= errors.keys(), (method, path)
            schemas = [body["content"]["application/json"]["schema"] for body in errors.values()]
            assert {"$ref": f"#/components/schemas/{OTHERS_WORDS[path]}"} in schemas
            continue
        if (method, path) not in BEFORE_SIGNING_IN:
            assert {"401", "403", "422", "503"} <= errors.keys(), (method, path)
        assert "503" in errors, (method, path)
        for body in errors.values():
            schema = body["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def test_every_operation_names_its_credential_but_those_that_can_need_none(
    document: dict[str, Any],
) -> None:
    open_to_all = {
        (method, path)
        for path, method, operation in operations(document)
        if path.startswith("/v1") and {"bearer": []} not in operation.get("security", [])
    }
    assert {one for one in open_to_all if one[0] != "options"} == BEFORE_SIGNING_IN


def test_every_schema_of_a_body_has_an_example_that_is_valid(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    resource = DRAFT202012.create_resource(document)
    registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
    for name in _bodies(document):
        examples = schemas[name].get("examples")
        assert examples, f"{name} has no example"
        reference = {"$ref": f"{DOCUMENT}#/components/schemas/{name}"}
        for example in examples:
            Draft202012Validator(reference, registry=registry).validate(example)


def test_every_type_of_event_is_described(document: dict[str, Any]) -> None:
    event = document["components"]["schemas"]["Event"]
    assert event["discriminator"]["mapping"].keys() == EVENT_TYPES.keys()
    for reference in event["discriminator"]["mapping"].values():
        assert reference.rpartition("/")[2] in document["components"]["schemas"]


def _bodies(document: dict[str, Any]) -> set[str]:
    """Names of the schemas that an operation takes or gives."""
    found: set[str] = set()
    for _, _, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for media in body.get("content", {}).values():
                reference = media.get("schema", {}).get("$ref", "")
                found.add(reference.rpartition("/")[2])
    return found - {""}
