"""Appends that come together share a transaction, and nothing else: nobody pays for another."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.errors import LecternError, NotFound
from lessons.events import AttentionFocused, EventDraft, HandRaised, LearningEvent, PollOpened
from lessons.events.whiteboard import WhiteboardContributed
from lessons.identifiers import new_id
from lessons.records import Participant
from lessons.roles import Role
from lessons.store import Appended, Committed, Database, Ledger, LessonStore, LiveFeed
from lessons.store.commits import CommitLog
from lessons.store.grouped_appends import MOST_DRAFTS_IN_COMPANY

SOON_SECONDS = 20.0
"""Far more than anything here takes: what is past it stands still."""


class Class:
    """A tenant's lessons, each with a learner, known to this process already."""

    def __init__(self, database: Database, tenant_id: str, learners: list[Participant]) -> None:
        self.ledger = Ledger(database)
        self.tenant_id = tenant_id
        self.learners = learners

    @classmethod
    async def of(cls, database: Database, tenant_id: str, lessons: int) -> Class:
        store = LessonStore(database)
        learners = []
        for number in range(lessons):
            lesson = await store.create_lesson(tenant_id, title=f"Lesson {number}")
            learners.append(await store.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER))
        own = cls(database, tenant_id, learners)
        for _ in range(2):  # The keys are remembered once they are committed.
            for number in range(lessons):
                await own.append(number, own.draft(number))
        return own

    def draft(self, lesson: int, elements: int = 1, subject: str | None = None) -> EventDraft:
        data = WhiteboardContributed(board_id="board", kind="stroke", elements=elements)
        return EventDraft(data, elements, subject or self.learners[lesson].id)

    def lesson_id(self, lesson: int) -> str:
        return self.learners[lesson].lesson_id

    async def append(self, lesson: int, *drafts: EventDraft) -> list[Appended | LecternError]:
        return await self.ledger.append_each(self.tenant_id, self.lesson_id(lesson), drafts)

    async def read(self, lesson: int) -> list[LearningEvent]:
        return await self.ledger.read(self.tenant_id, self.lesson_id(lesson), limit=1000)


@pytest.fixture
async def eight(database: Database, tenant_id: str) -> Class:
    return await Class.of(database, tenant_id, 8)


async def _transactions(database: Database, tenant_id: str, skip: int) -> Counter[int]:
    """How many commits each transaction wrote, but for those of the first `skip` commits."""
    commits = await CommitLog(database).read(tenant_id)
    return Counter(commit.transaction_id for commit in commits[skip:])


def _created(outcomes: list[Appended | LecternError]) -> list[bool]:
    return [isinstance(outcome, Appended) and outcome.created for outcome in outcomes]


def _short(outcome: Appended | LecternError) -> bool | str:
    return outcome.created if isinstance(outcome, Appended) else outcome.code


@asynccontextmanager
async def _locked(database_url: str, lesson_id: str) -> AsyncIterator[None]:
    """Somebody else who writes to a lesson, and takes long about it."""
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("SELECT FROM lessons WHERE id = %s FOR UPDATE", [lesson_id])
        yield
        await other.rollback()


async def test_what_comes_together_is_one_transaction(database: Database, eight: Class) -> None:
    before = len(await CommitLog(database).read(eight.tenant_id))
    outcomes = await asyncio.gather(*(eight.append(n, eight.draft(n)) for n in range(8)))
    assert [_created(outcome) for outcome in outcomes] == [[True]] * 8
    assert list((await _transactions(database, eight.tenant_id, before)).values()) == [8]


async def test_what_comes_meanwhile_makes_the_next_group(database: Database, eight: Class) -> None:
    """One commit for each lesson and group, however many events of it there are."""
    before = len(await CommitLog(database).read(eight.tenant_id))
    first = asyncio.create_task(eight.append(0, eight.draft(0)))
    await asyncio.sleep(0.0005)
    rest = [eight.append(number % 2, eight.draft(number % 2)) for number in range(20)]
    await asyncio.gather(first, *rest)
    written = await _transactions(database, eight.tenant_id, before)
    assert len(written) <= 2
    assert sum(written.values()) <= 3
    assert len(await eight.read(0)) + len(await eight.read(1)) == 4 + 21


