"""Captions that a person types, taking over by hand, and corrections that meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lessons.events import CaptionFinal, EventDraft
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange
from serving.web.services import Services


@pytest.fixture
async def live(services: Services, lesson: Lesson) -> Lesson:
    return await services.lessons.start_lesson(lesson.tenant_id, lesson.id)


@pytest.fixture
async def captioner(services: Services, live: Lesson) -> Participant:
    return await services.lessons.add_participant(live.tenant_id, live.id, "Noor", Role.CAPTIONER)


@pytest.fixture
def noor(captioner: Participant, token_of: Callable[..., str]) -> dict[str, str]:
    """The captioner's token."""
    return {"Authorization": f"Bearer {token_of(captioner)}"}


async def engine_hears(
    services: Services, lesson: Lesson, speaker: Participant, start_ms: int, text: str
) -> CaptionFinal:
    data = CaptionFinal.model_validate(
        dict(CaptionFinal.example)
        | {
            "caption_id": new_id("cap"),
            "participant_id": speaker.id,
            "text": text,
            "words": [],
            "start_ms": start_ms,
            "end_ms": start_ms + 900,
        }
    )
    draft = EventDraft(data, start_ms, speaker.id, id=data.caption_id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
    return data


async def test_a_captioner_types_what_was_said_and_it_is_a_final_like_any_other(
    api: httpx.AsyncClient,
    live: Lesson,
    learner: Participant,
    captioner: Participant,
    noor: dict[str, str],
) -> None:
    path = f"/v1/lessons/{live.id}/captions"
    body = {"id": "cap_mine-1", "text": "Three quarters.", "participant_id": learner.id}
    first = await api.post(path, json=body, headers=noor)
    assert first.status_code == 201
    data = first.json()["data"]
    assert (data["engine"], data["typed_by"], data["role"]) == ("human", captioner.id, "learner")
    assert (data["confidence"], data["words"], data["finalised_at_ms"]) == (None, [], None)
    assert data["end_ms"] - data["start_ms"] >= 1_000
    again = await api.post(path, json=body, headers=noor)
    assert (again.status_code, again.json()["data"]) == (200, data)
    other = await api.post(path, json=body | {"text": "Something else."}, headers=noor)
    assert (other.status_code, other.json()["field"]) == (409, "id")
    text = (await api.get(f"{path}.txt")).text
    assert "Ada (learner): Three quarters." in text
    assert "Three quarters." in (await api.get(f"{path}.vtt")).text


async def test_a_caption_that_is_masked_may_be_sent_again_as_well(
    api: httpx.AsyncClient, services: Services, live: Lesson, noor: dict[str, str]
) -> None:
    rules = {"captions": {"mask_profanity": True, "masked_words": ["quarters"]}}
    await services.tenants.change(live.tenant_id, live.tenant_id, settings=rules)
    path = f"/v1/lessons/{live.id}/captions"
    body = {"id": "cap_mine-1", "text": "Three quarters."}
    assert (await api.post(path, json=body, headers=noor)).status_code == 201
    again = await api.post(path, json=body, headers=noor)
    assert (again.status_code, again.json()["data"]["text"]) == (200, "Three ***.")
    other = await api.post(path, json=body | {"text": "Three *** halves."}, headers=noor)
    assert other.status_code == 409


async def test_what_nobody_in_particular_said_is_unattributed(
    api: httpx.AsyncClient, live: Lesson, noor: dict[str, str]
) -> None:
    path = f"/v1/lessons/{live.id}/captions"
    said = [await api.post(path, json={"text": "[Laughter]"}, headers=noor) for _ in range(2)]
    speakers = {one.json()["data"]["participant_id"] for one in said}
    assert len(speakers) == 1
    assert said[0].json()["data"]["participant_name"] == "Unattributed"


async def test_a_typed_caption_is_refused_where_the_engine_s_would_be(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    path = f"/v1/lessons/{lesson.id}/captions"
    body = {"text": "x", "participant_id": learner.id}
    early = await api.post(path, json=body)
    assert (early.status_code, early.json()["field"]) == (409, "lesson_id")
    await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    ada = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.post(path, json=body, headers=ada)).status_code == 403
    backwards = await api.post(path, json=body | {"start_ms": 900, "end_ms": 300})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "end_ms")
    future = await api.post(path, json=body | {"start_ms": 2_000_000_000, "end_ms": 2_000_000_000})
    assert (future.status_code, future.json()["field"]) == (422, "lessontimems")
    change = ConsentChange(
        learner.person_id, lesson.id, [Purpose.CAPTIONS], False, None, learner.id
    )
    await services.consent_changes.decide(lesson.tenant_id, change)
    refused = await api.post(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_missing")


async def test_a_captioner_reads_captions_and_nothing_that_is_personal(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    noor: dict[str, str],
) -> None:
    said = await engine_hears(services, live, learner, 1_000, "three quarters")
    answer = {
        "id": "answer-1",
        "type": "assessment.item_answered",
        "subject": learner.id,
        "data": {"item_id": "q1", "correct": False},
    }
    posted = await api.post(f"/v1/lessons/{live.id}/events", json=answer)
    assert posted.json()["results"][0]["status"] == 201
    page = await api.get(f"/v1/lessons/{live.id}/events", headers=noor)
    types = [event["type"] for event in page.json()["events"]]
    assert "caption.final" in types
    assert "assessment.item_answered" not in types
    path = f"/v1/lessons/{live.id}/captions/{said.caption_id}/corrections"
    assert (await api.post(path, json={"text": "x"}, headers=noor)).status_code == 201
    for denied in (
        api.get(f"/v1/learners/{learner.person_id}/progress", headers=noor),
        api.get(f"/v1/lessons/{live.id}/briefing", headers=noor),
        api.post(f"/v1/lessons/{live.id}/events", json=answer, headers=noor),
        api.post(f"/v1/lessons/{live.id}/end", headers=noor),
    ):
        assert (await denied).status_code == 403


async def test_while_a_captioner_types_the_engine_s_captions_are_left_out(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    captioner: Participant,
    noor: dict[str, str],
) -> None:
    base = f"/v1/lessons/{live.id}"
    await engine_hears(services, live, learner, 0, "BEFORE")
    taken = await api.put(f"{base}/captioner", json={}, headers=noor)
    assert (taken.status_code, taken.json()["participant_id"]) == (200, captioner.id)
    since = taken.json()["since_ms"]
    again = await api.put(f"{base}/captioner", json={"participant_id": captioner.id})
    assert again.json() == taken.json()
    await engine_hears(services, live, learner, since + 10, "DURING")
    await engine_hears(services, live, learner, since + 31_000, "CAPTIONER SILENT")
    typed = {"text": "by hand", "participant_id": learner.id}
    assert (await api.post(f"{base}/captions", json=typed, headers=noor)).status_code == 201
    text = (await api.get(f"{base}/captions.txt")).text
    assert "by hand" in text
    assert "CAPTIONER SILENT" in text
    assert "DURING" not in text
    full = (await api.get(f"{base}/captions.json")).json()["captions"]
    marked = {one["text"]: one["superseded"] for one in full}
    assert marked == {
        "BEFORE": False,
        "DURING": True,
        "CAPTIONER SILENT": False,
        "by hand": False,
    }
    for _ in range(2):
        assert (await api.delete(f"{base}/captioner", headers=noor)).status_code == 204
    types = [
        event["type"]
        for event in (await api.get(f"{base}/events")).json()["events"]
        if event["type"].startswith("captioner.")
    ]
    assert types == ["captioner.took_over", "captioner.handed_back"]


async def test_taking_over_needs_somebody_who_may_type(
    api: httpx.AsyncClient, live: Lesson, learner: Participant
) -> None:
    path = f"/v1/lessons/{live.id}/captioner"
    nobody = await api.put(path, json={})
    assert (nobody.status_code, nobody.json()["field"]) == (422, "participant_id")
    child = await api.put(path, json={"participant_id": learner.id})
    assert (child.status_code, child.json()["field"]) == (422, "participant_id")
    made = await api.patch(
        f"/v1/lessons/{live.id}/participants/{learner.id}", json={"role": "captioner"}
    )
    assert made.status_code == 200
    assert (await api.put(path, json={"participant_id": learner.id})).status_code == 200


async def test_of_corrections_that_meet_each_gets_a_revision_of_its_own(
    api: httpx.AsyncClient, services: Services, live: Lesson, learner: Participant
) -> None:
    said = await engine_hears(services, live, learner, 0, "first")
    path = f"/v1/lessons/{live.id}/captions/{said.caption_id}/corrections"
    answers = await asyncio.gather(
        *(api.post(path, json={"text": f"text {number}"}) for number in range(12))
    )
    revisions = sorted(answer.json()["data"]["revision"] for answer in answers)
    assert revisions == list(range(said.revision + 1, said.revision + 13))


async def test_who_corrected_what_stands_no_more_is_told_what_does(
    api: httpx.AsyncClient, services: Services, live: Lesson, learner: Participant
) -> None:
    said = await engine_hears(services, live, learner, 0, "first")
    path = f"/v1/lessons/{live.id}/captions/{said.caption_id}/corrections"

    async def correct(text: str) -> httpx.Response:
        return await api.post(path, json={"text": text, "revision": said.revision})

    answers = await asyncio.gather(*(correct(f"text {number}") for number in range(8)))
    [taken] = [answer for answer in answers if answer.status_code == 201]
    refused: list[dict[str, Any]] = [one.json() for one in answers if one.status_code == 409]
    assert len(refused) == 7
    assert all(taken.json()["data"]["text"] in one["detail"] for one in refused)
    assert {one["field"] for one in refused} == {"revision"}
