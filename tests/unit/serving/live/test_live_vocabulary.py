"""A live lesson's own words: renewed after what they are taken from has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from lessons.events import EventData, EventDraft
from lessons.events.content import ContentOpened
from lessons.events.lesson_plan import LessonPlanItemStarted
from lessons.records import Lesson, Participant
from lessons.store.vocabulary import VocabularyStore
from serving.live import live_vocabulary
from serving.live.live_lesson import LiveLesson
from serving.live.live_vocabulary import LiveVocabulary
from serving.web.services import Services


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lessons whose texts were read, in order; renewals wait for hardly anything."""
    read: list[str] = []
    original = VocabularyStore.material

    async def material(self: VocabularyStore, tenant_id: str, lesson_id: str) -> object:
        read.append(lesson_id)
        return await original(self, tenant_id, lesson_id)

    monkeypatch.setattr(VocabularyStore, "material", material)
    monkeypatch.setattr(live_vocabulary, "SETTLE_SECONDS", 0.2)
    monkeypatch.setattr(live_vocabulary, "RENEWAL_SECONDS", 0.01)
    return read


@pytest.fixture
async def live(
    services: Services, lesson: Lesson, learner: Participant, readings: list[str]
) -> AsyncIterator[LiveLesson]:
    started = await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    vocabulary = LiveVocabulary(started, services.vocabulary)
    held = LiveLesson(
        started, services.ledger, services.feed, vocabulary, lambda: None, lambda _: None
    )
    await _until(lambda: "Ada" in held.vocabulary.terms())
    yield held
    await held.close()


async def test_what_is_posted_in_mid_lesson_is_soon_among_the_words(
    services: Services, live: LiveLesson, learner: Participant
) -> None:
    assert live.vocabulary.terms() == ("fractions", "Ada")
    await _tell(services, live, LessonPlanItemStarted(item_id="1", title="Quotients"))
    await _until(lambda: live.vocabulary.terms() == ("quotients", "fractions", "Ada"))
    slide = ContentOpened(content_id="1", kind="slide", title="Reciprocals")
    await _tell(services, live, slide, who=learner.id)
    await _until(
        lambda: live.vocabulary.terms() == ("quotients", "fractions", "reciprocals", "Ada")
    )


async def test_a_class_that_opens_a_slide_one_by_one_is_read_once(
    services: Services, live: LiveLesson, learner: Participant, readings: list[str]
) -> None:
    before = len(readings)
    slide = ContentOpened(content_id="1", kind="slide", title="Reciprocals")
    for _ in range(10):
        await _tell(services, live, slide, who=learner.id)
    await _until(lambda: "reciprocals" in live.vocabulary.terms())
    assert len(readings) - before < 5


async def test_while_the_texts_cannot_be_read_the_words_stay_as_they_are(
    services: Services, lesson: Lesson
) -> None:
    elsewhere = lesson.model_copy(update={"id": "les_nowhere", "vocabulary": ["ratio"]})
    vocabulary = LiveVocabulary(elsewhere, services.vocabulary)
    task = asyncio.create_task(vocabulary.run())
    await asyncio.sleep(0.2)
    assert not task.done()
    assert vocabulary.terms() == ("ratio",)
    task.cancel()


async def _tell(
    services: Services, live: LiveLesson, data: EventData, who: str | None = None
) -> None:
    draft = EventDraft(data, None, subject=who)
    await services.ledger.append(live.lesson.tenant_id, live.lesson.id, [draft])


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)