async def test_what_the_members_of_a_group_are_answered_is_what_is_read(
    database: Database, eight: Class
) -> None:
    """Sealed bodies and open ones, with a time of their own and with that of appending."""
    await LessonStore(database).start_lesson(eight.tenant_id, eight.lesson_id(0))
    poll = PollOpened(poll_id="p", question="?", options=["a", "b"])
    before = len(await eight.read(0))
    outcomes = await asyncio.gather(
        eight.append(0, eight.draft(0), EventDraft(poll, None)),
        eight.append(1, eight.draft(1)),
        eight.append(0, EventDraft(HandRaised(), None, eight.learners[0].id), EventDraft(poll, 7)),
    )
    answered = [one.event for one in (*outcomes[0], *outcomes[2]) if isinstance(one, Appended)]
    assert (await eight.read(0))[before:] == answered
    assert len(answered) == 4


async def test_nobody_pays_for_what_another_member_is_refused_for(
    database: Database, eight: Class
) -> None:
    stored = (await eight.read(3))[0]
    repeated = eight.draft(4)
    assert _created(await eight.append(4, repeated)) == [True]
    changed = EventDraft(HandRaised(), 1, eight.learners[5].id, (await eight.read(5))[0].id)
    nowhere = asyncio.create_task(
        eight.ledger.append_each(eight.tenant_id, "les_nowhere", [eight.draft(0)])
    )
    outcomes = await asyncio.gather(
        eight.append(0, eight.draft(0)),
        eight.append(1, eight.draft(1, subject="par_nobody")),
        eight.append(2, eight.draft(2, subject=eight.learners[3].id)),
        eight.append(4, repeated),
        eight.append(5, changed),
        eight.append(6, eight.draft(6), eight.draft(6, subject="par_nobody")),
        eight.append(7, eight.draft(7)),
    )
    with pytest.raises(NotFound):
        await nowhere
    codes = [[_short(one) for one in outcome] for outcome in outcomes]
    assert codes == [
        [True],
        ["invalid_input"],
        ["invalid_input"],
        [False],
        ["conflict"],
        [True, "invalid_input"],
        [True],
    ]
    assert (await eight.read(3))[0] == stored
    for number in range(8):
        numbers = [event.ledgersequence for event in await eight.read(number)]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_an_id_twice_in_a_group_is_stored_once(database: Database, eight: Class) -> None:
    draft = eight.draft(0)
    outcomes = await asyncio.gather(
        *(eight.append(0, draft) for _ in range(5)), eight.append(1, eight.draft(1))
    )
    assert Counter(chain(*map(_created, outcomes))) == {True: 2, False: 4}
    assert len(await eight.read(0)) == 3


async def test_a_lesson_that_somebody_else_writes_to_holds_up_nobody(
    database_url: str, eight: Class
) -> None:
    async with _locked(database_url, eight.lesson_id(0)):
        stuck = [asyncio.create_task(eight.append(0, eight.draft(0))) for _ in range(3)]
        for _ in range(3):
            await asyncio.wait_for(
                asyncio.gather(*(eight.append(n, eight.draft(n)) for n in range(1, 8))),
                SOON_SECONDS,
            )
        assert not any(task.done() for task in stuck)
    assert [_created(outcome) for outcome in await asyncio.gather(*stuck)] == [[True]] * 3
    assert [event.ledgersequence for event in await eight.read(0)] == [1, 2, 3, 4, 5]


async def test_whoever_gives_up_harms_nobody(database: Database, eight: Class) -> None:
    tasks = [asyncio.create_task(eight.append(n, eight.draft(n))) for n in range(8)]
    late = [asyncio.create_task(eight.append(n, eight.draft(n))) for n in range(8)]
    await asyncio.sleep(0)
    tasks[2].cancel()  # It waits in the queue.
    await asyncio.sleep(0.001)
    tasks[5].cancel()  # It is being written.
    late[7].cancel()
    outcomes = await asyncio.gather(*tasks, *late, return_exceptions=True)
    kept = [outcome for outcome in outcomes if isinstance(outcome, list)]
    assert len(kept) >= 13
    assert all(_created(outcome) == [True] for outcome in kept)
    for number in range(8):
        numbers = [event.ledgersequence for event in await eight.read(number)]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(await eight.read(2)) == 3  # Of the one that gave up in the queue nothing is stored.


async def test_a_long_append_goes_alone(database: Database, eight: Class) -> None:
    before = len(await CommitLog(database).read(eight.tenant_id))
    long = [eight.draft(0) for _ in range(MOST_DRAFTS_IN_COMPANY + 1)]
    await asyncio.gather(
        eight.append(0, *long), *(eight.append(n, eight.draft(n)) for n in range(1, 8))
    )
    written = await _transactions(database, eight.tenant_id, before)
    assert sorted(written.values()) == [1, 7]


