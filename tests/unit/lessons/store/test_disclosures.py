from __future__ import annotations

import pytest

from lessons.policy import Credential
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, LessonStore
from lessons.store.disclosures import DisclosureLog


@pytest.fixture
def log(database: Database) -> DisclosureLog:
    return DisclosureLog(database)


def _platform(tenant_id: str, key: str = "key_1") -> Credential:
    return Credential(tenant_id, "api_key", api_key_id=key, home_tenant_id=tenant_id)


def _as(person: Participant, tenant_id: str) -> Credential:
    return Credential(
        tenant_id,
        "participant",
        lesson_id=person.lesson_id,
        participant_id=person.id,
        role=person.role,
        name=person.name,
    )


async def test_who_saw_what_of_whom_when_and_why(
    log: DisclosureLog, lesson: Lesson, learner: Participant
) -> None:
    reader = _platform(lesson.tenant_id)
    await log.record(
        reader,
        "captions",
        lesson_id=lesson.id,
        participant_ids=[learner.id],
        purpose="report to parents",
    )
    (entry,) = await log.list_disclosures(lesson.tenant_id, learner.person_id)
    assert (entry.actor, entry.role, entry.what) == ("key_1", "api key", "captions")
    assert (entry.lesson_id, entry.purpose) == (lesson.id, "report to parents")


async def test_participants_and_persons_are_entered_as_persons_once_each(
    log: DisclosureLog, lesson_store: LessonStore, lesson: Lesson, learner: Participant
) -> None:
    other = await lesson_store.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    await log.record(
        _platform(lesson.tenant_id),
        "events",
        participant_ids=[learner.id, other.id, "par_gone"],
        person_ids=[learner.person_id],
    )
    for person in (learner, other):
        assert len(await log.list_disclosures(lesson.tenant_id, person.person_id)) == 1


async def test_ones_own_data_is_no_disclosure(
    log: DisclosureLog, lesson: Lesson, learner: Participant
) -> None:
    await log.record(_as(learner, lesson.tenant_id), "events", participant_ids=[learner.id])
    assert await log.list_disclosures(lesson.tenant_id, learner.person_id) == []


async def test_reading_on_is_entered_once_and_every_other_reading_by_itself(
    log: DisclosureLog, lesson: Lesson, learner: Participant
) -> None:
    for reader, what in (
        (_platform(lesson.tenant_id), "events"),
        (_platform(lesson.tenant_id), "events"),
        (_platform(lesson.tenant_id), "captions"),
        (_platform(lesson.tenant_id, "key_2"), "events"),
    ):
        await log.record(reader, what, lesson_id=lesson.id, participant_ids=[learner.id])
    entries = await log.list_disclosures(lesson.tenant_id, learner.person_id)
    assert [(entry.actor, entry.what) for entry in entries] == [
        ("key_2", "events"),
        ("key_1", "captions"),
        ("key_1", "events"),
    ]
    page = await log.list_disclosures(lesson.tenant_id, learner.person_id, limit=1)
    rest = await log.list_disclosures(lesson.tenant_id, learner.person_id, before=page[-1].id)
    assert [*page, *rest] == entries


async def test_about_nobody_nothing_is_entered(log: DisclosureLog, tenant_id: str) -> None:
    await log.record(_platform(tenant_id), "events")
    await log.record(_platform(tenant_id), "events", participant_ids=["par_nobody"])
    assert await log.list_disclosures(tenant_id, "par_nobody") == []
