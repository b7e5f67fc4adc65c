"""Captions in another language over the API: files, the original beside it, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from lessons.events import CaptionCorrected, CaptionTranslated, EventDraft
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final


@dataclass
class Told:
    """A lesson with two captions, of which the first has a Spanish translation."""

    services: Services
    lesson: Lesson
    learner: Participant
    pizza: str
    cake: str

    async def append(self, *drafts: EventDraft) -> None:
        await self.services.ledger.append(self.lesson.tenant_id, self.lesson.id, drafts)

    async def translate(self, caption_id: str, text: str, revision: int = 1) -> None:
        data = CaptionTranslated(
            caption_id=caption_id,
            revision=revision,
            source_language="en",
            language="es",
            text=text,
            model="opus-mt-en-es",
        )
        await self.append(EventDraft(data, None, self.learner.id))


@pytest.fixture
async def told(services: Services, lesson: Lesson, learner: Participant) -> Told:
    pizza, cake = new_id("cap"), new_id("cap")
    made = Told(services, lesson, learner, pizza, cake)
    for caption_id, text, start in ((pizza, "three quarters", 0), (cake, "of a cake", 2000)):
        data = final(text, start, start + 900, caption_id=caption_id, participant_id=learner.id)
        await made.append(EventDraft(data, start, learner.id))
    await made.translate(pizza, "tres cuartos")
    return made


async def read(api: httpx.AsyncClient, told: Told, extension: str, language: str = "es") -> str:
    path = f"/v1/lessons/{told.lesson.id}/captions.{extension}"
    response = await api.get(path, params={"language": language})
    assert response.status_code == 200, response.text
    return response.text


@pytest.mark.parametrize(
    ("extension", "translated", "original"),
    [
        ("vtt", "<v.learner Ada>tres cuartos", "<v.learner Ada><lang en>of a cake</lang>"),
        ("srt", "Ada: tres cuartos", "[en] of a cake"),
        ("txt", "Ada (learner): tres cuartos", "Ada (learner): [en] of a cake"),
    ],
)
async def test_each_caption_is_translated_where_it_is_known_and_else_marked(
    api: httpx.AsyncClient, told: Told, extension: str, translated: str, original: str
) -> None:
    text = await read(api, told, extension)
    assert translated in text
    assert original in text
    assert "three quarters" not in text


async def test_the_json_has_the_original_of_every_caption(
    api: httpx.AsyncClient, told: Told
) -> None:
    path = f"/v1/lessons/{told.lesson.id}/captions.json"
    pizza, cake = (await api.get(path, params={"language": "es"})).json()["captions"]
    assert (pizza["text"], pizza["language"]) == ("tres cuartos", "es")
    assert (pizza["original_text"], pizza["original_language"]) == ("three quarters", "en")
    assert (pizza["translated_by"], pizza["untranslated"]) == ("opus-mt-en-es", False)
    assert (cake["text"], cake["language"], cake["untranslated"]) == ("of a cake", "en", True)
    assert cake["translated_by"] is None
    plain = (await api.get(path)).json()["captions"]
    assert [one["text"] for one in plain] == ["three quarters", "of a cake"]
    assert "original_text" not in plain[0]


async def test_a_correction_is_shown_before_its_translation_and_never_with_an_older_one(
    api: httpx.AsyncClient, told: Told
) -> None:
    correction = CaptionCorrected(
        caption_id=told.pizza, revision=2, text="three quarters of it", corrected_by="key"
    )
    await told.append(EventDraft(correction, None, about=told.learner.id))
    assert "[en] three quarters of it" in await read(api, told, "txt")
    await told.translate(told.pizza, "tres cuartos de eso", revision=2)
    text = await read(api, told, "txt")
    assert "tres cuartos de eso" in text
    assert "three quarters" not in text


async def test_what_is_masked_is_masked_in_the_original_and_in_the_translation(
    api: httpx.AsyncClient, told: Told
) -> None:
    tenant_id = told.lesson.tenant_id
    rules = {"captions": {"mask_profanity": True, "masked_words": ["quarters", "cuartos"]}}
    await told.services.tenants.change(tenant_id, tenant_id, settings=rules)
    text = await read(api, told, "json")
    assert "tres ***" in text
    assert "three ***" in text
    assert "cuartos" not in text
    assert "quarters" not in text


async def test_the_language_of_the_lesson_is_the_original_unmarked(
    api: httpx.AsyncClient, told: Told
) -> None:
    assert "Ada (learner): three quarters\n" in await read(api, told, "txt", "en")


async def test_a_language_that_nobody_asked_for_is_told_in_plain_words(
    api: httpx.AsyncClient, told: Told
) -> None:
    path = f"/v1/lessons/{told.lesson.id}/captions.vtt"
    unknown = await api.get(path, params={"language": "fr"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "language")
    assert "Languages: en, es." in str(unknown.json())
    malformed = await api.get(path, params={"language": "Spanish!"})
    assert (malformed.status_code, malformed.json()["field"]) == (422, "language")


async def test_a_language_of_the_tenant_is_known_before_its_first_translation(
    api: httpx.AsyncClient, told: Told
) -> None:
    tenant_id = told.lesson.tenant_id
    settings = {"caption_translations": ["de"]}
    answer = await api.patch(f"/v1/tenants/{tenant_id}", json={"settings": settings})
    assert answer.status_code == 200, answer.text
    assert "[en] three quarters" in await read(api, told, "txt", "de")


async def test_a_setting_that_is_no_language_is_refused_by_its_name(
    api: httpx.AsyncClient, tenant_id: str, lesson: Lesson
) -> None:
    settings = {"caption_translations": ["es", "Spanish"]}
    refused = await api.patch(f"/v1/tenants/{tenant_id}", json={"settings": settings})
    assert refused.status_code == 422
    assert refused.json()["field"] == "settings.caption_translations.1"


async def test_who_may_read_captions_may_read_translations_and_nobody_else(
    api: httpx.AsyncClient, told: Told, token_of: Callable[..., str]
) -> None:
    observer = await told.services.lessons.add_participant(
        told.lesson.tenant_id, told.lesson.id, "Olu", Role.OBSERVER
    )
    headers = {"Authorization": f"Bearer {token_of(observer)}"}
    path = f"/v1/lessons/{told.lesson.id}/captions.txt"
    seen = await api.get(path, params={"language": "es"}, headers=headers)
    assert "tres cuartos" in seen.text
    other = await told.services.lessons.create_lesson(told.lesson.tenant_id, title="Another")
    stranger = await told.services.lessons.add_participant(
        told.lesson.tenant_id, other.id, "Bo", Role.LEARNER
    )
    headers = {"Authorization": f"Bearer {token_of(stranger, lesson_id=other.id)}"}
    assert (await api.get(path, params={"language": "es"}, headers=headers)).status_code in (
        403,
        404,
    )
    events = await api.get(
        f"/v1/lessons/{told.lesson.id}/events", params={"type": CaptionTranslated.type}
    )
    (event,) = [one for one in events.json()["events"] if one["type"] == CaptionTranslated.type]
    assert (event["subject"], event["data"]["text"]) == (told.learner.id, "tres cuartos")
    log = await told.services.disclosures.list_disclosures(
        told.lesson.tenant_id, told.learner.person_id
    )
    assert {one.what for one in log} >= {"captions"}
