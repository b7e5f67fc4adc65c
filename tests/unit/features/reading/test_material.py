from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from features.reading.material import LessonMaterial, Material
from lessons.events import LearningEvent
from lessons.privacy.consent import ParticipantConsent
from lessons.records import Participant
from lessons.roles import Role
from tests.unit.features.reading.told_lessons import ADA, BEN, TUTOR, ToldLesson


def read(
    events: list[LearningEvent], consents: dict[str, ParticipantConsent] | None = None
) -> Material:
    taking = LessonMaterial(consents=consents)
    for event in events:
        taking.take(event)
    return taking.material()


def told() -> ToldLesson:
    """A lesson with a bit of everything that is read."""
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA, BEN)
    lesson.tell("lesson_plan.item_started", 0, item_id="p1", title="Halves", objective_ids=["half"])
    lesson.said(TUTOR, 1_000, 4_000, "What is one half of eight?")
    corrected = lesson.said(ADA, 5_000, 6_000, "I think for.")
    lesson.tell(
        "caption.corrected",
        7_000,
        caption_id=corrected,
        revision=3,
        text="I think four.",
        corrected_by=TUTOR,
    )
    lesson.tell(
        "caption.corrected",
        7_100,
        caption_id=corrected,
        revision=2,
        text="I think fore.",
        corrected_by=TUTOR,
    )
    lesson.said(TUTOR, 6_500, 8_000, "Exactly, well done.")
    lesson.answered(BEN, 9_000, "q1", right=None, attempt=1, response="5")
    lesson.tell(
        "assessment.graded",
        9_500,
        BEN,
        assessment_id="quiz",
        score=0,
        max_score=1,
        items=[{"item_id": "q2", "score": 0, "max_score": 1, "objective_id": "half"}],
    )
    lesson.tell("hand.raised", 10_000, BEN)
    lesson.tell("chat.posted", 10_500, BEN, message_id="m1", characters=12, text="I don't get it")
    lesson.tell(
        "homework.assigned", 11_000, homework_id="h1", title="Page 4", objective_ids=["half"]
    )
    lesson.tell("lesson_plan.item_completed", 12_000, item_id="p1", outcome="postponed")
    lesson.tell("objective.covered", 12_500, objective_id="half", how="practised")
    lesson.tell("speaking.stopped", 14_000, BEN, utterance_id="u1", start_ms=13_000, end_ms=14_000)
    return lesson


EVENTS = told().events


def facts(material: Material) -> tuple[object, ...]:
    return (
        material.people,
        material.utterances,
        material.questions,
        material.answers,
        material.plan,
        material.marked,
        material.homework,
        material.chats,
        material.hands,
        dict(material.talk_ms),
        dict(material.turns),
        material.duration_ms,
    )


@given(events=st.permutations(EVENTS), again=st.lists(st.sampled_from(EVENTS), max_size=5))
def test_the_order_in_which_events_come_and_repetitions_change_nothing(
    events: list[LearningEvent], again: list[LearningEvent]
) -> None:
    assert facts(read([*events, *again])) == facts(read(EVENTS))


def test_a_correction_takes_the_place_of_what_was_heard() -> None:
    _, said, _ = read(EVENTS).utterances
    assert (said.text, said.revision, said.confidence) == ("I think four.", 3, None)


def test_a_question_knows_who_answered_it_and_after_how_long() -> None:
    (question,) = read(EVENTS).questions
    assert (question.kind, question.wait_ms, question.answered_by) == ("fact", 1_000, ADA)


def test_nobody_waited_where_whoever_asked_goes_on_or_all_are_silent() -> None:
    lesson = ToldLesson()
    lesson.said(TUTOR, 0, 4_000, "What is a half? It is one of two equal parts.")
    lesson.said(ADA, 4_500, 5_000, "Yes.")
    lesson.said(TUTOR, 6_000, 7_000, "Why is that?")
    lesson.said(ADA, 30_000, 31_000, "Because.")
    first, second = read(lesson.events).questions
    assert first.wait_ms is None
    assert (second.kind, second.wait_ms) == ("reason", None)


