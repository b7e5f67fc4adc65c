"""A lesson's own words over the API: from whatever was posted, and to whom they are shown."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from lessons.events import CaptionFinal, EventDraft
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services


async def test_posted_slides_plans_and_corrections_become_terms_with_their_sources(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, learner: Participant
) -> None:
    await _post(api, lesson, "lesson_plan.item_started", {"item_id": "1", "title": "Prophase"})
    slide = {"content_id": "1", "kind": "slide", "text": "The spindle and the centromere"}
    await _post(api, lesson, "content.opened", slide, subject=learner.id)
    await _correct(api, services, lesson, learner, "the my toes is", "the mitosis")
    terms = await _terms(api, lesson)
    assert terms == {
        "mitosis": "correction",
        "prophase": "plan",
        "fractions": "plan",
        "spindle": "content",
        "centromere": "content",
        "Ada": "roster",
    }


async def test_a_learner_sees_no_terms_of_corrections_and_a_stranger_none_at_all(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    await _correct(api, services, lesson, learner, "the my toes is", "the mitosis")
    learners = {"Authorization": f"Bearer {token_of(learner)}"}
    assert await _terms(api, lesson, learners) == {"fractions": "plan", "Ada": "roster"}
    teacher = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Ines", Role.INSTRUCTOR
    )
    teachers = {"Authorization": f"Bearer {token_of(teacher)}"}
    assert "mitosis" in await _terms(api, lesson, teachers)
    other = await services.lessons.create_lesson(lesson.tenant_id, title="Elsewhere")
    refused = await api.get(f"/v1/lessons/{other.id}/vocabulary", headers=learners)
    assert refused.status_code == 403
    missing = await api.get("/v1/lessons/les_x/vocabulary")
    assert (missing.status_code, missing.json()["field"]) == (404, "lesson_id")


async def _terms(
    api: httpx.AsyncClient, lesson: Lesson, headers: dict[str, str] | None = None
) -> dict[str, str]:
    response = await api.get(f"/v1/lessons/{lesson.id}/vocabulary", headers=headers)
    assert response.status_code == 200, response.text
    return {term["text"]: term["source"] for term in response.json()["terms"]}


async def _post(
    api: httpx.AsyncClient, lesson: Lesson, name: str, data: dict[str, str], **more: str
) -> None:
    body = {"id": f"posted-{name}", "type": name, "data": data, **more}
    (await api.post(f"/v1/lessons/{lesson.id}/events", json=body)).raise_for_status()


async def _correct(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    heard: str,
    said: str,
) -> None:
    fields = dict(CaptionFinal.example) | {"participant_id": learner.id, "text": heard}
    final = CaptionFinal.model_validate(fields)
    draft = EventDraft(final, final.finalised_at_ms, learner.id, id=final.caption_id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
    path = f"/v1/lessons/{lesson.id}/captions/{final.caption_id}/corrections"
    (await api.post(path, json={"text": said})).raise_for_status()
