"""Captions as files, and their correction."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from lessons.events import CaptionFinal, EventDraft
from lessons.records import Lesson, Participant
from serving.web.services import Services


@pytest.fixture
async def caption(services: Services, lesson: Lesson, learner: Participant) -> CaptionFinal:
    said = dict(CaptionFinal.example) | {"participant_id": learner.id}
    final = CaptionFinal.model_validate(said)
    draft = EventDraft(final, final.finalised_at_ms, learner.id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
    return final


@pytest.mark.parametrize(
    ("extension", "media_type", "text"),
    [
        ("vtt", "text/vtt; charset=utf-8", "<v.learner Ada>"),
        ("srt", "application/x-subrip", "00:00:12,000 --> 00:00:12,900"),
        ("txt", "text/plain; charset=utf-8", "three quarters"),
        ("json", "application/json", '"three quarters"'),
    ],
)
async def test_captions_are_read_in_four_formats(
    api: httpx.AsyncClient,
    lesson: Lesson,
    caption: CaptionFinal,
    extension: str,
    media_type: str,
    text: str,
) -> None:
    response = await api.get(f"/v1/lessons/{lesson.id}/captions.{extension}")
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert text in response.text


async def test_a_lesson_without_captions_gives_an_empty_file(
    api: httpx.AsyncClient, lesson: Lesson
) -> None:
    response = await api.get(f"/v1/lessons/{lesson.id}/captions.vtt")
    assert response.text.strip() == "WEBVTT"


async def test_an_unknown_format_is_refused(api: httpx.AsyncClient, lesson: Lesson) -> None:
    response = await api.get(f"/v1/lessons/{lesson.id}/captions.doc")
    assert response.status_code == 422
    assert "vtt" in response.json()["detail"]


async def test_a_correction_holds_from_then_on(
    api: httpx.AsyncClient, lesson: Lesson, caption: CaptionFinal
) -> None:
    path = f"/v1/lessons/{lesson.id}/captions/{caption.caption_id}/corrections"
    first = await api.post(path, json={"text": "three quarters of it", "reason": "cut off"})
    assert first.status_code == 201
    assert first.json()["type"] == "caption.corrected"
    assert first.json()["data"]["revision"] == caption.revision + 1
    second = await api.post(path, json={"text": "three quarters of a cake"})
    assert second.json()["data"]["revision"] == caption.revision + 2
    text = (await api.get(f"/v1/lessons/{lesson.id}/captions.txt")).text
    assert "three quarters of a cake" in text


async def test_a_correction_of_nothing_or_by_a_learner_is_refused(
    api: httpx.AsyncClient,
    lesson: Lesson,
    learner: Participant,
    caption: CaptionFinal,
    token_of: Callable[..., str],
) -> None:
    base = f"/v1/lessons/{lesson.id}/captions"
    missing = await api.post(f"{base}/cap_x/corrections", json={"text": "x"})
    assert (missing.status_code, missing.json()["field"]) == (404, "caption_id")
    path = f"{base}/{caption.caption_id}/corrections"
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.post(path, json={"text": "x"}, headers=headers)).status_code == 403
    people = f"/v1/lessons/{lesson.id}/participants"
    added = await api.post(people, json={"name": "Ines", "role": "instructor"})
    instructor = Participant.model_validate(added.json())
    teacher = {"Authorization": f"Bearer {token_of(instructor)}"}
    corrected = await api.post(path, json={"text": "x"}, headers=teacher)
    assert corrected.json()["data"]["corrected_by"] == instructor.id
    assert (await api.post(path, json={"text": ""})).json()["field"] == "text"
