"""The nightly work of privacy, on a real queue and a real record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import procrastinate
import psycopg
import pytest

from lessons.errors import Unavailable
from lessons.events import EventDraft, HandRaised
from lessons.records import Lesson, Participant, RecordingFile
from lessons.store import Database, Ledger, LessonStore, RecordingStore
from lessons.store.audit import AuditStore
from lessons.store.retention import RetentionStore
from lessons.store.tenants import TenantStore
from serving.jobs.privacy import PrivacyUpkeep, checkpoints_file, read_checkpoints
from serving.jobs.queue import job_app

NEXT_MONTH = datetime.now(UTC) + timedelta(days=31)


@pytest.fixture
async def app(served_database: str) -> AsyncIterator[procrastinate.App]:
    opened = job_app(served_database)
    async with opened.open_async():
        yield opened


@pytest.fixture
def upkeep(database: Database, tmp_path: Path) -> PrivacyUpkeep:
    return PrivacyUpkeep(database, tmp_path)


@pytest.fixture(autouse=True)
def only_this_tenant(monkeypatch: pytest.MonkeyPatch, tenant_id: str) -> None:
    """Other tests' tenants are as due as this one."""
    every_due = RetentionStore.due

    async def due(self: RetentionStore, today: object, limit: int = 0) -> list[str]:
        del limit
        found = await every_due(self, today, 100_000)  # type: ignore[arg-type]
        return [item for item in found if item == tenant_id]

    monkeypatch.setattr(RetentionStore, "due", due)


async def _hold(database: Database, lesson: Lesson, learner: Participant) -> None:
    """Let the tenant hold an event of a lesson that has ended, for thirty days."""
    rules = {"retention": {"events_days": 30, "recordings_days": 30, "payloads_days": 30}}
    await TenantStore(database).change(lesson.tenant_id, lesson.tenant_id, settings=rules)
    await LessonStore(database).start_lesson(lesson.tenant_id, lesson.id)
    draft = EventDraft(HandRaised(), 1, learner.id)
    await Ledger(database).append(lesson.tenant_id, lesson.id, [draft])


async def _count(database: Database, lesson: Lesson) -> int:
    return len(await Ledger(database).read(lesson.tenant_id, lesson.id))


async def test_a_night_deletes_by_the_tenants_rules_and_signs_its_trail(
    app: procrastinate.App,
    upkeep: PrivacyUpkeep,
    database: Database,
    tmp_path: Path,
    lesson: Lesson,
    learner: Participant,
) -> None:
    await _hold(database, lesson, learner)
    file = RecordingFile(name="a", path="a")
    made = await RecordingStore(database).create(lesson.tenant_id, lesson.id, [file])
    upload = tmp_path / "recordings" / made.id / "a.opus"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"voice")
    await upkeep.keep(app, datetime.now(UTC))
    assert upload.exists()
    assert await _count(database, lesson) == 2
    await upkeep.keep(app, NEXT_MONTH)
    assert not upload.exists()
    assert await _count(database, lesson) == 0
    kept = read_checkpoints(checkpoints_file(tmp_path).read_text().splitlines())
    audit = AuditStore(database)
    assert {item.tenant_id for item in kept} == {lesson.tenant_id}
    assert (await audit.verify(lesson.tenant_id, kept)).faults == []
    forged = replace(kept[-1], hash=b"x" * 32)
    (fault,) = (await audit.verify(lesson.tenant_id, [forged])).faults
    assert "signature" in fault.problem


async def test_finished_jobs_of_the_tenant_lose_their_payloads(
    app: procrastinate.App,
    upkeep: PrivacyUpkeep,
    database: Database,
    served_database: str,
    lesson: Lesson,
    learner: Participant,
) -> None:
    await _hold(database, lesson, learner)
    ids = {}
    for tenant_id, status in (
        (lesson.tenant_id, "failed"),
        (lesson.tenant_id, "todo"),
        ("x", "failed"),
    ):
        job = app.configure_task("private", allow_unknown=True)
        number = await job.defer_async(tenant_id=tenant_id, name="Ada")
        ids[number] = (tenant_id, status)
        async with await psycopg.AsyncConnection.connect(served_database) as connection:
            await connection.execute(
                "UPDATE procrastinate_jobs SET status = %s WHERE id = %s", (status, number)
            )
    await upkeep.keep(app, NEXT_MONTH)
    async with await psycopg.AsyncConnection.connect(served_database) as connection:
        cursor = await connection.execute(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(%s) RETURNING id", (list(ids),)
        )
        left = {ids[row[0]] for row in await cursor.fetchall()}
    assert left == {(lesson.tenant_id, "todo"), ("x", "failed")}


async def test_a_tenant_whose_turn_fails_is_left_for_the_next_night(
    app: procrastinate.App,
    upkeep: PrivacyUpkeep,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    lesson: Lesson,
    learner: Participant,
) -> None:
    await _hold(database, lesson, learner)

    async def fail(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(RetentionStore, "sweep", fail)
        await upkeep.keep(app, NEXT_MONTH)
    assert await _count(database, lesson) == 2
    await upkeep.keep(app, NEXT_MONTH)
    assert await _count(database, lesson) == 0
