"""The straight road and the careful one store the same, and the straight one takes no shortcut."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.events import AttentionFocused, EventDraft, HandRaised, WhiteboardContributed
from lessons.events.catalogue import DATA_TYPES
from lessons.identifiers import new_id
from lessons.privacy.consent import ConsentMissing
from lessons.records import Lesson, Participant
from lessons.store import Appended, Database, Ledger
from lessons.store.appending import append_in
from lessons.store.single_statements import SingleStatements
from lessons.store.straight_appending import append_straight

_REFUSE = text(
    """
    INSERT INTO consent_decisions
        (tenant_id, id, person_id, purpose, granted, decided_by, decided_at)
    SELECT tenant_id, 'dec_1', person_id, 'activity', false, person_id, now()
    FROM participants WHERE tenant_id = :tenant AND id = :subject
    """
)


def _board(number: int, subject: str) -> EventDraft:
    data = DATA_TYPES[WhiteboardContributed.type]
    return EventDraft(data.model_validate(dict(data.example)), number, subject)


async def _straight(
    database: Database, lesson: Lesson, *drafts: EventDraft, admit: bool = True
) -> list[Appended] | None:
    return await append_straight(database, lesson.tenant_id, lesson.id, drafts, admit=admit)


async def test_it_stores_what_the_careful_road_stores(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    ledger = Ledger(database)
    time = datetime(2026, 11, 22, 10, tzinfo=UTC)
    pairs = [
        (
            EventDraft(HandRaised(), 7, learner.id, new_id("evt"), time),
            EventDraft(HandRaised(), 7, learner.id, new_id("evt"), time),
        ),
        (_board(8, learner.id), _board(8, learner.id)),
        (EventDraft(HandRaised(), None, learner.id), EventDraft(HandRaised(), None, learner.id)),
    ]
    straight = await _straight(database, lesson, *(one for one, _ in pairs))
    async with database.transaction(lesson.tenant_id) as connection:
        careful = await append_in(
            connection, lesson.tenant_id, lesson.id, [two for _, two in pairs]
        )
    assert straight is not None
    read = await ledger.read(lesson.tenant_id, lesson.id)
    assert read == [outcome.event for outcome in (*straight, *careful)]
    assert [event.ledgersequence for event in read] == [1, 2, 3, 4, 5, 6]
    for one, two in zip(straight, careful, strict=True):
        assert one.event.data == two.event.data
        assert one.event.lessontimems == two.event.lessontimems


async def test_a_repetition_takes_the_careful_road_and_is_known(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    draft, other = _board(1, learner.id), _board(2, learner.id)
    assert await _straight(database, lesson, draft) is not None
    assert await _straight(database, lesson, other, draft) is None
    outcomes = await Ledger(database).append_each(lesson.tenant_id, lesson.id, [other, draft])
    assert [isinstance(one, Appended) and one.created for one in outcomes] == [True, False]


async def test_an_id_twice_in_one_batch_stores_nothing_twice(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    draft = _board(1, learner.id)
    assert await _straight(database, lesson, draft, draft) is None
    first, second = await Ledger(database).append(lesson.tenant_id, lesson.id, [draft, draft])
    assert (first.created, second.created) == (True, False)
    assert first.event == second.event


async def test_a_refusal_leaves_no_trace(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    good = _board(1, learner.id)
    for refused in (_board(2, "par_nobody"), good):
        assert await _straight(database, lesson, good, refused) is None
    assert await Ledger(database).read(lesson.tenant_id, lesson.id) == []
    assert (await Ledger(database).append(lesson.tenant_id, lesson.id, [good]))[0].created


async def test_what_is_wrong_is_told_by_the_careful_road(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    ledger = Ledger(database)
    with pytest.raises(NotFound):
        await ledger.append_each(lesson.tenant_id, "les_nowhere", [_board(1, learner.id)])
    with pytest.raises(NotFound):
        await ledger.append_each(new_id("ten"), lesson.id, [_board(1, learner.id)])
    good = _board(1, learner.id)
    changed = EventDraft(HandRaised(), 1, learner.id, good.id)
    await ledger.append_each(lesson.tenant_id, lesson.id, [good])
    outcomes = await ledger.append_each(
        lesson.tenant_id, lesson.id, [_board(2, "par_nobody"), changed, _board(3, learner.id)]
    )
    assert [type(outcome) for outcome in outcomes] == [InvalidInput, Conflict, Appended]


async def test_a_consent_that_was_refused_is_weighed(
    database: Database, lesson: Lesson, learner: Participant
) -> None:
    focused = EventDraft(AttentionFocused(), 1, learner.id)
    assert await _straight(database, lesson, focused) is not None
    async with database.transaction(lesson.tenant_id) as connection:
        await connection.execute(_REFUSE, {"tenant": lesson.tenant_id, "subject": learner.id})
    again = EventDraft(AttentionFocused(), 2, learner.id)
    assert await _straight(database, lesson, again) is None
    assert await _straight(database, lesson, _board(3, learner.id)) is not None
    (outcome,) = await Ledger(database).append_each(lesson.tenant_id, lesson.id, [again])
    assert isinstance(outcome, ConsentMissing)


async def test_the_function_sees_only_the_tenant_that_it_names(
    database: Database, database_url: str, lesson: Lesson
) -> None:
    """Row-level security holds inside the function: another tenant's lesson is not there."""
    values: list[Any] = [new_id("ten"), lesson.id, "[]", 0, [], [], datetime.now(UTC)]
    async with await psycopg.AsyncConnection.connect(
        database_url, options="-c role=lectern_app"
    ) as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="no such lesson"):
            await connection.execute(
                "SELECT append_events(%s, %s, %s::text::jsonb, %s, %s, %s, %s)", values
            )


