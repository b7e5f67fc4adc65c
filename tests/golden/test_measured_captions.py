"""What is measured of a golden lesson's captions, and when its alarm goes off."""

from __future__ import annotations

import pytest

from lessons.accessibility.histogram import histogram_quantile
from lessons.events import CaptionsMeasured, CaptionsTargetMissed
from tests.golden.scripted_lesson import ScriptedCaptions, ScriptedLesson

SECOND_MS = 1_000


async def pass_time(lesson: ScriptedLesson, seconds: int) -> None:
    for _ in range(seconds):
        await lesson.pause(SECOND_MS)
        lesson.meter.tick()


def missed(lesson: ScriptedLesson) -> list[CaptionsTargetMissed]:
    return [one for one in lesson.notes.turns if isinstance(one, CaptionsTargetMissed)]


async def test_every_word_of_the_finals_is_measured_from_its_end_to_its_partial() -> None:
    lesson = ScriptedLesson()
    await lesson.say(12)
    await lesson.pause(900)
    await lesson.end()
    lesson.meter.write()
    [measured] = [one for one in lesson.notes.turns if isinstance(one, CaptionsMeasured)]
    assert measured.words_final == sum(measured.word_to_publish) == 12
    assert measured.words_erased == 0, "a captioner that hears the same words takes none back"
    half = histogram_quantile(measured.word_to_publish, 0.5)
    assert half is not None
    final = lesson.notes.finals[0]
    assert final.finalised_at_ms is not None
    assert half < final.finalised_at_ms - final.words[0].end_ms, "partials show words sooner"


async def test_the_models_being_away_while_somebody_speaks_is_an_alarm() -> None:
    lesson = ScriptedLesson(ScriptedCaptions(away=True))
    await lesson.say(4)
    await pass_time(lesson, 30)
    assert missed(lesson) == []
    await pass_time(lesson, 6)
    [alarm] = missed(lesson)
    assert (alarm.reason, alarm.target) == ("no_captions", "speech_end_to_final")
    assert alarm.since_ms == pytest.approx(4 * 320 + 3_000, abs=400)
    lesson.captions.away = False
    await lesson.end()


async def test_a_quiet_lesson_whose_captions_came_in_time_has_none() -> None:
    lesson = ScriptedLesson()
    await lesson.say(4)
    await pass_time(lesson, 60)
    assert missed(lesson) == []
    await lesson.end()
