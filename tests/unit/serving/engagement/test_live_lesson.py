"""A live lesson in a real PostgreSQL: its signals, restarts, consent, and what else may happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from lessons.errors import Unavailable
from lessons.events import (
    ActivityCounted,
    CaptionFinal,
    EngagementProfile,
    EngagementSignal,
    EventData,
    EventDraft,
    LearningEvent,
    LessonPlanItemStarted,
)
from lessons.privacy.consent import Basis, Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.consents import ConsentStore
from lessons.store.curricula import CurriculumStore
from lessons.store.objectives import ObjectiveStore
from lessons.store.tenants import TenantStore
from serving.engagement.client import EngagementClient
from serving.engagement.live_lesson import EngagementTools, LiveLesson
from serving.engagement.ticks import Ticks
from serving.observability.engagement_metrics import EngagementMetrics
from tests.unit.serving.conftest import NOBODY
from tests.unit.serving.engagement.models_process import LocalEngagement, running_models_process
from tests.unit.serving.engagement.telling_model import telling_model

WINDOW_MS = 5_000
_TURN_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
PATIENCE_SECONDS = 20


@dataclass
class World:
    """A lesson whose clock a test sets, and what follows it."""

    database: Database
    lesson: Lesson
    tools: EngagementTools
    learners: list[Participant] = field(default_factory=list)
    now_ms: int = 0

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    def clock(self) -> datetime:
        began = self.lesson.started_at or datetime.now(UTC)
        return began + timedelta(milliseconds=self.now_ms)

    async def join(self, name: str, role: Role = Role.LEARNER) -> Participant:
        who = await LessonStore(self.database).add_participant(*self.where, name, role)
        if role is Role.LEARNER:
            self.learners.append(who)
        return who

    async def tell(self, who: Participant | None, data: EventData, at_ms: int) -> None:
        draft = EventDraft(data, at_ms, who.id if who else None)
        await Ledger(self.database).append(*self.where, [draft])

    async def type(self, who: Participant, at_ms: int) -> None:
        """Let a browser tell what it counted in the window before."""
        told = {"start_ms": at_ms - WINDOW_MS, "buckets": [{"key_presses": 15}]}
        await self.tell(who, ActivityCounted.model_validate(told), at_ms)

    async def go_on(self, follower: LiveLesson, windows: int, *, typing: bool = True) -> bool:
        """Let so many windows pass; return whether the lesson goes on."""
        goes_on = True
        for _ in range(windows):
            self.now_ms += WINDOW_MS
            for who in self.learners if typing else ():
                await self.type(who, self.now_ms)
            self.now_ms += 500
            goes_on = await follower.advance()
            self.now_ms -= 500
        return goes_on

    async def events(self, *types: str) -> list[LearningEvent]:
        return await Ledger(self.database).read(*self.where, limit=1000, types=types or None)

    async def signals(self, who: Participant) -> list[EngagementSignal]:
        return [
            event.data
            for event in await self.events(EngagementSignal.type)
            if event.subject == who.id and isinstance(event.data, EngagementSignal)
        ]

    async def decide(self, who: Participant, *, granted: bool) -> None:
        change = ConsentChange(
            who.person_id,
            self.lesson.id,
            [Purpose.SIGNALS],
            granted=granted,
            basis=Basis.OWN if granted else None,
            decided_by="key",
        )
        await ConsentChanges(self.database).decide(self.lesson.tenant_id, change)

    def follower(self) -> LiveLesson:
        return LiveLesson(self.lesson, self.tools)


@asynccontextmanager
async def world_of(database: Database, tenant_id: str, models_url: str) -> AsyncIterator[World]:
    lessons, metrics, model = LessonStore(database), EngagementMetrics(), telling_model("baseline")
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    lesson = await lessons.start_lesson(tenant_id, lesson.id)
    async with EngagementClient(models_url) as client:
        ticks = Ticks(client, model, metrics)
        await ticks.look()
        world: World
        tools = EngagementTools(
            Ledger(database),
            lessons,
            ConsentStore(database),
            TenantStore(database),
            ObjectiveStore(database),
            ticks,
            client,
            model,
            metrics,
            lambda: world.clock(),
        )
        world = World(database, lesson, tools)
        await world.join("Ada")
        async with ticks.ticking():
            yield world


@pytest.fixture
async def world(database: Database, tenant_id: str) -> AsyncIterator[World]:
    async with world_of(database, tenant_id, NOBODY) as opened:
        yield opened


def counted(world: World, name: str, **labels: str) -> float:
    return world.tools.metrics.registry.get_sample_value(name, labels) or 0


async def test_what_a_learner_does_is_told_as_the_window_ends(world: World) -> None:
    ada, follower = world.learners[0], world.follower()
    assert await world.go_on(follower, 6)
    signals = await world.signals(ada)
    assert signals[-1].state == "working"
    assert {(one.model, one.model_version) for one in signals} == {("baseline", "1")}
    assert signals[-1].observations
    known = {event.id for event in await world.events()}
    assert {each for one in signals[-1].evidence for each in one.event_ids} <= known
    late = "lectern_engagement_signal_seconds"
    assert counted(world, f"{late}_count") >= 1
    assert counted(world, f"{late}_bucket", le="2.0") == counted(world, f"{late}_count")
    assert counted(world, "lectern_engagement_events_total", type="engagement.signal") >= 1


async def test_the_served_model_judges_and_the_baseline_while_it_is_away(
    database: Database, tenant_id: str
) -> None:
    served = LocalEngagement(telling_model("temporal", "9"))
    async with (
        running_models_process(served) as url,
        world_of(database, tenant_id, url) as world,
    ):
        follower = world.follower()
        await world.go_on(follower, 8)
        served.away = True
        await world.go_on(follower, 8)
        models = [one.model for one in await world.signals(world.learners[0])]
    assert models[0] == "temporal"
    assert models[-1] == "baseline"


async def test_a_restart_in_mid_lesson_doubles_nothing(world: World) -> None:
    ada = world.learners[0]
    await world.go_on(world.follower(), 7)
    before = await world.signals(ada)
    assert await world.go_on(world.follower(), 7)
    after = await world.signals(ada)
    assert after[: len(before)] == before
    ends = [one.end_ms for one in after]
    assert len(ends) == len(set(ends))
    working = [one for one in after if one.state == "working"]
    assert {one.since_ms for one in working} == {working[0].since_ms}


async def test_two_that_follow_one_lesson_write_each_signal_once(world: World) -> None:
    one, other = world.follower(), world.follower()
    for _ in range(8):
        world.now_ms += WINDOW_MS
        await world.type(world.learners[0], world.now_ms)
        world.now_ms += 500
        await asyncio.gather(one.advance(), other.advance())
        world.now_ms -= 500
    ids = [event.id for event in await world.events(EngagementSignal.type)]
    assert ids
    assert len(ids) == len(set(ids))


async def test_consent_taken_back_stops_signals_at_once_and_only_of_that_learner(
    world: World,
) -> None:
    ada, ben = world.learners[0], await world.join("Ben")
    follower = world.follower()
    await world.go_on(follower, 3)
    await world.decide(ada, granted=False)
    taken_back_ms = world.now_ms
    await world.go_on(follower, 10)
    assert max(one.end_ms for one in await world.signals(ada)) <= taken_back_ms
    assert (await world.signals(ben))[-1].end_ms > taken_back_ms
    await world.decide(ada, granted=True)
    await world.go_on(follower, 4)
    again = [one for one in await world.signals(ada) if one.end_ms > taken_back_ms]
    assert again
    assert again[0].since_ms > taken_back_ms  # Nothing of before was kept.


async def test_where_consent_is_demanded_nobody_is_judged_without(
    database: Database, tenant_id: str
) -> None:
    settings = {"consent": {"required_purposes": ["signals"]}}
    await TenantStore(database).change(tenant_id, tenant_id, settings=settings)
    async with world_of(database, tenant_id, NOBODY) as world:
        ada, ben = world.learners[0], await world.join("Ben")
        await world.decide(ben, granted=True)
        await world.go_on(world.follower(), 4)
        assert await world.signals(ada) == []
        assert await world.signals(ben)


async def test_a_school_that_wants_no_signals_has_none(world: World) -> None:
    tenant_id = world.lesson.tenant_id
    settings = {"engagement": {"signals": False}}
    await TenantStore(world.database).change(tenant_id, tenant_id, settings=settings)
    assert not await world.go_on(world.follower(), 1)
    assert await world.events(EngagementSignal.type) == []


async def test_at_the_end_there_is_a_profile_and_the_lesson_is_put_down(world: World) -> None:
    follower = world.follower()
    plan = LessonPlanItemStarted(item_id="i", title="Fractions", mode="individual_work")
    await world.tell(None, plan, 1_000)
    assert await world.go_on(follower, 60)
    await world.tools.lessons.end_lesson(*world.where)
    assert not await follower.advance()
    profiles = [
        event.data
        for event in await world.events(EngagementProfile.type)
        if isinstance(event.data, EngagementProfile)
    ]
    assert profiles
    assert profiles[-1].practice is not None


async def test_somebody_added_in_mid_lesson_is_followed_though_no_track_came(world: World) -> None:
    follower = world.follower()
    await world.go_on(follower, 2)
    cleo = await world.join("Cleo")
    await world.go_on(follower, 6)
    assert (await world.signals(cleo))[-1].state == "working"


async def test_of_a_long_pause_only_the_last_window_is_judged(world: World) -> None:
    ada, follower = world.learners[0], world.follower()
    await world.go_on(follower, 3)
    world.now_ms += 40 * WINDOW_MS
    await world.go_on(follower, 1)
    ends = [one.end_ms for one in await world.signals(ada)]
    assert ends[-1] == 44 * WINDOW_MS
    assert not [end_ms for end_ms in ends if 3 * WINDOW_MS < end_ms < 44 * WINDOW_MS]
    assert counted(world, "lectern_engagement_windows_skipped_total") > 0


async def test_what_learners_say_is_compared_with_the_objective(
    database: Database, tenant_id: str
) -> None:
    served = LocalEngagement(telling_model())
    async with (
        running_models_process(served) as url,
        world_of(database, tenant_id, url) as world,
    ):
        ada, follower = world.learners[0], world.follower()
        curriculum = await CurriculumStore(database).create(tenant_id, "Arithmetic")
        statement = "Add fractions with unlike denominators."
        await ObjectiveStore(database).create(
            tenant_id, curriculum.id, code="fractions.add", statement=statement
        )
        plan = LessonPlanItemStarted(
            item_id="i", title="Exercise 4", objective_ids=["fractions.add", "unheard-of"]
        )
        await world.tell(None, plan, 1_000)
        said: dict[str, Any] = dict(CaptionFinal.example) | {
            "participant_id": ada.id,
            "text": "three quarters of a pizza",
        }
        await world.tell(ada, CaptionFinal.model_validate(said), 13_000)
        await world.go_on(follower, 4)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not served.pairs:
                await asyncio.sleep(0.01)
    assert [(one.said, one.topic) for one in served.pairs] == [
        ("three quarters of a pizza", f"Exercise 4\n{statement}")
    ]


async def test_a_lesson_that_somebody_locks_holds_up_no_other(
    database: Database, database_url: str, tenant_id: str
) -> None:
    async with (
        world_of(database, tenant_id, NOBODY) as locked,
        world_of(database, tenant_id, NOBODY) as free,
    ):
        stuck, going = locked.follower(), free.follower()
        await locked.go_on(stuck, 1)
        locked.now_ms += 7 * WINDOW_MS + 500
        async with database.transaction(tenant_id) as connection:
            await connection.execute(
                text("SELECT id FROM lessons WHERE id = :id FOR UPDATE"), {"id": locked.lesson.id}
            )
            waiting = asyncio.create_task(stuck.advance())
            await free.go_on(going, 3)
            assert await free.signals(free.learners[0])
            assert not waiting.done()
        assert await waiting
        assert (await locked.signals(locked.learners[0]))[-1].end_ms == 8 * WINDOW_MS


@dataclass
class Outage:
    """The database turns everybody out, and takes nobody in until it is over."""

    server_url: str
    name: str

    def begin(self) -> None:
        self._run(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
        with psycopg.connect(self.server_url, autocommit=True) as owner:
            while owner.execute(_TURN_OUT, [self.name]).fetchall():
                time.sleep(0.01)

    def end(self) -> None:
        self._run(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as owner:
            owner.execute(statement)


async def test_what_the_store_did_not_take_is_written_when_it_is_back(
    lone_database: Database, database_url: str, tenant_id: str
) -> None:
    async with lone_database.transaction(None) as connection:
        name = await connection.scalar(text("SELECT current_database()"))
    outage, served = Outage(database_url, str(name)), LocalEngagement(telling_model())
    async with (
        running_models_process(served) as url,
        world_of(lone_database, tenant_id, url) as world,
    ):
        follower, ada = world.follower(), world.learners[0]
        served.before = outage.begin  # The window is read, and what comes of it is not written.
        with pytest.raises(Unavailable):
            await world.go_on(follower, 1)
        served.before = outage.end
        outage.end()
        world.now_ms = WINDOW_MS
        await world.go_on(follower, 1)
        assert [one.end_ms for one in await world.signals(ada)] == [WINDOW_MS]
