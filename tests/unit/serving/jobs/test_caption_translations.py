"""Translations of captions: by a real model over HTTP, into the ledger of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from lessons.events import (
    CaptionCorrected,
    CaptionerTookOver,
    CaptionTranslated,
    EventDraft,
    LearningEvent,
)
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.erasure import ErasureStore
from lessons.store.tenants import TenantStore
from lessons.takeovers import HUMAN
from models.translation.selection import TranslationModels, load_translation
from serving.jobs.queue import TRANSLATE_CAPTIONS, job_app
from serving.jobs.translation_worker import TranslationWork, open_translation_work
from serving.observability.jobs_metrics import JobsMetrics
from serving.settings import Settings
from tests.unit.integrations.captions.spoken import final
from tests.unit.models.translation.conftest import marian_folder
from tests.unit.serving.translation.translating import LocalTranslator, running_models_process

__all__ = ["marian_folder"]

PIZZA, CAKE, BOOKS = "three quarters of a pizza", "half of the cake", "Open your books."


@pytest.fixture(scope="module")
def models(marian_folder: Path) -> TranslationModels:
    return load_translation([str(marian_folder)], 1)


@dataclass
class World:
    """A lesson of a tenant whose captions are translated into Spanish."""

    settings: Settings
    url: str
    database: Database
    work: TranslationWork
    metrics: JobsMetrics
    translator: LocalTranslator
    lesson: Lesson
    speaker: Participant

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    async def say(self, text: str, **changes: object) -> str:
        caption_id = new_id("cap")
        told = {"participant_id": self.speaker.id, "caption_id": caption_id} | changes
        data = final(text, 0, 900, **told)
        await self.append(EventDraft(data, 0, str(told["participant_id"]), id=caption_id))
        return caption_id

    async def correct(self, caption_id: str, text: str, revision: int = 2) -> None:
        data = CaptionCorrected(
            caption_id=caption_id, revision=revision, text=text, corrected_by="key"
        )
        await self.append(EventDraft(data, None, about=self.speaker.id))

    async def append(self, draft: EventDraft) -> None:
        await Ledger(self.database).append(*self.where, [draft])

    async def set(self, **settings: object) -> None:
        tenant_id = self.lesson.tenant_id
        await TenantStore(self.database).change(tenant_id, tenant_id, settings=settings)

    async def translate(self) -> None:
        await self.work.captions.translate(*self.where)

    async def events(self) -> list[LearningEvent]:
        return await Ledger(self.database).read(*self.where, types=[CaptionTranslated.type])

    async def texts(self) -> list[str]:
        return [
            one.data.text for one in await self.events() if isinstance(one.data, CaptionTranslated)
        ]

    def counted(self, outcome: str) -> float:
        value = self.metrics.registry.get_sample_value(
            "lectern_caption_translations_total", {"outcome": outcome}
        )
        return value or 0

    async def waiting(self) -> bool:
        """Whether a job waits to try again."""
        app = job_app(self.url)
        async with app.open_async():
            jobs = await app.job_manager.list_jobs_async(task=TRANSLATE_CAPTIONS, status="todo")
        return any(job.task_kwargs["lesson_id"] == self.lesson.id for job in jobs)


@asynccontextmanager
async def opened_work(
    settings: Settings, url: str, database: Database, metrics: JobsMetrics
) -> AsyncIterator[TranslationWork]:
    async with (
        LiveFeed(url) as feed,
        open_translation_work(settings, url, database, feed, metrics=metrics) as work,
    ):
        yield work


@pytest.fixture
async def world(
    settings: Settings, served_database: str, models: TranslationModels
) -> AsyncIterator[World]:
    tenant_id = new_id("ten")
    database = Database(served_database, master_key=settings.sealing_key())
    lessons = LessonStore(database)
    await TenantStore(database).change(
        tenant_id, tenant_id, settings={"caption_translations": ["es"]}
    )
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    speaker = await lessons.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
    translator, metrics = LocalTranslator(models), JobsMetrics()
    async with running_models_process(translator) as models_url:
        reached = settings.model_copy(update={"models_url": models_url})
        async with opened_work(reached, served_database, database, metrics) as work:
            yield World(
                reached, served_database, database, work, metrics, translator, lesson, speaker
            )
    await database.dispose()


async def test_finals_are_translated_and_stay_as_they_are(world: World) -> None:
    pizza, cake = await world.say(PIZZA), await world.say(CAKE)
    await world.translate()
    events = await world.events()
    told = {
        one.data.caption_id: one.data for one in events if isinstance(one.data, CaptionTranslated)
    }
    assert told[pizza].text == "tres cuartos de una pizza"
    assert told[cake].text == "la mitad del pastel"
    assert (told[cake].revision, told[cake].source_language, told[cake].language) == (1, "en", "es")
    assert told[cake].model == "opus-mt-en-es"
    assert {one.subject for one in events} == {world.speaker.id}
    assert world.counted("done") == 2
    finals = await Ledger(world.database).read(*world.where, types=["caption.final"])
    assert [one.to_wire()["data"]["text"] for one in finals] == [PIZZA, CAKE]


async def test_nothing_is_translated_twice_not_even_by_another_process(world: World) -> None:
    await world.say(PIZZA)
    await world.translate()
    await world.translate()
    async with opened_work(world.settings, world.url, world.database, JobsMetrics()) as restarted:
        await restarted.captions.translate(*world.where)
    assert await world.texts() == ["tres cuartos de una pizza"]
    assert len(world.translator.asked) == 1


async def test_a_correction_is_translated_again(world: World) -> None:
    caption_id = await world.say(PIZZA)
    await world.translate()
    await world.correct(caption_id, CAKE)
    await world.translate()
    assert await world.texts() == ["tres cuartos de una pizza", "la mitad del pastel"]
    assert [one.to_wire()["data"]["revision"] for one in await world.events()] == [1, 2]


async def test_only_the_newest_revision_is_translated(world: World) -> None:
    caption_id = await world.say(PIZZA)
    await world.correct(caption_id, CAKE)
    await world.translate()
    assert await world.texts() == ["la mitad del pastel"]


async def test_what_was_said_last_goes_first(world: World) -> None:
    for text in (PIZZA, CAKE, BOOKS):
        await world.say(text)
    await world.translate()
    assert [one.text for one in world.translator.asked] == [BOOKS, CAKE, PIZZA]


async def test_the_jobs_process_translates_by_itself_over_an_outage_and_a_restart(
    world: World,
) -> None:
    async def until(number: int) -> None:
        async with asyncio.timeout(20):
            while len(await world.texts()) < number:
                await asyncio.sleep(0.05)

    app = job_app(world.url)
    world.work.register(app)
    async with app.open_async(), world.work.working(app, poll_seconds=0.1):
        await world.say(PIZZA)
        await until(1)
        world.translator.away = True
        caption_id = await world.say(CAKE)
    await world.correct(caption_id, BOOKS)  # Nobody follows now.
    world.translator.away = False
    app = job_app(world.url)
    async with opened_work(world.settings, world.url, world.database, JobsMetrics()) as restarted:
        restarted.register(app)
        async with app.open_async(), restarted.working(app, poll_seconds=0.1):
            await until(2)
    assert await world.texts() == ["tres cuartos de una pizza", "Abrid los libros."]


async def test_an_outage_loses_nothing_and_is_tried_again(world: World) -> None:
    world.translator.away = True
    await world.say(PIZZA)
    await world.translate()
    assert await world.texts() == []
    assert await world.waiting()
    world.translator.away = False
    await world.translate()
    assert await world.texts() == ["tres cuartos de una pizza"]


async def test_a_models_process_that_is_away_is_tried_again(world: World) -> None:
    gone = world.settings.model_copy(update={"models_url": "http://127.0.0.1:9"})
    await world.say(PIZZA)
    async with opened_work(gone, world.url, world.database, JobsMetrics()) as work:
        await work.captions.translate(*world.where)
    assert await world.waiting()


async def test_a_pair_that_no_model_has_is_counted_and_told_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.set(caption_translations=["fr"])
    with caplog.at_level(logging.WARNING, logger="serving.jobs"):
        for text in (PIZZA, CAKE):
            await world.say(text)
            await world.translate()
    assert await world.texts() == []
    assert world.counted("not_offered") == 2
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"captions of lesson {world.lesson.id} from en into fr: "
        "no loaded model has this pair of languages"
    ]
    assert not await world.waiting()


async def test_without_a_translator_captions_go_on_and_nobody_tries_for_ever(world: World) -> None:
    async with running_models_process(None) as models_url:
        without = world.settings.model_copy(update={"models_url": models_url})
        async with opened_work(without, world.url, world.database, world.metrics) as work:
            await world.say(PIZZA)
            await work.captions.translate(*world.where)
    assert world.counted("not_offered") == 1
    assert not await world.waiting()


async def test_what_is_in_the_language_already_is_left_alone(world: World) -> None:
    await world.say("abrid los libros", language="es")
    await world.translate()
    assert world.translator.asked == []


async def test_what_is_masked_never_comes_to_the_model_and_later_rules_mask_it_too(
    world: World,
) -> None:
    await world.set(captions={"mask_personal_data": True})
    await world.say(f"{CAKE} ada@example.org")
    await world.say("ada@example.org")
    await world.translate()
    assert [one.text for one in world.translator.asked] == [f"{CAKE} ***"]
    assert "ada@example.org" not in " ".join(await world.texts())
    await world.set(captions={"mask_profanity": True, "masked_words": ["pastel"]})
    caption_id = await world.say(CAKE)
    await world.translate()
    (masked,) = [
        one.data
        for one in await world.events()
        if isinstance(one.data, CaptionTranslated) and one.data.caption_id == caption_id
    ]
    assert masked.text == "la mitad del ***"


async def test_it_is_sealed_under_the_speaker_and_erased_with_them(world: World) -> None:
    await world.say(PIZZA)
    await world.translate()
    async with world.database.transaction(world.lesson.tenant_id) as connection:
        row = (
            await connection.execute(
                sql("SELECT data, person_id FROM learning_events WHERE type = :type"),
                {"type": CaptionTranslated.type},
            )
        ).one()
    assert row.data is None
    await world.say(CAKE)  # Nothing has translated this one yet.
    await ErasureStore(world.database).erase(world.lesson.tenant_id, row.person_id, "tests")
    await world.translate()
    assert await world.texts() == []
    assert len(world.translator.asked) == 1, "no erased word goes to the model"


async def test_who_takes_back_the_consent_to_captions_is_translated_no_more(world: World) -> None:
    await world.say(PIZZA)
    speaker = world.speaker
    refusal = ConsentChange(speaker.person_id, None, [Purpose.CAPTIONS], False, None, speaker.id)
    await ConsentChanges(world.database).decide(world.lesson.tenant_id, refusal)
    await world.translate()
    assert (await world.texts(), world.translator.asked) == ([], [])
    assert world.counted("withheld") == 1


async def test_what_a_captioner_superseded_is_not_translated(world: World) -> None:
    took_over = CaptionerTookOver(name="Noor", asked_by="key")
    await world.append(EventDraft(took_over, 0, world.speaker.id))
    await world.say(PIZZA)
    await world.say(CAKE, engine=HUMAN, model=HUMAN)
    await world.translate()
    assert await world.texts() == ["la mitad del pastel"]


async def test_a_tenant_that_translates_nothing_has_no_translations(world: World) -> None:
    await world.set(caption_translations=[])
    await world.say(PIZZA)
    await world.translate()
    assert (await world.texts(), world.translator.asked) == ([], [])
