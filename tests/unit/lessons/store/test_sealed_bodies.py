"""Bodies in the store: sealed under the person's key, opened for readers, gone with the key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict
from lessons.events import EventDraft, LearningEvent, PollAnswered, PollOpened
from lessons.events.privacy import EventErased
from lessons.privacy.sealing import MasterKey, SealBroken, WrongMasterKey
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.appending import append_in
from tests.keys import MASTER_KEY

SECRET_WORD = "poll-about-something-private"


def _answer(participant: Participant, poll: str = SECRET_WORD) -> EventDraft:
    return EventDraft(PollAnswered(poll_id=poll, options=[1]), 7, participant.id)


async def _stored(database_url: str, lesson: Lesson) -> list[dict[str, Any]]:
    """The rows as they lie on the disk, without any rule in between."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute(
            "SELECT to_jsonb(learning_events) FROM learning_events"
            " WHERE lesson_id = %s ORDER BY sequence",
            (lesson.id,),
        )
        return [row[0] for row in await cursor.fetchall()]


async def _destroy(database: Database, participant: Participant, tenant_id: str) -> None:
    async with database.transaction(tenant_id) as connection:
        await connection.execute(
            text(
                "UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = now()"
                " WHERE person_id = :person_id"
            ),
            {"person_id": participant.person_id},
        )
    database.keyring.forget(tenant_id, participant.person_id)


async def _read(database: Database, lesson: Lesson) -> Sequence[LearningEvent]:
    return await Ledger(database).read(lesson.tenant_id, lesson.id)


async def test_what_tells_of_a_person_lies_sealed_and_reads_as_it_was(
    database: Database, database_url: str, lesson: Lesson, learner: Participant
) -> None:
    poll = EventDraft(PollOpened(poll_id="p", question="?", options=["a", "b"]), 1)
    appended = await Ledger(database).append(lesson.tenant_id, lesson.id, [poll, _answer(learner)])
    opened, answered = await _stored(database_url, lesson)
    assert (opened["data"]["poll_id"], opened["sealed"]) == ("p", None)
    assert (answered["data"], answered["person_id"]) == (None, learner.person_id)
    assert SECRET_WORD not in str(answered)
    assert (answered["type"], answered["sequence"]) == ("poll.answered", 2)
    assert await _read(database, lesson) == [outcome.event for outcome in appended]


async def test_what_is_about_somebody_else_is_sealed_for_them(
    database: Database, lesson_store: LessonStore, lesson: Lesson, learner: Participant
) -> None:
    tutor = await lesson_store.add_participant(lesson.tenant_id, lesson.id, "Mo", learner.role)
    draft = replace(_answer(tutor), about=learner.id)
    await Ledger(database).append(lesson.tenant_id, lesson.id, [draft])
    await _destroy(database, learner, lesson.tenant_id)
    (read,) = await _read(database, lesson)
    assert (read.type, read.subject) == ("event.erased", tutor.id)


async def test_a_destroyed_key_leaves_the_place_of_the_event_and_nothing_of_it(
    database: Database, lesson_store: LessonStore, lesson: Lesson, learner: Participant
) -> None:
    other = await lesson_store.add_participant(lesson.tenant_id, lesson.id, "Ben", learner.role)
    ledger = Ledger(database)
    drafts = [_answer(learner), _answer(other), _answer(learner)]
    await ledger.append(lesson.tenant_id, lesson.id, drafts)
    await _destroy(database, learner, lesson.tenant_id)
    events = await _read(database, lesson)
    assert [event.type for event in events] == ["event.erased", "poll.answered", "event.erased"]
    assert [event.ledgersequence for event in events] == [1, 2, 3]
    assert events[0].data == EventErased(erased_type="poll.answered")
    assert (events[0].id, events[0].lessontimems) == (drafts[0].id, 7)
    for again in (drafts[0], _answer(learner)):
        with pytest.raises(Conflict, match="erased"):
            await ledger.append(lesson.tenant_id, lesson.id, [again])
    outcomes = await ledger.append_each(
        lesson.tenant_id, lesson.id, [_answer(learner), _answer(other, "later")]
    )
    assert [getattr(outcome, "code", "stored") for outcome in outcomes] == ["conflict", "stored"]