async def test_consent_is_weighed_for_each_member(
    database: Database, database_url: str, eight: Class
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as owner:
        await owner.execute(
            "INSERT INTO consent_decisions (tenant_id, id, person_id, purpose, granted,"
            " decided_by, decided_at) SELECT tenant_id, 'dec_1', person_id, 'activity', false,"
            " person_id, now() FROM participants WHERE tenant_id = %s AND id = %s",
            [eight.tenant_id, eight.learners[1].id],
        )
    outcomes = await asyncio.gather(
        *(
            eight.append(n, EventDraft(AttentionFocused(), 1, eight.learners[n].id))
            for n in range(3)
        ),
        eight.append(1, eight.draft(1)),
    )
    codes = [_short(one) for (one,) in outcomes]
    assert codes == [True, "consent_missing", True, True]


async def test_everybody_hears_of_a_group(database: Database, feed: LiveFeed, eight: Class) -> None:
    async with (
        feed.subscribe(eight.tenant_id, eight.lesson_id(0)) as one,
        feed.subscribe(eight.tenant_id, eight.lesson_id(1)) as two,
    ):
        for subscription in (one, two):
            assert await anext(subscription) == Committed(None)
        await asyncio.gather(*(eight.append(n, eight.draft(n), eight.draft(n)) for n in (0, 1, 1)))
        for subscription, last in ((one, 4), (two, 6)):
            async with asyncio.timeout(SOON_SECONDS):
                while (notice := await anext(subscription)) != Committed(last):
                    assert isinstance(notice, Committed)


async def test_the_database_going_away_is_told_to_everybody(
    database_url: str, eight: Class
) -> None:
    """A group whose statement fails goes the careful road, one by one, and that one works."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as owner:
        appends = [asyncio.create_task(eight.append(n, eight.draft(n))) for n in range(8)]
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND query LIKE '%append_events%'"
        )
        outcomes = await asyncio.gather(*appends)
    assert [_created(outcome) for outcome in outcomes] == [[True]] * 8


async def test_the_function_sees_only_the_tenant_that_it_names(
    database_url: str, eight: Class
) -> None:
    """Row-level security holds inside the function: another tenant's lesson is not there."""
    member = {"number": 0, "lesson": eight.lesson_id(0), "amount": 1, "at": "2026-11-22T10:00:00Z"}
    stranger = json.dumps([member | {"subjects": ["par_nobody"], "purposes": []}])
    async with await psycopg.AsyncConnection.connect(
        database_url, options="-c role=lectern_app"
    ) as connection:
        for tenant, seen in ((eight.tenant_id, 1), (new_id("ten"), 0)):
            rows = await connection.execute(
                "SELECT * FROM append_group(%s, %s::text::jsonb, '[]')",
                [tenant, stranger],
            )
            assert len(await rows.fetchall()) == seen
            await connection.rollback()


_appends = st.lists(
    st.tuples(
        st.integers(0, 2), st.lists(st.integers(1, 9), min_size=1, max_size=3), st.booleans()
    ),
    min_size=2,
    max_size=14,
)


@given(bursts=st.lists(_appends, min_size=1, max_size=3))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_groups_store_what_single_appends_would(
    database: Database, tenant_id: str, bursts: list[list[tuple[int, list[int], bool]]]
) -> None:
    """Overlapping batches to three lessons at once; some name a stranger and lose that event."""
    own = await Class.of(database, tenant_id, 3)
    known = {(n, e): own.draft(n, e) for n in range(3) for e in range(1, 10)}
    asked: list[set[str]] = [set(), set(), set()]
    for burst in bursts:
        plans = []
        for lesson, elements, with_stranger in burst:
            drafts = [known[lesson, one] for one in elements]
            asked[lesson] |= {draft.id for draft in drafts}
            strangers = [own.draft(lesson, subject="par_nobody")] if with_stranger else []
            plans.append((lesson, drafts, [*drafts, *strangers]))
        outcomes = await asyncio.gather(*(own.append(plan[0], *plan[2]) for plan in plans))
        for (_, drafts, _), outcome in zip(plans, outcomes, strict=True):
            places = [one for one in outcome if isinstance(one, Appended)]
            assert [one.event.id for one in places] == [draft.id for draft in drafts]
    for lesson in range(3):
        read = await own.read(lesson)
        assert [event.ledgersequence for event in read] == list(range(1, len(read) + 1))
        assert {event.id for event in read[2:]} == asked[lesson]
        assert len(read) == 2 + len(asked[lesson])
