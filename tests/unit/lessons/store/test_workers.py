from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from lessons.errors import NotFound, Overloaded
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.store import Database, Ledger, TrackStore, WorkerStore
from tests.unit.lessons.store.silence import let_fall_silent

LIMIT = 0.7
SILENCE_SECONDS = 1.0


@pytest.fixture(autouse=True)
async def no_workers_left(worker_store: WorkerStore) -> AsyncIterator[None]:
    """Workers belong to no tenant, so each test leaves none behind."""
    yield
    for worker in await worker_store.list_workers():
        await worker_store.remove(worker.id)


async def _worker(store: WorkerStore, load: float = 0.0, *, draining: bool = False) -> str:
    worker_id = new_id("wrk")
    await store.register(worker_id, f"http://127.0.0.1/{worker_id}", 20)
    await store.heartbeat(worker_id, peers=round(load * 20), load=load, draining=draining)
    return worker_id


async def test_a_worker_is_found_as_it_reported_itself(worker_store: WorkerStore) -> None:
    worker_id = await _worker(worker_store, 0.5)
    worker = await worker_store.get(worker_id)
    assert (worker.peers, worker.load, worker.capacity_peers) == (10, 0.5, 20)
    assert worker in await worker_store.list_workers()


async def test_the_least_loaded_one_is_chosen(worker_store: WorkerStore) -> None:
    await _worker(worker_store, 0.6)
    light = await _worker(worker_store, 0.1)
    await _worker(worker_store, 0.0, draining=True)
    assert (await worker_store.least_loaded(LIMIT)).id == light


async def test_peers_between_two_heartbeats_are_spread(worker_store: WorkerStore) -> None:
    workers = {await _worker(worker_store) for _ in range(2)}
    chosen = [(await worker_store.least_loaded(LIMIT)).id for _ in range(10)]
    assert {chosen.count(worker_id) for worker_id in workers} == {5}


async def test_publishers_who_arrive_at_once_all_find_the_only_worker(
    worker_store: WorkerStore,
) -> None:
    only = await _worker(worker_store)
    chosen = await asyncio.gather(*(worker_store.least_loaded(LIMIT) for _ in range(8)))
    assert {worker.id for worker in chosen} == {only}
    assert max(worker.peers for worker in chosen) == 8


async def test_a_worker_that_was_tried_is_not_chosen_again(worker_store: WorkerStore) -> None:
    light, heavy = await _worker(worker_store, 0.1), await _worker(worker_store, 0.5)
    assert (await worker_store.least_loaded(LIMIT, exclude={light})).id == heavy
    with pytest.raises(Overloaded):
        await worker_store.least_loaded(LIMIT, exclude={light, heavy})


async def test_full_and_draining_workers_take_nobody(worker_store: WorkerStore) -> None:
    await _worker(worker_store, 0.7)
    await _worker(worker_store, 0.0, draining=True)
    with pytest.raises(Overloaded, match="full") as refused:
        await worker_store.least_loaded(LIMIT)
    assert refused.value.retry_after_seconds > 0


async def test_a_silent_worker_takes_nobody(database: Database, worker_store: WorkerStore) -> None:
    await let_fall_silent(database, await _worker(worker_store), seconds=7)
    with pytest.raises(Overloaded, match="No ingest worker is running"):
        await worker_store.least_loaded(LIMIT)


async def test_a_dead_workers_tracks_end_where_it_was_last_seen(
    database: Database,
    worker_store: WorkerStore,
    track_store: TrackStore,
    ledger: Ledger,
    lesson: Lesson,
    learner: Participant,
) -> None:
    where = (lesson.tenant_id, lesson.id)
    dead, alive = await _worker(worker_store), await _worker(worker_store)
    for kind in ("audio", "video"):
        await track_store.claim_track(*where, learner.id, kind, dead, 10)
    await asyncio.sleep(SILENCE_SECONDS)  # the database runs for so long, at least
    await let_fall_silent(database, dead, seconds=20)
    await worker_store.heartbeat(alive, peers=0, load=0, draining=False)
    assert await worker_store.expire_dead(SILENCE_SECONDS) == [dead]
    tracks = await track_store.list_tracks(*where)
    assert [track.ended_at_ms for track in tracks] == [10, 10]
    types = [event.type for event in await ledger.read(*where)]
    assert types[2:] == ["track.ended", "track.ended", "participant.left"]
    with pytest.raises(NotFound):
        await worker_store.heartbeat(dead, peers=0, load=0, draining=False)
    await worker_store.get(alive)
    assert await worker_store.expire_dead(SILENCE_SECONDS) == []


async def test_silence_while_the_database_was_down_is_forgiven(
    database: Database, worker_store: WorkerStore
) -> None:
    await let_fall_silent(database, await _worker(worker_store), seconds=200_000)
    assert await worker_store.expire_dead(100_000) == []


async def test_a_worker_that_was_struck_off_can_come_back(worker_store: WorkerStore) -> None:
    worker_id = await _worker(worker_store)
    await worker_store.remove(worker_id)
    await worker_store.remove(worker_id)
    await worker_store.register(worker_id, "http://127.0.0.1:3", 10)
    assert (await worker_store.get(worker_id)).capacity_peers == 10


async def test_an_unknown_worker_is_not_found(worker_store: WorkerStore) -> None:
    with pytest.raises(NotFound):
        await worker_store.get("wrk_none")
