"""What a lesson's own words are taken from, as the store gathers it."""

from __future__ import annotations

import pytest

from lessons.events import CaptionCorrected, CaptionFinal, EventData, EventDraft
from lessons.events.content import ContentOpened
from lessons.events.lesson_plan import LessonPlanItemStarted
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.courses import CourseStore
from lessons.store.curricula import CurriculumStore
from lessons.store.erasure import ErasureStore
from lessons.store.objectives import ObjectiveStore
from lessons.store.vocabulary import COURSE_LESSONS, VocabularyStore
from lessons.vocabulary import Correction, Material


@pytest.fixture
def store(database: Database) -> VocabularyStore:
    return VocabularyStore(database)


class Class:
    """A course whose lessons are told of."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self._lessons, self._ledger = LessonStore(database), Ledger(database)
        self._tenant_id = tenant_id

    async def lesson(self, course_id: str | None = None, **fields: str) -> Lesson:
        title = fields.get("title", "A lesson")
        return await self._lessons.create_lesson(
            self._tenant_id, title=title, course_id=course_id, vocabulary=["ratio"]
        )

    async def tell(self, lesson: Lesson, *data: EventData, who: str | None = None) -> None:
        drafts = [EventDraft(each, 0, subject=who) for each in data]
        await self._ledger.append(self._tenant_id, lesson.id, drafts)

    async def correct(self, lesson: Lesson, learner: Participant, heard: str, *said: str) -> None:
        """Caption what was heard, then put it right, again and again."""
        fields = dict(CaptionFinal.example) | {"participant_id": learner.id, "text": heard}
        caption_id = f"cap_{lesson.id}_{heard}"
        final = CaptionFinal.model_validate(fields | {"caption_id": caption_id})
        draft = EventDraft(final, 0, learner.id, id=caption_id)
        await self._ledger.append(self._tenant_id, lesson.id, [draft])
        for revision, text in enumerate(said, start=final.revision + 1):
            data = CaptionCorrected(
                caption_id=caption_id, revision=revision, text=text, corrected_by="key"
            )
            correction = EventDraft(data, 0, about=learner.id)
            await self._ledger.append(self._tenant_id, lesson.id, [correction])


@pytest.fixture
def class_(database: Database, tenant_id: str) -> Class:
    return Class(database, tenant_id)


async def test_a_lesson_alone_has_its_list_its_title_and_its_people(
    store: VocabularyStore, class_: Class, lesson_store: LessonStore
) -> None:
    lesson = await class_.lesson(title="Mitosis")
    for name in ("Ada", "Bea"):
        await lesson_store.add_participant(lesson.tenant_id, lesson.id, name, Role.LEARNER)
    assert await store.material(lesson.tenant_id, lesson.id) == Material(
        "en", explicit=("ratio",), plan=("Mitosis",), names=("Bea", "Ada")
    )


async def test_plan_and_content_come_newest_first_and_once(
    store: VocabularyStore, class_: Class, lesson: Lesson, learner: Participant
) -> None:
    slide = ContentOpened(content_id="1", kind="slide", title="Prophase", text="Spindle fibres")
    other = ContentOpened(content_id="2", kind="slide", title="Anaphase")
    items = [LessonPlanItemStarted(item_id=str(n), title=f"Part {n}") for n in (1, 2)]
    await class_.tell(lesson, items[0], items[1])
    await class_.tell(lesson, slide, slide, other, who=learner.id)
    material = await store.material(lesson.tenant_id, lesson.id)
    assert material.plan == ("Part 2", "Part 1", "Fractions")
    assert material.content == ("Anaphase", "Prophase", "Spindle fibres")


async def test_objectives_that_are_named_go_before_the_rest_of_the_course(
    store: VocabularyStore, class_: Class, database: Database, tenant_id: str
) -> None:
    curriculum = await CurriculumStore(database).create(tenant_id, "Biology")
    objectives = ObjectiveStore(database)
    for code in ("cells", "roots", "leaves"):
        await objectives.create(
            tenant_id, curriculum.id, code=code, statement=f"Statement of {code}"
        )
    course = await CourseStore(database).create(
        tenant_id, title="Biology 7", curriculum_id=curriculum.id
    )
    lesson = await class_.lesson(course.id, title="Today")
    item = LessonPlanItemStarted(item_id="1", title="First", objective_ids=["roots", "unknown"])
    await class_.tell(lesson, item)
    material = await store.material(tenant_id, lesson.id)
    assert material.plan == ("First", "Statement of roots", "Today")
    assert material.objectives == ("Statement of cells", "Statement of leaves")


async def test_corrections_come_from_the_last_lessons_of_the_same_course_and_no_other(
    store: VocabularyStore,
    class_: Class,
    database: Database,
    lesson_store: LessonStore,
    tenant_id: str,
) -> None:
    courses = CourseStore(database)
    course, other = [await courses.create(tenant_id, title=title) for title in ("One", "Two")]
    heard = {}
    for number in range(COURSE_LESSONS + 1):
        held = await class_.lesson(course.id)
        ada = await lesson_store.add_participant(tenant_id, held.id, "Ada", Role.LEARNER)
        await class_.correct(held, ada, f"heard {number}", "first try", f"said {number}")
        heard[number] = Correction(f"heard {number}", f"said {number}")
    elsewhere = await class_.lesson(other.id)
    bea = await lesson_store.add_participant(tenant_id, elsewhere.id, "Bea", Role.LEARNER)
    await class_.correct(elsewhere, bea, "heard elsewhere", "said elsewhere")
    today = await class_.lesson(course.id)
    found = (await store.material(tenant_id, today.id)).corrections
    assert set(found) == {heard[number] for number in range(2, COURSE_LESSONS + 1)}
    alone = await class_.lesson()
    assert (await store.material(tenant_id, alone.id)).corrections == ()


async def test_of_somebody_who_was_erased_no_correction_is_left(
    store: VocabularyStore,
    class_: Class,
    database: Database,
    lesson: Lesson,
    learner: Participant,
) -> None:
    await class_.correct(lesson, learner, "hypo tennis", "hypotenuse")
    assert (await store.material(lesson.tenant_id, lesson.id)).corrections
    await ErasureStore(database).erase(lesson.tenant_id, learner.person_id, "key")
    material = await store.material(lesson.tenant_id, lesson.id)
    assert material.corrections == ()
    assert material.names == ()
