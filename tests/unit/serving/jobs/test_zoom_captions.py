"""Captions into a Zoom meeting: each line once and in order, over cuts, crashes and a busy Zoom."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from lessons.errors import NotFound
from lessons.events import (
    CaptionCorrected,
    CaptionerHandedBack,
    CaptionerTookOver,
    EventDraft,
    HandRaised,
)
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.caption_outputs import CaptionOutput, CaptionOutputStore
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.disclosures import DisclosureLog
from serving.jobs.queue import job_app
from serving.jobs.zoom_worker import ZoomWork, open_zoom_work
from serving.settings import Settings
from tests.keys import MASTER_KEY
from tests.unit.integrations.captions.spoken import final
from tests.unit.integrations.captions.zoom_meeting import Fault, Meeting, running_meeting

REPOSITORY = Path(__file__).parents[4]
LONG = "we have three quarters of a pizza and want to share it among five hungry friends of ours"


@dataclass
class World:
    """A lesson whose captions go into a meeting."""

    database: Database
    work: ZoomWork
    meeting: Meeting
    lesson: Lesson
    speaker: Participant
    said: list[str] = field(default_factory=list)

    @property
    def outputs(self) -> CaptionOutputStore:
        return CaptionOutputStore(self.database)

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    async def say(
        self, *texts: str, speaker: Participant | None = None, at_ms: int = 0, **changes: str
    ) -> None:
        who = speaker or self.speaker
        drafts = []
        for text in texts:
            data = final(
                text,
                at_ms,
                at_ms + 900,
                caption_id=new_id("cap"),
                participant_id=who.id,
                participant_name=who.name,
                **changes,
            )
            drafts.append(EventDraft(data, at_ms, who.id, id=data.caption_id))
            self.said.append(f"{who.name}: {text}")
        await Ledger(self.database).append(*self.where, drafts)

    async def send(self, times: int = 1) -> None:
        for _ in range(times):
            await self.work.captions.send(*self.where)

    async def now(self) -> CaptionOutput:
        return await self.outputs.get(*self.where)

    def heard(self) -> str:
        """Everything that the meeting took, as one text."""
        return " ".join(line.removesuffix("\n") for line in self.meeting.lines)


@pytest.fixture
def inside(settings: Settings) -> Settings:
    """Settings by which a meeting may be on this machine."""
    return settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.0/8"]})


@asynccontextmanager
async def opened_world(settings: Settings, url: str) -> AsyncIterator[World]:
    """Open a tenant with a lesson that has been going on when the meeting was named."""
    tenant_id = new_id("ten")
    database = Database(url, master_key=settings.sealing_key())
    lessons = LessonStore(database)
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    speaker = await lessons.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
    async with (
        running_meeting() as meeting,
        LiveFeed(url) as feed,
        open_zoom_work(settings, url, database, feed, pace_seconds=0) as work,
    ):
        world = World(database, work, meeting, lesson, speaker)
        await world.say("before the meeting was named")
        world.said.clear()
        await world.outputs.put(*world.where, url=meeting.url, host="127.0.0.1", language="en-US")
        yield world
    await database.dispose()


@pytest.fixture
async def world(inside: Settings, served_database: str) -> AsyncIterator[World]:
    async with opened_world(inside, served_database) as opened:
        yield opened


async def test_finals_arrive_in_order_with_their_speakers_and_nothing_else(world: World) -> None:
    ines = await LessonStore(world.database).add_participant(*world.where, "Ines", Role.INSTRUCTOR)
    await world.say("three quarters", LONG)
    await world.say("of a cake", speaker=ines)
    corrected = CaptionCorrected(caption_id="cap_1", revision=2, text="x", corrected_by="a")
    drafts = [EventDraft(HandRaised(), 0, world.speaker.id), EventDraft(corrected, 0)]
    await Ledger(world.database).append(*world.where, drafts)
    await world.send()
    assert world.heard() == " ".join(world.said)
    assert len(world.meeting.lines) == 4, "the long one takes two lines"
    output = await world.now()
    assert (output.sent, output.last_error, output.status) == (4, None, "active")
    assert world.meeting.asked == 1, "its number is asked for once"
    await world.send()
    assert len(world.meeting.lines) == 4


async def test_a_meeting_that_has_captions_already_is_gone_on_with(world: World) -> None:
    world.meeting.last = 17
    await world.say("three quarters")
    await world.send()
    assert (world.meeting.last, world.heard()) == (18, "Ada: three quarters")


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.HANG_AFTER])
async def test_a_fault_loses_and_repeats_nothing(world: World, fault: Fault) -> None:
    world.meeting.faults = [fault]
    await world.say("three quarters", "of a cake")
    await world.send()
    failed = await world.now()
    assert failed.failed_attempts == 1
    assert failed.last_error
    await world.send()
    assert world.heard() == " ".join(world.said)
    assert world.meeting.refused == []
    healed = await world.now()
    assert (healed.failed_attempts, healed.last_error) == (0, None)


FAULTS = st.sampled_from([Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.NOT_STARTED, Fault.OVERLOADED])


@hypothesis.settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    faults=st.lists(FAULTS, max_size=5),
    texts=st.lists(st.sampled_from(["three quarters", LONG]), min_size=1, max_size=3),
)
def test_whatever_goes_wrong_each_line_arrives_once_and_in_order(
    inside: Settings, served_database: str, faults: list[Fault], texts: list[str]
) -> None:
    async def play() -> None:
        async with opened_world(inside, served_database) as world:
            world.meeting.faults = list(faults)
            await world.say(*texts)
            await world.send(len(faults) + 1)
            assert world.heard() == " ".join(world.said)
            assert world.meeting.refused == []

    asyncio.run(play())


async def test_who_was_killed_after_the_line_was_taken_does_not_repeat_it(
    world: World, served_database: str
) -> None:
    """A process of its own is killed while it waits for the answer; another one goes on."""
    world.meeting.faults = [Fault.HANG_AFTER]
    await world.say("three quarters", "of a cake")
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, served_database, MASTER_KEY, *world.where, cwd=REPOSITORY
    )
    async with asyncio.timeout(60):
        await world.meeting.hung.wait()
    sender.send_signal(signal.SIGKILL)
    await sender.wait()
    assert (await world.now()).in_flight
    await world.send()
    assert world.heard() == " ".join(world.said)
    assert world.meeting.refused == []
    assert (await world.now()).sent == 2


KILLED = """
import asyncio, sys
from lessons.privacy.sealing import MasterKey
from lessons.store import Database, LiveFeed
from serving.jobs.zoom_worker import open_zoom_work
from serving.settings import Settings