async def test_bodies_from_before_there_were_keys_are_still_read(
    database: Database, database_url: str, lesson: Lesson, learner: Participant
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO learning_events (lesson_day, lesson_id, sequence, tenant_id, event_id,"
            " type, version, subject, occurred_at, lesson_time_ms, data, body_digest)"
            " VALUES (%s, %s, 1, %s, 'evt_old', 'hand.raised', 1, %s, now(), 5, '{}', '')",
            (lesson.created_at.date(), lesson.id, lesson.tenant_id, learner.id),
        )
    (read,) = await _read(database, lesson)
    assert (read.type, read.subject) == ("hand.raised", learner.id)


async def test_a_sealed_body_that_was_moved_to_another_row_does_not_open(
    database: Database, database_url: str, lesson: Lesson, learner: Participant
) -> None:
    drafts = [_answer(learner), _answer(learner)]
    await Ledger(database).append(lesson.tenant_id, lesson.id, drafts)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "UPDATE learning_events AS here SET sealed = there.sealed FROM learning_events AS there"
            " WHERE here.lesson_id = %s AND there.lesson_id = here.lesson_id"
            " AND here.sequence = 1 AND there.sequence = 2",
            (lesson.id,),
        )
    with pytest.raises(SealBroken):
        await _read(database, lesson)


async def test_another_process_reads_with_the_same_master_key_and_no_other(
    database: Database, database_url: str, lesson: Lesson, learner: Participant
) -> None:
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner)])
    same = Database(database_url, master_key=MasterKey(MASTER_KEY))
    assert [event.type for event in await _read(same, lesson)] == ["poll.answered"]
    for stranger in (
        Database(database_url, master_key=MasterKey("another master key, and a long one too")),
        Database(database_url),
    ):
        with pytest.raises(WrongMasterKey):
            await _read(stranger, lesson)
        await stranger.dispose()
    await same.dispose()


async def test_a_key_that_was_rolled_back_is_not_remembered(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    """Else the next event would be sealed under a key that nobody has."""

    async def append(connection: AsyncConnection) -> None:
        await append_in(connection, lesson.tenant_id, lesson.id, [_answer(learner)])

    async def append_twice_and_fail() -> None:
        async with database.transaction(lesson.tenant_id) as connection:
            await append(connection)
            await append(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await append_twice_and_fail()
    async with database.transaction(lesson.tenant_id) as connection:
        await append(connection)
    assert [event.type for event in await _read(database, lesson)] == ["poll.answered"]


async def test_first_events_about_one_person_at_once_share_a_key(
    database: Database, database_url: str, lesson_store: LessonStore, tenant_id: str
) -> None:
    lessons = [await lesson_store.create_lesson(tenant_id, title=str(n)) for n in range(6)]
    people = [
        await lesson_store.add_participant(
            tenant_id, lesson.id, "Ada", Role.LEARNER, external_id="ada"
        )
        for lesson in lessons
    ]
    assert len({person.person_id for person in people}) == 1
    await asyncio.gather(
        *(
            Ledger(database).append(tenant_id, lesson.id, [_answer(person)])
            for lesson, person in zip(lessons, people, strict=True)
        )
    )
    fresh = Database(database_url, master_key=MasterKey(MASTER_KEY))
    for lesson in lessons:
        assert [event.type for event in await _read(fresh, lesson)] == ["poll.answered"]
    await fresh.dispose()


async def test_in_the_steady_state_no_key_is_asked_for(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    ledger = Ledger(database)
    for _ in range(2):  # The first one makes the key, the second remembers it.
        await ledger.append(lesson.tenant_id, lesson.id, [_answer(learner)])
    statements: list[str] = []
    engine = database._engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    await ledger.append(lesson.tenant_id, lesson.id, [_answer(learner)])
    await _read(database, lesson)
    event.remove(engine, "before_cursor_execute", note)
    # The append is one statement of its own, past SQLAlchemy; these two are the reading.
    assert len(statements) == 2, statements
    assert not [statement for statement in statements if "subject_keys" in statement]
