"""One track's captions, measured on their way, on a clock that the test moves."""

from __future__ import annotations

from typing import TypeVar

import pytest

from lessons.events import (
    CaptionFinal,
    CaptionsMeasured,
    CaptionsTargetMet,
    CaptionsTargetMissed,
    CaptionWord,
    EventDraft,
    PartialCaption,
    SpeakingStopped,
)
from lessons.roles import Role
from lessons.tenants import CaptionTargets
from serving.live.caption_drafts import Speaker
from serving.live.caption_meter import SPAN_MS, CaptionMeter, CaptionMeters

Kind = TypeVar("Kind")
SPEAKER = Speaker("ten_1", "les_1", "par_1", "Ada", Role.LEARNER, "trk_1")


class Lesson:
    """Takes what a lesson takes, and has a clock that stands still by itself."""

    def __init__(self) -> None:
        self.now = 0.0
        self.partials: list[PartialCaption] = []
        self.drafts: list[EventDraft] = []

    def now_ms(self) -> float:
        return self.now

    async def partial(self, caption: PartialCaption) -> None:
        self.partials.append(caption)

    def record(self, draft: EventDraft) -> None:
        self.drafts.append(draft)

    def told(self, kind: type[Kind]) -> list[Kind]:
        return [draft.data for draft in self.drafts if isinstance(draft.data, kind)]


@pytest.fixture
def lesson() -> Lesson:
    return Lesson()


@pytest.fixture
def meter(lesson: Lesson) -> CaptionMeter:
    return CaptionMeter(SPEAKER, lesson, lesson.now_ms, CaptionTargets())


def partial(stable: str, unstable: str = "", caption_id: str = "cap_1") -> PartialCaption:
    example = PartialCaption.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index]
    words = {"caption_id": caption_id, "stable_text": stable, "unstable_text": unstable}
    return PartialCaption.model_validate(example | words)  # type: ignore[operator]


def final(*words: tuple[str, int], at_ms: float, caption_id: str = "cap_1") -> EventDraft:
    """A final whose words end at these times and which is ready now."""
    end_ms = words[-1][1]
    said = dict(CaptionFinal.example) | {
        "caption_id": caption_id,
        "text": " ".join(text for text, _ in words),
        "words": [
            CaptionWord(text=text, start_ms=end - 100, end_ms=end, confidence=0.9)
            for text, end in words
        ],
        "start_ms": words[0][1] - 100,
        "end_ms": end_ms,
        "speech_end_ms": end_ms,
        "finalised_at_ms": round(at_ms),
    }
    return EventDraft(CaptionFinal.model_validate(said), None, "par_1")


async def test_a_sentence_that_is_parted_takes_nothing_back(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    lesson.now = 1_000
    await meter.partial(partial("add the tops", "and then the bottoms"))
    lesson.now = 2_000
    await meter.partial(partial("add the tops and"))
    await meter.partial(partial("", "then the bottoms twice", "cap_2"))
    meter.record(final(("add", 300), ("the", 400), ("tops", 600), ("and", 700), at_ms=2_100))
    lesson.now = 2_500
    said = (("then", 800), ("the", 900), ("bottoms", 1_000), ("twice", 1_500))
    meter.record(final(*said, at_ms=2_500, caption_id="cap_2"))
    meter.write()
    [measured] = lesson.told(CaptionsMeasured)
    assert (measured.words_final, measured.words_erased) == (8, 0)
    assert sum(measured.word_to_publish) == 8


async def test_words_that_do_not_go_on_in_the_next_caption_were_taken_back(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    await meter.partial(partial("add the tops", "and then"))
    await meter.partial(partial("add the tops"))
    await meter.partial(partial("", "no wait", "cap_2"))
    meter.record(final(("add", 300), ("the", 400), ("tops", 600), at_ms=700))
    meter.write()
    [measured] = lesson.told(CaptionsMeasured)
    assert measured.words_erased == 2


def stopped(end_ms: int) -> EventDraft:
    return EventDraft(SpeakingStopped(utterance_id="utt", start_ms=0, end_ms=end_ms), None, "par_1")


async def test_words_count_from_when_they_stay_and_what_is_taken_back_is_flicker(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    lesson.now = 1_000
    await meter.partial(partial("", "three"))
    lesson.now = 1_500
    await meter.partial(partial("three", "squatters of"))
    lesson.now = 2_000
    ready = final(("Three", 600), ("quarters", 1_100), ("of", 1_300), at_ms=2_000)
    meter.record(ready)
    lesson.now = SPAN_MS
    meter.tick()
    [measured] = lesson.told(CaptionsMeasured)
    assert (measured.words_final, measured.words_erased) == (3, 2)
    assert measured.start_ms == 0
    assert measured.end_ms == SPAN_MS
    assert sum(measured.word_to_publish) == 3
    assert measured.word_to_publish[3] == 1, "400 ms: Three, since the first partial"
    assert [len(lesson.partials), lesson.drafts[0]] == [2, ready], "everything is passed on"
    meter.write()
    assert len(lesson.told(CaptionsMeasured)) == 1, "a span without captions leaves no event"


async def test_a_noise_that_is_taken_back_is_flicker_and_no_caption_to_wait_for(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    await meter.partial(partial("", "the the"))
    meter.record(stopped(900))
    await meter.partial(partial(""))
    meter.heard(900.2)
    for second in range(120):
        lesson.now = second * 1_000.0
        meter.tick()
    assert lesson.told(CaptionsTargetMissed) == []
    assert [one.words_erased for one in lesson.told(CaptionsMeasured)] == [2]


def test_speech_whose_captions_stay_away_raises_the_alarm_until_they_come_again(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    lesson.now = 10_000
    meter.record(stopped(10_000))
    for second in range(10, 60):
        lesson.now = second * 1_000.0
        meter.tick()
    [missed] = lesson.told(CaptionsTargetMissed)
    assert (missed.target, missed.reason) == ("speech_end_to_final", "no_captions")
    assert missed.since_ms == 13_000
    for number, second in enumerate(range(60, 120)):
        lesson.now = second * 1_000.0
        if number % 5 == 0:
            end_ms = round(lesson.now) - 500
            meter.record(stopped(end_ms))
            meter.record(final(("word", end_ms), at_ms=lesson.now, caption_id=f"cap_{number}"))
        meter.tick()
    met = [one for one in lesson.told(CaptionsTargetMet) if one.target == "speech_end_to_final"]
    assert [one.since_ms for one in met] == [missed.since_ms]
    assert 59_000 <= met[0].until_ms < 62_000


def test_a_track_that_is_over_leaves_its_last_counts_and_no_alarm(
    lesson: Lesson, meter: CaptionMeter
) -> None:
    meters = CaptionMeters()
    meters.add(meter)
    lesson.now = 2_000
    meter.record(final(("word", 1_000), at_ms=2_000))
    meter.record(stopped(1_900))
    meters.end("trk_1")
    meters.end("trk_1")
    lesson.now = 100_000
    meters.tick()
    assert [one.words_final for one in lesson.told(CaptionsMeasured)] == [1]
    assert lesson.told(CaptionsTargetMissed) == []