async def main(url, key, tenant, lesson):
    settings = Settings(webhook_allowed_networks=["127.0.0.0/8"], master_key=key)
    database = Database(url, master_key=MasterKey(key))
    async with LiveFeed(url) as feed, open_zoom_work(settings, url, database, feed) as work:
        await work.captions.send(tenant, lesson)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_who_was_killed_before_the_line_went_out_sends_it(world: World) -> None:
    await world.say("three quarters", "of a cake")
    await world.send()
    await world.say("and cream")
    output = await world.now()
    await world.outputs.note(
        output, in_flight=True, read_sequence=output.read_sequence, lines_sent=0
    )
    await world.send()
    assert world.heard() == " ".join(world.said)


async def test_the_jobs_process_sends_by_itself_what_commits(
    world: World, served_database: str
) -> None:
    app = job_app(served_database)
    world.work.register(app)
    async with app.open_async(), world.work.working(app, poll_seconds=0.1):
        for text in ("three quarters", "of a cake"):
            await world.say(text)
            async with asyncio.timeout(20):
                while world.heard() != " ".join(world.said):
                    await asyncio.sleep(0.05)


async def test_another_url_goes_on_where_the_first_one_was(world: World) -> None:
    await world.say("three quarters")
    await world.send()
    before = await world.now()
    async with running_meeting() as second:
        await world.outputs.put(*world.where, url=second.url, host="127.0.0.1", language="en-GB")
        await world.say("of a cake")
        await world.send()
        assert [second.lines, second.languages] == [["Ada: of a cake\n"], {"en-GB"}]
    with pytest.raises(NotFound):  # Whoever still sends to the first one stops.
        await world.outputs.note(before, lines_sent=7)


