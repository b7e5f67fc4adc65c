from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from lessons.errors import Conflict, NotFound
from lessons.identifiers import new_id
from lessons.records import IngestWorkerRecord, Lesson, Participant, Track
from lessons.store import Database, Ledger, LessonStore, TrackStore, WorkerStore
from tests.unit.lessons.store.silence import let_fall_silent


@pytest.fixture
async def worker(worker_store: WorkerStore) -> AsyncIterator[IngestWorkerRecord]:
    record = await worker_store.register(new_id("wrk"), "http://127.0.0.1:1", 20)
    yield record
    await worker_store.remove(record.id)


@pytest.fixture
async def track(
    track_store: TrackStore, lesson: Lesson, learner: Participant, worker: IngestWorkerRecord
) -> Track:
    return await track_store.claim_track(
        lesson.tenant_id, lesson.id, learner.id, "audio", worker.id, 100
    )


async def _types(ledger: Ledger, lesson: Lesson) -> list[str]:
    return [event.type for event in await ledger.read(lesson.tenant_id, lesson.id)]


async def test_a_claimed_track_is_listed_and_told(
    track_store: TrackStore, ledger: Ledger, lesson: Lesson, track: Track, learner: Participant
) -> None:
    assert await track_store.list_tracks(lesson.tenant_id, lesson.id) == [track]
    (event,) = await ledger.read(lesson.tenant_id, lesson.id)
    assert (event.type, event.subject, event.lessontimems) == ("track.published", learner.id, 100)


async def test_a_second_publisher_on_a_taken_track_is_refused(
    track_store: TrackStore, track: Track, lesson: Lesson, worker: IngestWorkerRecord
) -> None:
    again = (lesson.tenant_id, lesson.id, track.participant_id)
    with pytest.raises(Conflict, match="audio"):
        await track_store.claim_track(*again, "audio", worker.id, 200)
    await track_store.claim_track(*again, "video", worker.id, 200)


async def test_of_many_publishers_at_once_one_gets_the_track(
    track_store: TrackStore, lesson: Lesson, learner: Participant, worker: IngestWorkerRecord
) -> None:
    claims = await asyncio.gather(
        *(
            track_store.claim_track(
                lesson.tenant_id, lesson.id, learner.id, "audio", worker.id, 100
            )
            for _ in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(claim, Track) for claim in claims) == 1
    assert sum(isinstance(claim, Conflict) for claim in claims) == 5


async def test_an_ended_track_is_free_again(
    track_store: TrackStore, track: Track, lesson: Lesson, worker: IngestWorkerRecord
) -> None:
    where = (lesson.tenant_id, lesson.id)
    await track_store.end_track(*where, track.id, 500, "left")
    fresh = await track_store.claim_track(*where, track.participant_id, "audio", worker.id, 600)
    assert fresh.id != track.id


async def test_a_lost_workers_tracks_go_to_who_publishes_again(
    database: Database,
    track_store: TrackStore,
    worker_store: WorkerStore,
    ledger: Ledger,
    lesson: Lesson,
    track: Track,
    worker: IngestWorkerRecord,
) -> None:
    who = (lesson.tenant_id, lesson.id, track.participant_id)
    await track_store.claim_track(*who, "video", worker.id, 100)
    await let_fall_silent(database, worker.id, seconds=7)
    second = await worker_store.register(new_id("wrk"), "http://127.0.0.1:2", 20)
    await track_store.claim_track(*who, "audio", second.id, 9000)
    await track_store.claim_track(*who, "video", second.id, 9000)
    assert await _types(ledger, lesson) == [
        *["track.published"] * 2,
        *["track.ended"] * 2,
        "participant.left",
        *["track.published"] * 2,
    ]
    open_tracks = [
        track.worker_id
        for track in await track_store.list_tracks(*who[:2])
        if track.ended_at_ms is None
    ]
    assert open_tracks == [second.id] * 2
    await worker_store.remove(second.id)


async def test_ending_happens_once(
    track_store: TrackStore, ledger: Ledger, lesson: Lesson, track: Track
) -> None:
    where = (lesson.tenant_id, lesson.id)
    first = await track_store.end_track(*where, track.id, 500, "left")
    assert first.ended_at_ms == 500
    assert await track_store.end_track(*where, track.id, 900, "left") == first
    assert await _types(ledger, lesson) == ["track.published", "track.ended"]


async def test_a_track_does_not_end_before_it_began(
    track_store: TrackStore, lesson: Lesson, track: Track
) -> None:
    ended = await track_store.end_track(lesson.tenant_id, lesson.id, track.id, 5, "left")
    assert ended.ended_at_ms == track.published_at_ms


async def test_only_changes_of_muting_are_told(
    track_store: TrackStore, ledger: Ledger, lesson: Lesson, track: Track
) -> None:
    where = (lesson.tenant_id, lesson.id)
    for muted in (False, True, True, False):
        changed = await track_store.set_muted(*where, track.id, muted, 300)
        assert changed.muted == muted
    assert await _types(ledger, lesson) == ["track.published", "track.muted", "track.muted"]


async def test_no_track_in_an_ended_lesson(
    track_store: TrackStore, lesson_store: LessonStore, lesson: Lesson, learner: Participant
) -> None:
    await lesson_store.end_lesson(lesson.tenant_id, lesson.id)
    with pytest.raises(Conflict, match="ended"):
        await track_store.claim_track(lesson.tenant_id, lesson.id, learner.id, "audio", None, 0)


async def test_what_is_not_there_is_not_found(
    track_store: TrackStore, lesson: Lesson, learner: Participant
) -> None:
    where = (lesson.tenant_id, lesson.id)
    for refused in (
        track_store.claim_track(*where, "par_none", "audio", None, 0),
        track_store.claim_track(where[0], "les_none", learner.id, "audio", None, 0),
        track_store.end_track(*where, "trk_none", 0, "left"),
        track_store.set_muted(*where, "trk_none", True, 0),
        track_store.list_tracks(where[0], "les_none"),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_recorded_tracks_of_one_participant_do_not_exclude_each_other(
    track_store: TrackStore, lesson: Lesson, learner: Participant
) -> None:
    for _ in range(2):
        await track_store.claim_track(
            lesson.tenant_id, lesson.id, learner.id, "audio", None, 0, "recording"
        )
