"""The decision matrix where it counts: every operation asks it, and does what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from lessons.errors import NotAllowed
from lessons.policy import MATRIX, Access, Action, Credential, Resource, Situation, decide
from lessons.policy.matrix import Cell
from lessons.roles import Role
from serving.web import authorization
from serving.web.services import Services
from tests.unit.serving.operations import Operation, operations_of
from tests.unit.serving.test_cross_tenant import in_order, request_of, with_headers
from tests.unit.serving.whole_tenant import WholeTenant, build_tenant

ABOUT_THE_CALLER = {
    "GET /v1/me",
    "GET /v1/me/sign-ins",
    "DELETE /v1/me/sign-ins/{sign_in_id}",
    "POST /v1/sign-out",
}
"""Everybody may ask who they are, and end what they began."""

THE_SAME_FOR_EVERYBODY = {"GET /v1/event-types", "GET /v1/event-types/{event_type}"}


@dataclass
class Decisions:
    """What was asked while one request was served, and what of it was denied."""

    asked: set[Cell] = field(default_factory=set)
    denied: set[Cell] = field(default_factory=set)


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> Decisions:
    """Listens to the policy, which decides as ever."""
    heard = Decisions()

    def listening(
        credential: Credential, action: Action, resource: Resource, situation: Situation
    ) -> Access:
        heard.asked.add((resource, action))
        try:
            return decide(credential, action, resource, situation)
        except NotAllowed:
            heard.denied.add((resource, action))
            raise

    monkeypatch.setattr(authorization, "decide", listening)
    return heard


@pytest.fixture
async def tenant(services: Services, api: httpx.AsyncClient, tenant_id: str) -> WholeTenant:
    return await build_tenant(services, api, tenant_id)


async def call(
    api: httpx.AsyncClient, operation: Operation, tenant: WholeTenant, token: str
) -> httpx.Response:
    request = request_of(operation, tenant.identifiers, tenant.identifiers)
    return await api.request(**with_headers(request, {"Authorization": f"Bearer {token}"}))


@pytest.mark.timeout(300)  # hundreds of requests: 8 s on a machine of one's own
async def test_every_operation_asks_the_matrix_and_does_what_it_says(
    app: FastAPI, api: httpx.AsyncClient, decisions: Decisions, tenant: WholeTenant
) -> None:
    asked: dict[str, set[Cell]] = {}
    wrong: list[str] = []
    tokens = (
        tenant.tokens[Role.OBSERVER],
        tenant.tokens[Role.GUARDIAN],
        tenant.sign_ins[Role.LEARNER],
        tenant.sign_ins[Role.INSTITUTIONAL_CLIENT],
        tenant.key,
    )
    for token in tokens:
        for operation in in_order([one for one in operations_of(app) if not one.is_open]):
            decisions.asked.clear()
            decisions.denied.clear()
            response = await call(api, operation, tenant, token)
            asked.setdefault(str(operation), set()).update(decisions.asked)
            if decisions.denied and response.status_code != 403:
                wrong.append(f"{operation}: {response.status_code} {response.text[:200]}")
    assert not wrong
    silent = {name for name, cells in asked.items() if not cells}
    assert silent <= ABOUT_THE_CALLER | THE_SAME_FOR_EVERYBODY
    known = set().union(*asked.values())
    assert known - set(MATRIX) == set(), "asked, but not in the matrix"
    assert set(MATRIX) - known == set(), "in the matrix, but asked by no operation"
