"""A share for every credential, told in the standard's headers; and wrong ones wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from lessons.records import Lesson, Participant
from serving.gateway import create_app
from serving.settings import Settings
from serving.web.guessing import FREE_TRIES
from serving.web.services import Services

PER_MINUTE = 6


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        token_secret="a secret of the tests, long enough to sign with",
        models_url="http://127.0.0.1:9",
        rate_limit_per_minute=PER_MINUTE,
    )


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at another address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_headers_tell_what_is_left_and_when_it_is_whole(api: httpx.AsyncClient) -> None:
    for left in range(PER_MINUTE - 1, -1, -1):
        response = await api.get("/v1/lessons")
        assert response.status_code == 200
        assert response.headers["ratelimit-policy"] == f'"key";q={PER_MINUTE};w=60'
        assert response.headers["ratelimit"].startswith(f'"key";r={left};t=')
    refused = await api.get("/v1/lessons")
    assert refused.status_code == 429
    assert refused.headers["ratelimit"].startswith('"key";r=0;t=')
    assert 1 <= int(refused.headers["retry-after"]) <= 60 // PER_MINUTE
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["content-type"] == "application/problem+json"


async def test_one_keys_share_is_not_anothers(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    for _ in range(PER_MINUTE + 1):
        last = await api.get("/v1/lessons")
    assert last.status_code == 429
    _, other = await services.api_keys.create(tenant_id, "another")
    headers = {"Authorization": f"Bearer {other}"}
    assert (await api.get("/v1/lessons", headers=headers)).status_code == 200


async def test_a_tenants_own_limit_lowers_the_installations(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    lower = {"rate_limit_per_minute": PER_MINUTE - 4}
    await services.tenants.change(tenant_id, tenant_id, settings=lower)
    first = await api.get("/v1/lessons")
    assert first.headers["ratelimit-policy"] == f'"key";q={PER_MINUTE - 4};w=60'
    await api.get("/v1/lessons")
    assert (await api.get("/v1/lessons")).status_code == 429


async def test_a_participant_has_a_share_of_their_own(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    response = await api.get(f"/v1/lessons/{lesson.id}/events", headers=headers)
    assert response.headers["ratelimit-policy"] == '"participant";q=1200;w=60'


async def test_what_needs_no_credential_has_no_share(api: httpx.AsyncClient) -> None:
    assert "ratelimit" not in (await api.get("/health")).headers


async def test_a_guesser_waits_and_the_owner_elsewhere_does_not(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, api_key: str
) -> None:
    wrong = api_key[:-1] + ("0" if api_key[-1] != "0" else "1")
    headers = {"Authorization": f"Bearer {wrong}"}
    for _ in range(FREE_TRIES + 1):
        assert (await stranger.get("/v1/lessons", headers=headers)).status_code == 401
    refused = await stranger.get("/v1/lessons", headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    own = {"Authorization": f"Bearer {api_key}"}
    assert (await stranger.get("/v1/lessons", headers=own)).status_code == 429
    assert (await api.get("/v1/lessons")).status_code == 200


async def test_forged_tokens_hold_up_nobodys_good_one(
    stranger: httpx.AsyncClient, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> None:
    events = f"/v1/lessons/{lesson.id}/events"
    forged = token_of(learner, secret="somebody else's secret of enough length")
    for _ in range(FREE_TRIES + 2):
        refused = await stranger.get(events, headers={"Authorization": f"Bearer {forged}"})
        assert refused.status_code == 401
        assert refused.headers["ratelimit-policy"].startswith('"address";')
    good = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await stranger.get(events, headers=good)).status_code == 200


async def test_an_expired_token_is_nobodys_guess(
    stranger: httpx.AsyncClient, api: httpx.AsyncClient, lesson: Lesson, learner: Participant
) -> None:
    path = f"/v1/lessons/{lesson.id}/participants/{learner.id}/token"
    token = (await api.post(path)).json()["token"]
    await api.delete(path)
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(FREE_TRIES + 3):
        response = await stranger.get(f"/v1/lessons/{lesson.id}/events", headers=headers)
        assert response.status_code == 401


@pytest.mark.parametrize("lasting", ["lk_key_1", "ls_ten.sgn.x"])
async def test_a_lasting_credential_is_not_taken_from_an_address(
    api: httpx.AsyncClient, app: FastAPI, lesson: Lesson, lasting: str
) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        path = f"/v1/lessons/{lesson.id}/events"
        refused = await client.get(path, params={"access_token": lasting})
    assert (refused.status_code, refused.json()["field"]) == (401, "access_token")
