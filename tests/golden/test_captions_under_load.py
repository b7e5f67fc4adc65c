"""A school that grows past its captioner, in virtual time: what is given up, in which order.

A fake engine takes a known time for each second of speech. Real tracks, the real batcher and the
real admission stand before it; lessons come one after the other and each of them speaks without
end. Every final must come, and one that is late must have been told of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from eval.virtual_time import run_in_virtual_time
from lessons.errors import NoHeadroom
from lessons.events import CaptionDelayed, CaptionFinal, EventDraft, PartialCaption
from lessons.roles import Role
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from models.captions.interface import Capabilities, CaptionWindow, Hypothesis, Word
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.ladder import Rung
from serving.captioning.window_batcher import WindowBatcher
from serving.live.caption_drafts import Speaker
from serving.live.caption_pace import CaptionPace
from serving.live.live_track import LiveTrack
from tests.golden.scripted_lesson import ScriptedDetector
from tests.virtual_time import VirtualExecutor

FRAME_MS = 96
BOUND_S = 6.0
TALK = [(2400, 0.5), (900, 0.0)]
"""What everybody does all the time: milliseconds, loudness."""
UTTERANCE_EVERY_S = sum(milliseconds for milliseconds, _ in TALK) / 1000
LESSON_EVERY_S = 6.0


class SlowEngine:
    """Hears one word in each window, and has a known cost."""

    def __init__(self, model: str, per_second: float) -> None:
        self.per_second = per_second
        self.capabilities = Capabilities(
            engine="slow",
            model=model,
            version="1",
            device="cpu",
            compute_type="int8",
            languages=("en",),
            max_window_ms=30_000,
            parallel_windows=4,
            concurrent_calls=False,
            uses_vocabulary=False,
            licence="Apache-2.0",
        )

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        model = self.capabilities.model
        return [
            Hypothesis(window.id, (Word("word", 0, 200, 0.9),), "en", "slow", model)
            for window in windows
        ]

    def close(self) -> None:
        """Nothing to free."""


def _cost_s(engine: SlowEngine, windows: Sequence[CaptionWindow]) -> float:
    effort = 1.0 if windows[0].final else 0.7
    audio_s = sum(len(window.samples) for window in windows) / SAMPLE_RATE
    return 0.02 + engine.per_second * effort * audio_s


@dataclass
class Sink:
    """Keeps what a track tells, and when."""

    partials: list[float] = field(default_factory=list)
    finals: list[tuple[float, CaptionFinal]] = field(default_factory=list)
    delays: list[CaptionDelayed] = field(default_factory=list)

    async def partial(self, caption: PartialCaption) -> None:
        self.partials.append(asyncio.get_running_loop().time())

    def record(self, draft: EventDraft) -> None:
        if isinstance(draft.data, CaptionFinal):
            self.finals.append((asyncio.get_running_loop().time(), draft.data))
        elif isinstance(draft.data, CaptionDelayed):
            self.delays.append(draft.data)

    def heard(self, speech_end_ms: float) -> None:
        pass


@dataclass
class School:
    """Lessons of one speaker each, before one captioner."""

    batcher: WindowBatcher
    sinks: list[Sink] = field(default_factory=list)
    tracks: list[LiveTrack] = field(default_factory=list)
    utterances: list[int] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    rungs: list[tuple[float, Rung]] = field(default_factory=list)
    load: CaptionLoad = field(default_factory=CaptionLoad)
    pace: CaptionPace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = CaptionPace(BOUND_S, lambda: self.load, self._ask)

    async def run(self, lessons: int, afterwards_s: float) -> None:
        """Open a lesson every few seconds; whoever was let in goes on to the end."""
        loop = asyncio.get_running_loop()
        until = loop.time() + lessons * LESSON_EVERY_S + afterwards_s
        watching = asyncio.create_task(self._watch())
        running: list[asyncio.Task[None]] = []
        for _ in range(lessons):
            try:
                await self.pace.admit(live=False)
                running.append(asyncio.create_task(self._teach(until)))
            except NoHeadroom:
                self.refused.append(loop.time())
            await asyncio.sleep(LESSON_EVERY_S)
        await asyncio.gather(*running)
        watching.cancel()

    async def _ask(self) -> CaptionLoad:
        self.load = self.batcher.load()
        return self.load

    async def _watch(self) -> None:
        while True:
            load = await self._ask()
            self.rungs.append((asyncio.get_running_loop().time(), load.on))
            await asyncio.sleep(0.5)

    async def _teach(self, until: float) -> None:
        number, loop = len(self.tracks), asyncio.get_running_loop()
        began, sink = loop.time(), Sink()
        speaker = Speaker(
            "ten", f"les_{number}", f"par_{number}", "A", Role.LEARNER, f"trk_{number}"
        )
        track = LiveTrack(
            speaker,
            self.batcher,
            UtteranceCutter(ScriptedDetector(), CuttingSettings()),
            sink,
            lambda: 1000 * (loop.time() - began),
            pace=self.pace,
        )
        self.sinks.append(sink)
        self.tracks.append(track)
        self.utterances.append(0)
        running = asyncio.create_task(track.run())
        media_ms = 0.0
        while loop.time() < until:
            for milliseconds, loudness in TALK:
                for _ in range(round(milliseconds / FRAME_MS)):
                    samples = np.full(FRAME_MS * SAMPLE_RATE // 1000, loudness, np.float32)
                    track.feed(AudioFrame(media_ms, samples))
                    media_ms += FRAME_MS
                    await asyncio.sleep(FRAME_MS / 1000)
            self.utterances[number] += 1
        track.finish()
        await running

    def reached(self, rung: Rung) -> float:
        """When a rung was first reached."""
        return next(at for at, one in self.rungs if one >= rung)


def _overloaded(
    lessons: int,
    smaller: SlowEngine | None = None,
    slow_from_to: tuple[float, float] = (0.0, 0.0),
    slower: float = 1.0,
) -> School:
    """Run a school; for some seconds the engine may be so many times slower."""

    async def run() -> School:
        main = SlowEngine("large", 0.16)
        loop = asyncio.get_running_loop()
        begins, ends = slow_from_to
        loop.call_later(begins, setattr, main, "per_second", 0.16 * slower)
        loop.call_later(ends, setattr, main, "per_second", 0.16)
        executor = VirtualExecutor(_cost_s, 1)
        batcher = WindowBatcher(main, smaller, final_bound_s=BOUND_S, executor=executor)
        school = School(batcher)
        await school.run(lessons, afterwards_s=15)
        await batcher.close()
        return school

    return run_in_virtual_time(run())


def _no_final_is_lost_or_silently_late(school: School) -> None:
    for sink, track, utterances in zip(school.sinks, school.tracks, school.utterances, strict=True):
        finals = [final for _, final in sink.finals]
        assert len(finals) == utterances
        assert all(one.start_ms < other.start_ms for one, other in pairwise(finals))
        counted = track.counted()
        assert (counted["finals_overflowed"], counted["windows_given_up"]) == (0, 0)
        assert sum(delay.captions_late for delay in sink.delays) == counted["finals_late"]
        late = {
            final.caption_id
            for final in finals
            # The event counts from when the utterance was known to have ended, half a second later.
            if (final.finalised_at_ms or 0) - final.speech_end_ms > 1000 * BOUND_S + 700
        }
        assert len(late) <= counted["finals_late"]
        ids = {final.caption_id for final in finals}
        assert all(delay.caption_id in ids for delay in sink.delays)


def test_partials_slow_down_then_the_model_changes_then_lessons_are_refused() -> None:
    school = _overloaded(14, SlowEngine("small", 0.08))
    order = [
        Rung.SLOWER_PARTIALS,
        Rung.SMALLER_PARTIALS,
        Rung.SMALLER_FINALS,
        Rung.REFUSING,
    ]
    times = [school.reached(rung) for rung in order]
    assert times == sorted(set(times))
    assert school.refused
    assert min(school.refused) >= times[-1]
    _no_final_is_lost_or_silently_late(school)
    first = school.sinks[0]
    models = [(at, final.model) for at, final in first.finals]
    assert {model for at, model in models if at < times[2]} == {"large"}
    assert "small" in {model for _, model in models}
    before = sum(at < times[0] for at in first.partials) / times[0]
    after = sum(times[0] < at < times[1] for at in first.partials) / (times[1] - times[0])
    assert after < 0.7 * before


def test_without_a_smaller_model_lessons_are_refused_after_partials_slowed_down() -> None:
    school = _overloaded(11)
    assert school.reached(Rung.SLOWER_PARTIALS) < school.reached(Rung.REFUSING)
    assert Rung.SMALLER_PARTIALS not in {rung for _, rung in school.rungs}
    assert school.refused
    assert {final.model for sink in school.sinks for _, final in sink.finals} == {"large"}
    _no_final_is_lost_or_silently_late(school)


def test_finals_of_an_engine_that_turns_slow_all_come_and_readers_are_told_of_the_late_ones() -> (
    None
):
    school = _overloaded(3, slow_from_to=(15.0, 32.0), slower=6.0)
    assert school.reached(Rung.REFUSING) < 32 + 10
    assert any(sink.delays for sink in school.sinks)
    assert {delay.cause for sink in school.sinks for delay in sink.delays} == {"captioner_busy"}
    assert all(
        delay.waited_ms >= delay.bound_ms == 1000 * BOUND_S
        for sink in school.sinks
        for delay in sink.delays
    )
    _no_final_is_lost_or_silently_late(school)


def test_a_school_that_fits_gives_nothing_up_and_is_never_late() -> None:
    school = _overloaded(2)
    assert {rung for _, rung in school.rungs} == {Rung.FULL}
    assert not school.refused
    assert not any(sink.delays for sink in school.sinks)
    _no_final_is_lost_or_silently_late(school)
