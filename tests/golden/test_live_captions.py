"""Golden lessons: what readers see and what the ledger keeps, word for word."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from itertools import pairwise

import pytest

from lessons.errors import Unavailable
from lessons.events import SpeakingStarted, SpeakingStopped
from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from models.captions.interface import CaptionWindow, Hypothesis
from serving.live import track_hearing, waiting_finals
from serving.live.utterance import Utterance
from tests.golden.scripted_lesson import SPEAKER, ScriptedCaptions, ScriptedLesson, spoken


def words(first: int, count: int) -> str:
    return " ".join(spoken(number) for number in range(first, first + count))


async def test_a_pause_ends_an_utterance_and_its_words_become_final() -> None:
    lesson = ScriptedLesson()
    await lesson.pause(500)
    await lesson.say(4)
    await lesson.pause(900)
    await lesson.say(3)
    await lesson.pause(900)
    await lesson.end()
    assert [final.text for final in lesson.notes.finals] == [words(0, 4), words(4, 3)]
    first, second = lesson.notes.finals
    assert first.start_ms == pytest.approx(500, abs=35)
    assert first.end_ms == pytest.approx(500 + 4 * 320, abs=35)
    assert second.start_ms == pytest.approx(500 + 4 * 320 + 900, abs=35)
    assert (first.participant_id, first.role, first.track_id) == (
        SPEAKER.participant_id,
        SPEAKER.role,
        SPEAKER.track_id,
    )
    assert (first.engine, first.model) == ("scripted", "none")


async def test_who_speaks_when_is_told_even_while_the_models_are_away() -> None:
    lesson = ScriptedLesson(ScriptedCaptions(away=True))
    await lesson.pause(500)
    await lesson.say(4)
    await lesson.pause(900)
    await lesson.say(3)
    await lesson.pause(900)
    first_started, first_stopped, second_started, _ = lesson.notes.turns
    assert isinstance(first_started, SpeakingStarted)
    assert isinstance(first_stopped, SpeakingStopped)
    assert isinstance(second_started, SpeakingStarted)
    assert first_started.start_ms == pytest.approx(500, abs=350)
    assert first_stopped.end_ms == pytest.approx(500 + 4 * 320, abs=35)
    assert second_started.start_ms > first_stopped.end_ms
    lesson.captions.away = False
    await lesson.end()
    assert len(lesson.notes.finals) == 2


async def test_partials_come_before_the_final_under_the_same_id_with_growing_revisions() -> None:
    lesson = ScriptedLesson()
    await lesson.say(12)
    await lesson.pause(900)
    await lesson.end()
    (final,) = lesson.notes.finals
    partials = lesson.notes.partials
    assert len(partials) >= 3
    assert {partial.caption_id for partial in partials} == {final.caption_id}
    revisions = [partial.revision for partial in partials] + [final.revision]
    assert revisions == sorted(set(revisions))
    assert lesson.notes.drafts[0].id == final.caption_id


async def test_stable_words_of_partials_only_grow() -> None:
    lesson = ScriptedLesson()
    await lesson.say(14)
    await lesson.pause(900)
    await lesson.end()
    partials = [(partial.caption_id, partial.stable_text) for partial in lesson.notes.partials]
    for (caption, before), (following, after) in pairwise(partials):
        assert after.startswith(before) or caption != following
    assert partials[-2][1]


async def test_a_long_sentence_becomes_final_in_parts_while_it_is_spoken() -> None:
    lesson = ScriptedLesson()
    await lesson.say(40)  # 12.8 s without a breath
    finals_while_speaking = len(lesson.notes.finals)
    await lesson.pause(900)
    await lesson.end()
    finals = lesson.notes.finals
    assert finals_while_speaking >= 1, "nothing was final before the speaker stopped"
    assert " ".join(final.text for final in finals) == words(0, 40)
    longest = max(len(window.samples) for window in lesson.captions.asked if window.final)
    assert longest < 10 * SAMPLE_RATE
    assert lesson.track.counters.early_commits == len(finals) - 1
    started, stopped = lesson.notes.turns
    assert isinstance(started, SpeakingStarted)
    assert isinstance(stopped, SpeakingStopped)


async def test_no_word_goes_away_where_a_long_sentence_is_cut() -> None:
    lesson = ScriptedLesson()
    await lesson.say(40)
    await lesson.pause(900)
    await lesson.end()
    shown: dict[str, str] = {}
    lengths: list[int] = []
    for partial in lesson.notes.partials:
        goes_on = bool(shown) and partial.caption_id not in shown
        shown[partial.caption_id] = f"{partial.stable_text} {partial.unstable_text}".strip()
        together = " ".join(shown.values())
        lengths.append(len(together.split()))
        if goes_on:
            assert together == words(0, lengths[-1])
            assert lengths[-1] >= lengths[-3], "words were gone once both parts were shown"
    assert len(shown) > 1


async def test_without_stable_words_a_sentence_is_left_whole() -> None:
    lesson = ScriptedLesson(policy="endpoint-only")
    await lesson.say(30)
    await lesson.pause(900)
    await lesson.end()
    (final,) = lesson.notes.finals
    assert final.text == words(0, 30)
    assert not any(partial.stable_text for partial in lesson.notes.partials)


async def test_an_hour_leaves_no_more_behind_than_a_minute() -> None:
    lesson = ScriptedLesson()
    kept: list[tuple[int, int, int]] = []
    for _ in range(4):
        for _ in range(8):
            await lesson.say(20)
            await lesson.pause(900)
        await lesson.settle()
        gc.collect()
        objects = Counter(type(each) for each in gc.get_objects())
        kept.append((objects[SpeechWindow], objects[Utterance], objects[asyncio.Task]))
    assert kept[-1] == kept[0]
    assert lesson.track.open_utterances == 0
    assert lesson.track.waiting_seconds == 0
    await lesson.end()


async def test_the_final_reuses_what_was_transcribed_when_the_pause_began() -> None:
    lesson = ScriptedLesson()
    await lesson.say(4)
    await lesson.pause(900)
    await lesson.end()
    lengths = [len(window.samples) for window in lesson.captions.asked]
    assert lesson.notes.finals
    assert len(lengths) == len(set(lengths)), "the same samples were transcribed twice"
    assert lesson.captions.asked[-1].final


async def test_the_last_words_are_final_when_the_participant_leaves_in_mid_word() -> None:
    lesson = ScriptedLesson()
    await lesson.say(5)
    await lesson.end()
    assert [final.text for final in lesson.notes.finals] == [words(0, 5)]


async def test_a_mute_finalises_what_was_said_before_it() -> None:
    lesson = ScriptedLesson()
    await lesson.say(5)
    lesson.track.flush()
    await lesson.settle()
    assert [final.text for final in lesson.notes.finals] == [words(0, 5)]
    await lesson.end()
    assert len(lesson.notes.finals) == 1


async def test_silence_leaves_nothing() -> None:
    lesson = ScriptedLesson()
    await lesson.pause(60_000)
    await lesson.end()
    assert not lesson.captions.asked
    assert not lesson.notes.partials
    assert not lesson.notes.finals


async def test_the_lessons_vocabulary_goes_with_every_window() -> None:
    lesson = ScriptedLesson()
    await lesson.say(3)
    await lesson.end()
    assert {window.vocabulary for window in lesson.captions.asked} == {("ratio",)}


async def test_a_new_vocabulary_serves_from_the_next_window_on() -> None:
    lesson = ScriptedLesson()
    await lesson.say(4)
    await lesson.pause(900)
    asked_before = len(lesson.captions.asked)
    lesson.vocabulary = ("ratio", "quotient")
    await lesson.say(4)
    await lesson.pause(900)
    await lesson.end()
    used = [window.vocabulary for window in lesson.captions.asked]
    assert asked_before > 0
    assert set(used[:asked_before]) == {("ratio",)}
    assert set(used[asked_before:]) == {("ratio", "quotient")}
    assert [final.text for final in lesson.notes.finals] == [words(0, 4), words(4, 4)]


async def test_finals_wait_for_models_that_are_away_and_keep_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(track_hearing, "FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(track_hearing, "LONGEST_RETRY_SECONDS", 0.01)
    captions = ScriptedCaptions(away=True)
    lesson = ScriptedLesson(captions)
    for _ in range(3):
        await lesson.say(3)
        await lesson.pause(900)
    assert not lesson.notes.finals
    assert lesson.track.waiting_seconds > 2
    captions.away = False
    await lesson.end()
    assert [final.text for final in lesson.notes.finals] == [
        words(0, 3),
        words(3, 3),
        words(6, 3),
    ]


async def test_a_window_that_the_models_never_take_does_not_hold_up_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Poisoned(ScriptedCaptions):
        """Fails over whatever holds the first word."""

        async def transcribe(self, window: CaptionWindow) -> Hypothesis:
            hypothesis = await super().transcribe(window)
            if "zero" in hypothesis.text:
                raise Unavailable("The engine failed.")
            return hypothesis

    monkeypatch.setattr(track_hearing, "FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(track_hearing, "GIVE_UP_SECONDS", 0.02)
    lesson = ScriptedLesson(Poisoned())
    await lesson.say(3)
    await lesson.pause(900)
    await lesson.say(3)
    await lesson.pause(900)
    await lesson.end()
    assert [final.text for final in lesson.notes.finals] == [words(3, 3)]
    assert lesson.track.counters.windows_given_up == 1


async def test_a_full_buffer_gives_up_the_oldest_waiting_speech_and_counts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(track_hearing, "FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(track_hearing, "LONGEST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(waiting_finals, "BUFFERED_SPEECH_SECONDS", 4)
    captions = ScriptedCaptions(away=True)
    lesson = ScriptedLesson(captions)
    for _ in range(6):
        await lesson.say(3)
        await lesson.pause(900)
    assert lesson.track.waiting_seconds <= 4
    captions.away = False
    await lesson.end()
    assert lesson.track.counters.finals_overflowed == 6 - len(lesson.notes.finals)
    assert lesson.notes.finals[-1].text == words(15, 3)


async def test_partials_become_rarer_the_longer_the_captioner_takes() -> None:
    class Slow(ScriptedCaptions):
        """Takes its time over partials."""

        async def transcribe(self, window: CaptionWindow) -> Hypothesis:
            await asyncio.sleep(0 if window.final else 0.2)
            return await super().transcribe(window)

    async def partials(captions: ScriptedCaptions) -> int:
        lesson = ScriptedLesson(captions)
        for _ in range(24):  # 7.7 s of speech, played in about a second.
            await lesson.say(1)
            await asyncio.sleep(0.04)
        await lesson.end()
        return sum(not window.final for window in captions.asked)

    assert 1 <= await partials(Slow()) <= 4 < await partials(ScriptedCaptions())


async def test_a_noise_that_was_shown_is_taken_back() -> None:
    class SecondThoughts(ScriptedCaptions):
        """Hears words in every partial and none in the end."""

        async def transcribe(self, window: CaptionWindow) -> Hypothesis:
            hypothesis = await super().transcribe(window)
            if window.final:
                return type(hypothesis)(window.id, (), "en", "scripted", "none")
            return hypothesis

    lesson = ScriptedLesson(SecondThoughts())
    await lesson.say(8)
    await lesson.pause(900)
    await lesson.end()
    assert not lesson.notes.finals
    assert lesson.notes.partials
    last = lesson.notes.partials[-1]
    assert (last.stable_text, last.unstable_text) == ("", "")
