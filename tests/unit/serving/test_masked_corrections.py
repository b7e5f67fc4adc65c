"""Putting a masked caption right: its masks keep what was said, and who sees it is on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lessons.events import CaptionFinal, EventDraft
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final

SWORN, ADDRESS = "bullshit", "ada@example.org"
SAID = f"that is {SWORN}, right too {ADDRESS}"
SHOWN = "that is ***, right too ***"
RULES: dict[str, Any] = {"captions": {"mask_profanity": True, "mask_personal_data": True}}


@pytest.fixture
async def spoken(services: Services, lesson: Lesson, learner: Participant) -> CaptionFinal:
    await services.tenants.change(lesson.tenant_id, lesson.tenant_id, settings=RULES)
    data = final(SAID, 0, 900, caption_id="cap_1", participant_id=learner.id)
    draft = EventDraft(data, 0, learner.id, id=data.caption_id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
    return data


@pytest.fixture
def path(lesson: Lesson, spoken: CaptionFinal) -> str:
    return f"/v1/lessons/{lesson.id}/captions/{spoken.caption_id}"


async def stored(services: Services, lesson: Lesson) -> str:
    caption = await services.caption_corrections.unmasked(lesson.tenant_id, lesson.id, "cap_1")
    return caption.text


async def test_a_mask_that_is_left_in_keeps_what_was_said_there(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, path: str
) -> None:
    body = {"text": SHOWN.replace("right too", "write to")}
    first = await api.post(f"{path}/corrections", json=body)
    assert first.status_code == 201
    assert first.json()["data"]["text"] == body["text"], "the answer shows what is masked no more"
    assert await stored(services, lesson) == SAID.replace("right too", "write to")
    again = {"text": body["text"] + " soon"}
    assert (await api.post(f"{path}/corrections", json=again)).status_code == 201
    assert await stored(services, lesson) == SAID.replace("right too", "write to") + " soon"
    text = (await api.get(f"/v1/lessons/{lesson.id}/captions.txt")).text
    assert "that is ***, write to *** soon" in text


async def test_a_correction_without_masks_says_all_of_it(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, path: str
) -> None:
    answer = await api.post(f"{path}/corrections", json={"text": "that is right"})
    assert answer.status_code == 201
    assert await stored(services, lesson) == "that is right"


async def test_where_one_of_two_masks_is_gone_nobody_guesses_which(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, path: str
) -> None:
    answer = await api.post(f"{path}/corrections", json={"text": "that is right, write to ***"})
    assert (answer.status_code, answer.json()["field"]) == (422, "text")
    assert SWORN not in answer.text
    assert await stored(services, lesson) == SAID


async def test_who_was_too_slow_is_not_told_what_is_masked(
    api: httpx.AsyncClient, path: str
) -> None:
    body = {"text": SHOWN, "revision": 7}
    answer = await api.post(f"{path}/corrections", json=body)
    assert answer.status_code == 409
    assert SHOWN in answer.json()["detail"]
    assert SWORN not in answer.text


async def test_without_masking_asterisks_are_asterisks(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, path: str
) -> None:
    await services.tenants.change(lesson.tenant_id, lesson.tenant_id, settings={"captions": None})
    assert (await api.post(f"{path}/corrections", json={"text": "a ***"})).status_code == 201
    assert await stored(services, lesson) == "a ***"


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.TEACHING_ASSISTANT, Role.CAPTIONER])
async def test_who_may_correct_reads_what_was_said_and_that_is_disclosed(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
    path: str,
    role: Role,
) -> None:
    reader = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ines", role)
    headers = {"Authorization": f"Bearer {token_of(reader)}"}
    answer = await api.get(f"{path}/unmasked", headers=headers)
    assert answer.json() == {"caption_id": "cap_1", "revision": 1, "text": SAID}
    seen = await services.disclosures.list_disclosures(lesson.tenant_id, learner.person_id)
    (entry,) = [one for one in seen if one.what == "unmasked captions"]
    assert (entry.actor, entry.purpose) == (reader.id, "putting a masked caption right")


@pytest.mark.parametrize("role", [Role.LEARNER, Role.OBSERVER])
async def test_nobody_else_reads_it(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    token_of: Callable[..., str],
    path: str,
    role: Role,
) -> None:
    reader = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Bo", role)
    headers = {"Authorization": f"Bearer {token_of(reader)}"}
    assert (await api.get(f"{path}/unmasked", headers=headers)).status_code == 403
    _, key = await services.api_keys.create(new_id("ten"), "of another tenant")
    headers = {"Authorization": f"Bearer {key}"}
    assert (await api.get(f"{path}/unmasked", headers=headers)).status_code == 404
    scopes = ["captions:write"]
    _, key = await services.api_keys.create(lesson.tenant_id, "it only writes", scopes=scopes)
    headers = {"Authorization": f"Bearer {key}"}
    assert (await api.get(f"{path}/unmasked", headers=headers)).status_code == 403


async def test_there_is_none_of_a_caption_that_does_not_exist(
    api: httpx.AsyncClient, lesson: Lesson, spoken: CaptionFinal
) -> None:
    answer = await api.get(f"/v1/lessons/{lesson.id}/captions/cap_2/unmasked")
    assert (answer.status_code, answer.json()["field"]) == (404, "caption_id")
