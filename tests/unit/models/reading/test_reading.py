"""A lesson as it was read: objectives by MiniLM itself, segments, reflection."""

from __future__ import annotations

import pytest

from features.reading.parts import Objective
from models.embeddings.interface import Encoder
from models.embeddings.loading import load_encoder
from models.reading.lesson_reading import LessonReading, Move
from models.reading.objectives import addressed_objectives
from models.reading.reading import LessonFacts, LessonReader
from models.reading.reflection import reflections_of
from models.reading.segments import segments_by_plan
from models.reading.talk import TalkReading
from tests.unit.features.reading.test_material import read
from tests.unit.features.reading.told_lessons import ADA, BEN, TUTOR, ToldLesson

FRACTIONS = Objective("frac.add", "Add fractions with unlike denominators")
VERBS = Objective("verbs", "Use the past tense of irregular verbs")
PHOTO = Objective("photo", "Explain photosynthesis in green plants")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def told() -> ToldLesson:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA, BEN)
    lesson.said(TUTOR, 0, 3_000, "Good morning, how are you all today?")
    lesson.tell(
        "lesson_plan.item_started", 4_000, item_id="p1", title="Unlike fractions", objective_ids=[]
    )
    lesson.said(TUTOR, 5_000, 9_000, "To add two fractions we need the same denominator.")
    lesson.said(ADA, 10_000, 13_000, "So one half and one third are three sixths and two sixths.")
    lesson.said(TUTOR, 14_000, 18_000, "Yes, then add the numerators and keep the denominator.")
    lesson.tell(
        "lesson_plan.item_started",
        20_000,
        item_id="p2",
        title="Irregular verbs",
        objective_ids=["verbs"],
    )
    lesson.tell("lesson_plan.item_completed", 21_000, item_id="p2", outcome="postponed")
    lesson.said(TUTOR, 30_000, 33_000, "We have no time left, goodbye everybody.")
    return lesson


def test_what_was_talked_about_is_covered_and_what_was_only_planned_is_not(
    encoder: Encoder,
) -> None:
    material = read(told().events)
    addressed = addressed_objectives(material, [FRACTIONS, VERBS, PHOTO], encoder)
    (covered,) = addressed.covered
    assert (covered.objective_id, covered.how) == ("frac.add", "talked_about")
    assert covered.similarity >= 0.9
    assert 3_000 <= covered.time_spent_ms <= 11_000
    cited = {one for citation in covered.citations for one in citation.caption_ids}
    assert cited <= {one.caption_id for one in material.utterances[1:4]}
    assert addressed.of_row[0] is None


def test_exercises_and_marks_cover_without_a_word() -> None:
    lesson = told()
    answer = lesson.answered(ADA, 25_000, "q1", right=True, objective_id="verbs")
    mark = lesson.tell("objective.covered", 40_000, objective_id="photo", how="reviewed").id
    addressed = addressed_objectives(read(lesson.events), [FRACTIONS, VERBS, PHOTO], None)
    verbs, photo = addressed.covered
    assert (verbs.how, verbs.similarity, verbs.citations[0].event_ids) == ("practised", 0, [answer])
    assert (photo.how, photo.citations[0].event_ids) == ("marked", [mark])


def test_segments_follow_the_plan_as_far_as_anything_was_said() -> None:
    before, first, second = segments_by_plan(read(told().events))
    assert (before.title, before.first, before.last) == ("The lesson", 0, 0)
    assert (first.title, first.kind, first.first, first.last) == (
        "Unlike fractions",
        "instruction",
        1,
        3,
    )
    assert second.start_ms == 30_000


def test_a_tutor_is_told_of_moves_waits_and_turns_beside_their_own_past() -> None:
    material = read(told().events)
    talk = TalkReading((Move(material.utterances[3].caption_id, "restating", 0.8),))
    (first,) = reflections_of(material, talk)
    assert (first.participant_id, first.moves, first.past) == (TUTOR, {"restating": 1}, None)
    assert first.turns_by_learner == {ADA: 1, BEN: 0}
    assert first.talk_share is not None and 0.7 < first.talk_share < 0.9  # noqa: PT018
    other = first.model_copy(update={"participant_id": ADA, "questions": 9})
    (again,) = reflections_of(material, talk, [first, first, other])
    assert again.past is not None
    assert (again.past.lessons, again.past.questions) == (2, first.questions)
    assert again.past.move_shares == {"restating": 1.0}


def test_questions_that_no_mark_shows_are_counted_by_the_moves_that_ask() -> None:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA)
    said = (
        "all right which question gave you trouble",
        "why is it smaller",
        "and tell me how you got there",
        "very good",
    )
    captions = [
        lesson.said(TUTOR, at, at + 3_000, text)
        for at, text in zip(range(0, 40_000, 10_000), said, strict=True)
    ]
    moves = (
        "pressing_for_accuracy",
        "pressing_for_reasoning",
        "pressing_for_reasoning",
        "restating",
    )
    told_moves = [Move(one, move, 0.8) for one, move in zip(captions, moves, strict=True)]
    (reflection,) = reflections_of(read(lesson.events), TalkReading(tuple(told_moves)))
    assert reflection.questions == 3
    assert reflection.questions_by_kind == {"other": 1, "reason": 2}


def test_an_empty_lesson_and_one_without_objectives_are_read_as_such(encoder: Encoder) -> None:
    reader = LessonReader(encoder)
    nothing = reader.read(read([]), LessonFacts("les_1", objectives=(FRACTIONS,)))
    assert nothing == LessonReading(
        "les_1", None, "en", 0, objectives=(FRACTIONS,), models=nothing.models
    )
    assert set(nothing.models) == {"comprehension-rules", encoder.name}
    assert reader.read(read(told().events), LessonFacts("les_1")).covered == ()


def test_words_of_another_language_than_cues_are_known_in_lead_to_no_moment() -> None:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA)
    lesson.said(TUTOR, 0, 2_000, "Was ist zwei plus drei?", language="de")
    lesson.said(ADA, 3_000, 4_000, "Maybe, I don't know.", language="de")
    lesson.said(TUTOR, 5_000, 6_000, "No, look again.", language="de")
    reading = LessonReader().read(read(lesson.events), LessonFacts("les_1"))
    assert (reading.moments, reading.questions) == ((), ())


def test_forty_speakers_are_read_and_one_is_enough() -> None:
    lesson = ToldLesson()
    for number in range(40):
        lesson.said(
            ADA,
            number * 2_000,
            number * 2_000 + 1_500,
            "Two plus three is five.",
            participant_id=f"par_{number}",
            participant_name=f"P{number}",
        )
    reading = LessonReader().read(read(lesson.events), LessonFacts("les_1"))
    assert len(reading.people) == 40
    assert reading.reflections == ()
