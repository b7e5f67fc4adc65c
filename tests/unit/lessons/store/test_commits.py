"""The commit log: whatever the order in which transactions commit, a follower misses nothing."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput, Unavailable
from lessons.events import EventDraft, LessonEnded
from lessons.records import Lesson
from lessons.store import Database, Ledger, LessonStore
from lessons.store.appending import append_in
from lessons.store.commits import BEGINNING, Commit, CommitLog, Cursor, CursorAhead

PATIENCE_SECONDS = 20


@pytest.fixture
def log(database: Database) -> CommitLog:
    return CommitLog(database)


def drafts(count: int = 1) -> list[EventDraft]:
    return [EventDraft(LessonEnded(duration_ms=0), 0) for _ in range(count)]


async def read_to_the_end(
    log: CommitLog, tenant_id: str, after: Cursor = BEGINNING, limit: int = 1000
) -> list[Commit]:
    """Read page by page until there is nothing more and nothing is held back."""
    commits: list[Commit] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            page = await log.page(tenant_id, after, limit)
            commits += page.commits
            if page.commits:
                after = page.commits[-1].end
            if not page.full and not page.held_back:
                return commits
            await asyncio.sleep(0.01)


def sequences(commits: list[Commit], lesson_id: str) -> list[int]:
    return [
        sequence
        for commit in commits
        if commit.lesson_id == lesson_id
        for sequence in range(commit.first_sequence, commit.last_sequence + 1)
    ]


async def test_every_append_is_one_commit_with_the_course_of_its_lesson(
    log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    await ledger.append(*where, drafts(3))
    repeated = drafts(2)
    await ledger.append(*where, repeated)
    await ledger.append(*where, repeated)  # stored already: nothing new
    commits = await read_to_the_end(log, lesson.tenant_id)
    assert [(c.first_sequence, c.last_sequence) for c in commits] == [(1, 3), (4, 5)]
    assert {c.lesson_id for c in commits} == {lesson.id}
    assert await log.newest(lesson.tenant_id) == commits[-1].end


async def test_a_slow_transaction_holds_back_what_committed_after_it(
    database: Database, log: CommitLog, ledger: Ledger, lesson_store: LessonStore, tenant_id: str
) -> None:
    """The older transaction commits last; a reader that had gone past it would never see it."""
    slow = await lesson_store.create_lesson(tenant_id, title="slow")
    fast = await lesson_store.create_lesson(tenant_id, title="fast")
    async with database.transaction(tenant_id) as connection:
        await append_in(connection, tenant_id, slow.id, drafts())
        await ledger.append(tenant_id, fast.id, drafts(2))
        page = await log.page(tenant_id)
        assert page.commits == []
        assert page.held_back
        assert await log.newest(tenant_id) == BEGINNING
    commits = await read_to_the_end(log, tenant_id)
    assert [commit.lesson_id for commit in commits] == [slow.id, fast.id]


async def test_what_is_rolled_back_is_nobodys_news(
    database: Database, log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    tenant_id = lesson.tenant_id

    async def fail_after_appending() -> None:
        async with database.transaction(tenant_id) as connection:
            await append_in(connection, tenant_id, lesson.id, drafts())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_appending()
    await ledger.append(tenant_id, lesson.id, drafts())
    assert sequences(await read_to_the_end(log, tenant_id), lesson.id) == [1]


async def test_a_follower_amid_slow_and_fast_writers_sees_everything_once_and_in_order(
    database: Database, log: CommitLog, lesson_store: LessonStore, tenant_id: str
) -> None:
    lessons = [await lesson_store.create_lesson(tenant_id, title=str(n)) for n in range(4)]
    each = 12
    writing = asyncio.Event()

    async def write(lesson: Lesson, pause_seconds: float) -> None:
        for number in range(each):
            async with database.transaction(tenant_id) as connection:
                await append_in(connection, tenant_id, lesson.id, drafts(1 + number % 3))
                await asyncio.sleep(pause_seconds)  # its number is taken, its commit comes later

    async def follow(limit: int) -> list[Commit]:
        seen: list[Commit] = []
        while not writing.is_set() or len(seen) < each * len(lessons):
            after = seen[-1].end if seen else BEGINNING
            seen += await log.read(tenant_id, after, limit)
            await asyncio.sleep(0.003)
        return seen

    async with asyncio.timeout(PATIENCE_SECONDS):
        followers = [asyncio.create_task(follow(limit)) for limit in (1, 7, 1000)]
        pauses = (0.0, 0.002, 0.02, 0.05)
        await asyncio.gather(*map(write, lessons, pauses))
        writing.set()
        seen = [await follower for follower in followers]
    assert seen[0] == seen[1] == seen[2]
    for lesson in lessons:
        assert sequences(seen[0], lesson.id) == list(range(1, 2 * each + 1))
    ends = [commit.end for commit in seen[0]]
    assert ends == sorted(set(ends))


async def test_a_cursor_within_a_commit_gives_the_rest_of_it(
    log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    await ledger.append(lesson.tenant_id, lesson.id, drafts(5))
    await ledger.append(lesson.tenant_id, lesson.id, drafts(2))
    first, second = await read_to_the_end(log, lesson.tenant_id)
    assert await log.read(lesson.tenant_id, first.at(3)) == [first, second]
    assert await log.read(lesson.tenant_id, first.end) == [second]
    assert await log.read(lesson.tenant_id, second.at(6)) == [second]
    assert await log.read(lesson.tenant_id, second.end) == []


async def test_events_come_in_pages_across_lessons_and_within_commits(
    log: CommitLog, ledger: Ledger, lesson_store: LessonStore, tenant_id: str
) -> None:
    lessons = [await lesson_store.create_lesson(tenant_id, title=str(n)) for n in range(2)]
    for number in range(6):
        await ledger.append(tenant_id, lessons[number % 2].id, drafts(1 + number))
    whole = await log.events(tenant_id, limit=1000)
    assert not whole.full
    expected = [
        (commit.lesson_id, sequence)
        for commit in await read_to_the_end(log, tenant_id)
        for sequence in range(commit.first_sequence, commit.last_sequence + 1)
    ]
    assert [(event.lessonid, event.ledgersequence) for _, event in whole.events] == expected
    for limit in (1, 2, 5, 21):
        cursor, paged = BEGINNING, []
        while page := (await log.events(tenant_id, cursor, limit)).events:
            assert len(page) <= limit
            paged += page
            cursor = page[-1][0]
        assert paged == whole.events


async def test_only_the_tenant_itself_reads_its_commits(
    log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    await ledger.append(lesson.tenant_id, lesson.id, drafts())
    await read_to_the_end(log, lesson.tenant_id)
    assert await log.read("ten_other") == []
    assert await log.newest("ten_other") == BEGINNING


async def test_a_follower_of_all_tenants_hears_who_has_news_until_it_acknowledges(
    log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    follower = f"test of {lesson.tenant_id}"
    await log.acknowledge(follower, (await log.news(follower)).horizon)
    await ledger.append(lesson.tenant_id, lesson.id, drafts())
    await read_to_the_end(log, lesson.tenant_id)
    news = await log.news(follower)
    assert lesson.tenant_id in news.tenant_ids
    assert lesson.tenant_id in (await log.news(follower)).tenant_ids
    await log.acknowledge(follower, news.horizon)
    await log.acknowledge(follower, 1)  # an older word does not take it back
    assert lesson.tenant_id not in (await log.news(follower)).tenant_ids


async def test_a_cursor_that_the_server_has_not_reached_is_noticed(
    log: CommitLog, ledger: Ledger, lesson: Lesson
) -> None:
    """As after restoring a dump; a reader who is only at the end just waits."""
    await ledger.append(lesson.tenant_id, lesson.id, drafts())
    end = (await read_to_the_end(log, lesson.tenant_id))[-1].end
    await log.require_reached(end)
    assert (await log.events(lesson.tenant_id, end)).events == []
    ahead = end._replace(transaction=2**62)
    with pytest.raises(CursorAhead, match="restored"):
        await log.require_reached(ahead)
    with pytest.raises(CursorAhead):
        await log.events(lesson.tenant_id, ahead)


async def test_a_server_that_counts_its_transactions_anew_is_noticed(
    log: CommitLog, tenant_id: str
) -> None:
    """As after restoring a dump: followers would wait in silence for what they never see."""
    follower = f"test of {tenant_id}"
    await log.acknowledge(follower, 2**62)
    with pytest.raises(Unavailable, match="pg_resetwal"):
        await log.news(follower)


@given(st.tuples(*[st.integers(0, 2**63 - 1)] * 3))
def test_a_cursor_survives_its_text(numbers: tuple[int, int, int]) -> None:
    cursor = Cursor(*numbers)
    assert Cursor.parse(str(cursor)) == cursor


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3)))
def test_cursors_sort_as_their_events_do(places: list[tuple[int, int, int]]) -> None:
    assert [tuple(cursor) for cursor in sorted(Cursor(*place) for place in places)] == sorted(
        places
    )


@pytest.mark.parametrize(
    "text", ["", "1", "1-2", "1-2-3-4", "-1-2-3", "a-b-c", "1-2-9223372036854775808", "٣-1-1"]
)
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Cursor.parse(text, field="Last-Event-ID")
    assert refused.value.field == "Last-Event-ID"


async def test_a_page_has_limits(log: CommitLog, tenant_id: str) -> None:
    for limit in (0, 1001):
        with pytest.raises(InvalidInput):
            await log.read(tenant_id, limit=limit)
