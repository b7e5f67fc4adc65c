"""The event catalogue over the API."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest

from lessons.events import DATA_TYPES, FAMILIES
from lessons.records import Participant


async def test_every_type_is_listed_with_a_schema_that_its_example_fits(
    api: httpx.AsyncClient,
) -> None:
    listed = (await api.get("/v1/event-types")).json()["event_types"]
    assert [kind["type"] for kind in listed] == list(DATA_TYPES)
    for kind in listed:
        jsonschema.Draft202012Validator(kind["schema"]).validate(kind["example"])


async def test_a_family_is_listed_alone(api: httpx.AsyncClient) -> None:
    polls = (await api.get("/v1/event-types", params={"family": "polls"})).json()["event_types"]
    names = [kind["type"] for kind in polls]
    assert names == ["poll.opened", "poll.answered", "poll.closed", "poll.results"]


async def test_an_unknown_family_or_type_is_told_the_nearest(api: httpx.AsyncClient) -> None:
    family = await api.get("/v1/event-types", params={"family": "poll"})
    assert (family.status_code, family.json()["field"]) == (422, "family")
    assert "polls" in family.json()["fix"]
    kind = await api.get("/v1/event-types/hand.rised")
    assert (kind.status_code, kind.json()["field"]) == (404, "event_type")
    assert "hand.raised" in kind.json()["fix"]


async def test_one_type_says_who_posts_and_who_reads_it(api: httpx.AsyncClient) -> None:
    graded = (await api.get("/v1/event-types/assessment.graded")).json()
    assert (graded["origin"], graded["by_teachers"], graded["shared"]) == ("platform", True, False)
    assert graded["after_lesson"]
    caption = (await api.get("/v1/event-types/caption.final")).json()
    assert (caption["origin"], caption["shared"]) == ("lectern", True)


async def test_a_participant_reads_it_and_a_stranger_does_not(
    api: httpx.AsyncClient, learner: Participant, token_of: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.get("/v1/event-types", headers=headers)).status_code == 200
    del api.headers["Authorization"]
    assert (await api.get("/v1/event-types")).status_code == 401


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
async def test_the_page_that_a_type_names_is_there(api: httpx.AsyncClient, family: str) -> None:
    (first, *_) = (await api.get("/v1/event-types", params={"family": family})).json()[
        "event_types"
    ]
    page = await api.get(first["docs"])
    assert page.status_code == 200
    assert f"## `{first['type']}`" in page.text


async def test_an_unknown_page_is_not_found(api: httpx.AsyncClient) -> None:
    assert "[Polls](polls.md)" in (await api.get("/docs/events")).text
    assert (await api.get("/docs/events/polls.md")).status_code == 200
    assert (await api.get("/docs/events/nothing")).status_code == 404