async def test_a_connection_that_died_is_not_noticed(
    database: Database, database_url: str, lesson: Lesson, learner: Participant
) -> None:
    ledger = Ledger(database)
    await ledger.append(lesson.tenant_id, lesson.id, [_board(1, learner.id)])
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND query LIKE '%append_events%' AND state = 'idle'"
        )
    await ledger.append(lesson.tenant_id, lesson.id, [_board(2, learner.id)])
    read = await ledger.read(lesson.tenant_id, lesson.id)
    assert [event.lessontimems for event in read] == [1, 2]


async def test_a_pool_without_a_server_gives_up_soon() -> None:
    statements = SingleStatements("postgresql://nobody@127.0.0.1:1/nothing", 1, {})
    assert await statements.run("SELECT 1", ()) is None
    await statements.close()
    assert await statements.run("SELECT 1", ()) is None


on_a_real_database = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@on_a_real_database
@given(batches=st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=6), max_size=8))
async def test_whatever_is_repeated_at_once_is_stored_once_and_without_gaps(
    database: Database, lesson: Lesson, learner: Participant, batches: list[list[int]]
) -> None:
    """Batches that overlap, all at the same time, on both roads."""
    known = {number: _board(number, learner.id) for number in range(1, 13)}
    before = len(await Ledger(database).read(lesson.tenant_id, lesson.id))
    outcomes = await asyncio.gather(
        *(
            Ledger(database).append_each(
                lesson.tenant_id, lesson.id, [known[number] for number in batch]
            )
            for batch in batches
        )
    )
    read = await Ledger(database).read(lesson.tenant_id, lesson.id, limit=1000)
    assert [event.ledgersequence for event in read] == list(range(1, len(read) + 1))
    new = [event.id for event in read[before:]]
    assert sorted(new) == sorted({known[number].id for batch in batches for number in batch})
    created = [
        one for batch in outcomes for one in batch if isinstance(one, Appended) and one.created
    ]
    assert len(created) == len(new)
