"""Schemathesis over the whole API: no 5xx, no undocumented status, no body of another shape.

It runs as its users run it, from its command line and in a process of its own, against a gateway on
a real PostgreSQL. Seed and limits are fixed, so that the same code meets the same requests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lessons.identifiers import new_id
from lessons.roles import Role
from tests.contracts.gateway_thread import GatewayThread, gateway_thread

HERE = Path(__file__).parent
HOOKS = "schemathesis_hooks"

SECONDS = 480
"""On a quiet machine a run takes an eighth of it; one that hangs ends here."""

CASES_PER_OPERATION = 6
SEED = 20261122

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)

CONFIGURATION = """
[checks.not_a_server_error]
# No ingest worker and no model runs here: saying so with Retry-After is what the contract says.
expected-statuses = ["2xx", "3xx", "4xx", "503"]

[parameters]
{parameters}
"""


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[GatewayThread]:
    with gateway_thread(database_url, tmp_path) as running:
        yield running


@pytest.fixture
def tenant_id() -> str:
    return new_id("ten")


@pytest.fixture
def api_key(gateway: GatewayThread, tenant_id: str) -> str:
    _, key = gateway.call(gateway.services.api_keys.create(tenant_id, "fuzzing"))
    return str(key)


@pytest.fixture
def known_ids(gateway: GatewayThread, tenant_id: str) -> dict[str, str]:
    """Path parameters that exist, so that requests come further than 404."""
    lessons = gateway.services.lessons
    lesson = gateway.call(lessons.create_lesson(tenant_id, title="Fractions"))
    gateway.call(lessons.start_lesson(tenant_id, lesson.id))
    learner = gateway.call(lessons.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER))
    return {
        "lesson_id": lesson.id,
        "participant_id": learner.id,
        "person_id": learner.person_id,
        "learner_id": learner.person_id,
    }


def fuzz(gateway: GatewayThread, api_key: str, folder: Path, known: dict[str, str]) -> str | None:
    """Run Schemathesis; return None where all is well, else what it says."""
    parameters = "\n".join(f'"path.{name}" = "{value}"' for name, value in known.items())
    config = folder / "schemathesis.toml"
    config.write_text(CONFIGURATION.format(parameters=parameters), "utf-8")
    argv = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(f"{gateway.url}/openapi.json", "--header", f"Authorization: Bearer {api_key}"),
        *("--checks", ",".join(CHECKS), "--seed", str(SEED), "--no-shrink"),
        *("--max-examples", str(CASES_PER_OPERATION), "--continue-on-failure"),
        *("--phases", "coverage,fuzzing,stateful"),
        *("--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "10"),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(HERE)}
    run = subprocess.run(
        argv,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return None if run.returncode == 0 else run.stdout + run.stderr


@pytest.mark.timeout(SECONDS + 60)
def test_no_request_breaks_the_contract(
    gateway: GatewayThread, api_key: str, tmp_path: Path, known_ids: dict[str, str]
) -> None:
    complaint = fuzz(gateway, api_key, tmp_path, known_ids)
    if complaint:
        pytest.fail(complaint, pytrace=False)