async def test_who_refuses_sharing_is_left_out_and_the_others_words_are_disclosed(
    world: World,
) -> None:
    bo = await LessonStore(world.database).add_participant(*world.where, "Bo", Role.LEARNER)
    refusal = ConsentChange(bo.person_id, None, [Purpose.SHARING], False, None, bo.id)
    await ConsentChanges(world.database).decide(world.lesson.tenant_id, refusal)
    await world.say("do not tell", speaker=bo)
    world.said.clear()
    await world.say("three quarters")
    await world.send()
    assert world.heard() == "Ada: three quarters"
    log = DisclosureLog(world.database)
    seen = await log.list_disclosures(world.lesson.tenant_id, world.speaker.person_id)
    assert [one.purpose for one in seen] == ["captions in a meeting at 127.0.0.1"]
    assert await log.list_disclosures(world.lesson.tenant_id, bo.person_id) == []


async def test_while_a_captioner_types_only_their_captions_go_out(
    inside: Settings, served_database: str, world: World
) -> None:
    """A jobs process that was started since knows as well who captions."""
    lessons, ledger = LessonStore(world.database), Ledger(world.database)
    noor = await lessons.add_participant(*world.where, "Noor", Role.CAPTIONER)

    async def change(data: CaptionerTookOver | CaptionerHandedBack, at_ms: int) -> None:
        await ledger.append(*world.where, [EventDraft(data, at_ms, noor.id)])

    await world.say("heard before", at_ms=1_000)
    await change(CaptionerTookOver(name="Noor", asked_by=noor.id), 2_000)
    await world.say("hurt instead", at_ms=3_000)
    await world.say("typed instead", at_ms=4_000, engine="human", model="human")
    await world.send()
    assert world.heard() == "Ada: heard before Ada: typed instead"
    await world.say("hurt again", at_ms=5_000)
    async with (
        LiveFeed(served_database) as feed,
        open_zoom_work(inside, served_database, world.database, feed, pace_seconds=0) as work,
    ):
        await work.captions.send(*world.where)
    assert world.heard() == "Ada: heard before Ada: typed instead"
    assert not await world.outputs.waiting(world.lesson.tenant_id), "what is left out is done with"
    await world.say("heard, for nobody types", at_ms=40_000)
    await world.say("typed again", at_ms=41_000, engine="human", model="human")
    await change(CaptionerHandedBack(asked_by=noor.id), 42_000)
    await world.say("heard after", at_ms=43_000)
    await world.send()
    assert world.heard().endswith("Ada: heard, for nobody types Ada: typed again Ada: heard after")
    assert "hurt" not in world.heard()


async def test_a_meeting_that_takes_nothing_is_given_up_an_hour_after_the_lesson(
    inside: Settings, served_database: str, world: World
) -> None:
    await world.say("three quarters")
    await LessonStore(world.database).end_lesson(*world.where)
    world.meeting.faults = [Fault.NOT_STARTED] * 3
    await world.send()
    assert (await world.now()).status == "active"

    def later() -> datetime:
        return datetime.now(UTC) + timedelta(hours=2)

    async with (
        LiveFeed(served_database) as feed,
        open_zoom_work(inside, served_database, world.database, feed, later) as work,
    ):
        await work.captions.send(*world.where)
    given_up = await world.now()
    assert given_up.status == "stopped"
    assert given_up.last_error == "Zoom answered 400: the meeting has not started."
    await world.send()
    assert world.meeting.lines == []
