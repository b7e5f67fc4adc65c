"""What counts as unsupported, and as misquoted, by the words that were really said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.corrupted_captions import corrupted
from eval.faithfulness_curve import judged
from eval.heard_lessons import captions_of
from eval.labelled_lessons import labelled_lessons
from models.captions.interface import Hypothesis, Word
from models.reading.lesson_reading import LessonReading
from tests.unit.models.summaries.told_lessons import TINA, told

SAID = "The river drops its load where the ground is flat."


def lesson(text: str) -> LessonReading:
    return told((TINA, text), people=(TINA,))


def test_a_quotation_of_what_was_said_is_supported() -> None:
    point = judged([(lesson(SAID), lesson(SAID))])
    assert (point.grounded, point.quoting, point.unsupported, point.misquoted) == (1, 1, 0, 0)


def test_words_of_content_that_nobody_said_make_a_sentence_unsupported() -> None:
    heard = "The liver drops its road where the ground is flat."
    point = judged([(lesson(heard), lesson(SAID))])
    assert (point.unsupported, point.misquoted) == (1, 1)


def test_another_number_makes_it_unsupported_and_the_same_one_in_digits_does_not() -> None:
    said = "Read pages thirty to forty in the blue book about rivers."
    for heard, unsupported in (
        ("Read pages 30 to 40 in the blue book about rivers.", 0),
        ("Read pages 13 to 40 in the blue book about rivers.", 1),
    ):
        assert judged([(lesson(heard), lesson(said))]).unsupported == unsupported


def test_a_word_of_grammar_that_was_misheard_is_misquoted_and_not_unsupported() -> None:
    point = judged([(lesson("A river drops its load where the ground is flat."), lesson(SAID))])
    assert (point.unsupported, point.misquoted) == (0, 1)


def test_a_caption_keeps_what_the_engine_heard_and_how_sure_it_was() -> None:
    turn = labelled_lessons("tuning")[0].reading.utterances[0]
    words = (Word("good", 0, 100, 0.9), Word("morning", 100, 400, 0.5))
    heard = [
        Hypothesis("1", words, "en", "engine", "model"),
        Hypothesis("2", (), "en", "engine", "model"),
    ]
    [caption] = captions_of(turn, heard)
    assert caption.text == "good morning"
    assert caption.confidence == 0.6
    assert caption == replace(
        turn,
        caption_id=caption.caption_id,
        event_id=caption.event_id,
        text=caption.text,
        confidence=caption.confidence,
        confidences=(0.9, 0.5),
    )


def test_where_confidence_tells_a_word_is_wrong_as_often_as_its_confidence_says() -> None:
    said = lesson(" ".join(["denominator"] * 4_000))
    [heard] = corrupted(said, 0.2, 7, told=True).utterances
    words = list(zip(heard.text.split(), heard.confidences, strict=True))
    sure = [word == "denominator" for word, confidence in words if confidence > 0.9]
    unsure = [word == "denominator" for word, confidence in words if confidence < 0.6]
    assert sum(sure) / len(sure) > 0.9
    assert sum(unsure) / len(unsure) < 0.6
    assert heard.confidence == pytest.approx(0.8, abs=0.03)


def test_where_it_hides_errors_captions_stay_as_sure_as_they_were() -> None:
    said = lesson(SAID)
    [heard] = corrupted(said, 0.5, 7, told=False).utterances
    assert heard.text != SAID
    assert (heard.confidence, heard.confidences) == (said.utterances[0].confidence, ())
