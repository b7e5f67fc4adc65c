from __future__ import annotations

import psycopg
import pytest

from lessons.errors import LecternError
from lessons.events import EventDraft, PollOpened
from lessons.privacy.sealing import MasterKey
from lessons.records import Lesson
from lessons.store import Database, Ledger, LessonStore
from lessons.store.regions import RegionPin, WrongRegion
from tests.keys import MASTER_KEY


async def _bind(database_url: str, tenant_id: str, region: str | None) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO tenants (id, path, name, kind, settings, inherited, effective, created_at)"
            " VALUES (%s, ARRAY[%s], 'x', 'school', '{}', NULL, jsonb_build_object('region',"
            " %s::text), now()) ON CONFLICT (id) DO UPDATE SET effective = EXCLUDED.effective",
            (tenant_id, tenant_id, region),
        )


def _installation(database_url: str, region: str | None, models: str | None = None) -> Database:
    return Database(
        database_url, master_key=MasterKey(MASTER_KEY), pin=RegionPin(region, models or region)
    )


@pytest.mark.parametrize(
    ("bound", "here", "served"),
    [
        (None, None, True),
        (None, "eu", True),
        ("eu", "eu", True),
        ("eu", "us", False),
        ("eu", None, False),
    ],
)
async def test_a_tenant_is_served_in_its_own_region_only(
    database_url: str, tenant_id: str, bound: str | None, here: str | None, served: bool
) -> None:
    await _bind(database_url, tenant_id, bound)
    database = _installation(database_url, here)
    if served:
        await LessonStore(database).list_lessons(tenant_id)
    else:
        with pytest.raises(WrongRegion, match="bound to the region 'eu'") as refused:
            await LessonStore(database).list_lessons(tenant_id)
        assert "LECTERN_REGION" in (refused.value.fix or "")
    await database.dispose()


async def test_the_straight_road_into_the_ledger_is_no_way_around(
    database_url: str, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lessons.store.regions.REMEMBERED_SECONDS", 0.0)
    tenant_id = lesson.tenant_id
    draft = EventDraft(PollOpened(poll_id="p", question="?", options=["a", "b"]), 1)
    database = _installation(database_url, "us")
    ledger = Ledger(database)
    await ledger.append(tenant_id, lesson.id, [draft])
    await _bind(database_url, tenant_id, "eu")
    try:
        with pytest.raises(WrongRegion):
            await ledger.append(tenant_id, lesson.id, [draft])
        with pytest.raises(WrongRegion):
            await ledger.read(tenant_id, lesson.id)
    finally:
        await database.dispose()


async def test_no_other_tenant_notices(database_url: str, tenant_id: str) -> None:
    await _bind(database_url, tenant_id, "eu")
    database = _installation(database_url, "us")
    with pytest.raises(WrongRegion):
        await LessonStore(database).list_lessons(tenant_id)
    assert await LessonStore(database).list_lessons("ten_another") == []
    await database.dispose()


async def test_speech_goes_to_no_model_in_another_region(database_url: str, tenant_id: str) -> None:
    await _bind(database_url, tenant_id, "eu")
    for models, refused in (("us", True), ("eu", False)):
        database = _installation(database_url, "eu", models)
        await LessonStore(database).list_lessons(tenant_id)
        try:
            database.pin.require_models(tenant_id)
            stopped = False
        except LecternError:
            stopped = True
        assert stopped is refused
        await database.dispose()