def test_a_mark_says_whether_an_answer_is_right() -> None:
    lesson = ToldLesson()
    lesson.joined(ADA)
    first = lesson.answered(
        ADA, 1_000, "q1", right=True, assessment_id="quiz", attempt=1, response="4"
    )
    marks = [{"item_id": "q1", "score": 0, "max_score": 1}]
    lesson.tell(
        "assessment.graded", 2_000, ADA, assessment_id="quiz", score=0, max_score=1, items=marks
    )
    (answer,) = read(lesson.events).answers
    assert (answer.event_id, answer.correct, answer.response) == (first, False, "4")


def test_of_several_tries_at_an_item_the_last_one_is_marked() -> None:
    lesson = ToldLesson()
    lesson.joined(ADA, BEN)
    for who, attempt in ((ADA, 2), (ADA, 1), (BEN, 1)):
        lesson.answered(who, attempt, "q1", right=False, assessment_id="quiz", attempt=attempt)
    marks = [{"item_id": name, "score": 1, "max_score": 1} for name in ("q1", "q2")]
    lesson.tell(
        "assessment.graded", 5_000, ADA, assessment_id="quiz", score=2, max_score=2, items=marks
    )
    found = [
        (one.participant_id, one.item_id, one.attempt, one.correct)
        for one in read(lesson.events).answers
    ]
    assert sorted(found) == [
        (ADA, "q1", 1, False),
        (ADA, "q1", 2, True),
        (ADA, "q2", 1, True),
        (BEN, "q1", 1, False),
    ]


def test_an_item_of_the_plan_that_was_put_off_was_not_done() -> None:
    (item,) = read(EVENTS).plan
    assert (item.start_ms, item.end_ms, item.outcome) == (0, 12_000, "postponed")
    assert len(item.event_ids) == 2


def test_a_learner_on_the_roll_who_never_came_is_known_all_the_same() -> None:
    roll = [Participant(id="par_x", lesson_id="l", person_id="p", name="Xu", role=Role.LEARNER)]
    material = LessonMaterial(roll).material()
    assert [one.participant_id for one in material.people] == ["par_x"]
    assert dict(material.turns) == {"par_x": 0}


@given(place=st.integers(0, len(EVENTS)))
def test_of_who_took_consent_back_nothing_is_left(place: int) -> None:
    lesson = told()
    lesson.consent(BEN, "signals", given=False)
    events = [*lesson.events[:place], lesson.events[-1], *lesson.events[place:-1]]
    assert BEN not in repr(facts(read(events)))
    assert ADA in repr(facts(read(events)))
    lesson.consent(BEN, "signals", given=True)
    assert facts(read(lesson.events)) == facts(read(EVENTS))


def test_without_consent_to_captions_nothing_that_somebody_said_is_read() -> None:
    lesson = told()
    lesson.consent(ADA, "captions", given=False)
    material = read(lesson.events)
    assert {one.participant_id for one in material.utterances} == {TUTOR}
    assert ADA in {one.participant_id for one in material.people}


def test_what_the_store_knows_of_consent_goes_before_what_events_say() -> None:
    lesson = told()
    lesson.consent(BEN, "signals", given=False)
    consents = {
        BEN: ParticipantConsent({"signals": True}),
        ADA: ParticipantConsent({"signals": False}),
    }
    found = repr(facts(read(lesson.events, consents)))
    assert BEN in found
    assert ADA not in found


def test_an_empty_lesson_is_empty() -> None:
    material = LessonMaterial().material()
    assert facts(material) == ((), (), (), (), (), (), (), (), (), {}, {}, 0)


def test_each_word_of_a_caption_keeps_its_confidence_until_somebody_corrects_it() -> None:
    words = [
        {"text": word, "start_ms": 0, "end_ms": 1, "confidence": confidence}
        for word, confidence in (("I", 0.9), ("think so.", 0.5))
    ]
    lesson = ToldLesson()
    lesson.joined(ADA)
    rated = lesson.said(ADA, 0, 1_000, "I think so.", words=words)
    lesson.said(ADA, 2_000, 3_000, "I think four.")
    [first, second] = read(lesson.events).utterances
    assert (first.confidences, second.confidences) == ((0.9, 0.5, 0.5), ())
    lesson.tell(
        "caption.corrected",
        4_000,
        caption_id=rated,
        revision=2,
        text="I do not know.",
        corrected_by=TUTOR,
    )
    assert read(lesson.events).utterances[0].confidences == ()
