from dataclasses import replace

import pytest

from features.languages.language_words import words_of
from features.reading.parts import HomeworkItem, Objective, Person, PlanItem
from lessons.errors import InvalidInput
from lessons.summary import Citation, CoveredObjective, SummaryDocument, mention, parted
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.summaries.extractive import ExtractiveWriter
from models.summaries.writing import SummaryName, summarise
from tests.unit.models.summaries.told_lessons import ADA, BEN, TINA, answer, told

TURNS = (
    (TINA, "Today we are going to add fractions."),
    (TINA, "To add fractions we need a common denominator."),
    (ADA, "Why can't we add the tops and the bottoms?"),
    (TINA, "Because the parts have different sizes."),
    (TINA, "What is one quarter plus one half?"),
    (ADA, "It is three quarters, because one half is two quarters."),
    (TINA, "Yes, exactly."),
    (BEN, "I don't get number two."),
    (TINA, "As homework do tasks three and four, until Friday."),
    (TINA, "Next time we will compare fractions."),
)


def summary(reading: LessonReading, version: int = 1) -> SummaryDocument:
    return summarise(reading, ExtractiveWriter(), SummaryName("sum_1", version))


def texts(document: SummaryDocument) -> list[str]:
    return [claim.text for claim in document.claims()]


def test_a_lesson_is_told_in_its_own_words() -> None:
    document = summary(told(*TURNS))
    taught = [claim.text for segment in document.segments for claim in segment.claims]
    assert f"{mention('par_tina')} said: “To add fractions we need a common denominator.”" in taught
    assert [claim.subject for claim in document.strong_moments] == ["par_ada"]
    assert "three quarters" in document.strong_moments[0].text
    assert "tasks three and four" in document.homework[0].text
    assert "Next time we will compare fractions." in document.next_plan[0].text
    assert document.reinforcement[0].subject == "par_ben"
    assert document.dropped_claims == 0
    assert not any("Today we are going" in text for text in texts(document))
    assert all(claim.citations for claim in document.claims())


def test_of_sentences_that_say_as_much_those_are_quoted_that_were_heard_best() -> None:
    said = [
        "The numerator counts the shaded pieces.",
        "The denominator names equal shares.",
        "An improper fraction exceeds one whole.",
    ]
    for unclear in range(3):
        reading = told(*((TINA, text) for text in said))
        heard = [
            replace(one, confidences=(0.6 if row == unclear else 0.98,) * len(one.text.split()))
            for row, one in enumerate(reading.utterances)
        ]
        segment = ReadSegment("seg_1", 0, 2, 0, 40_000, "Fractions", "instruction", 0.9)
        found = summary(replace(reading, utterances=tuple(heard), segments=(segment,)))
        taught = " ".join(claim.text for each in found.segments for claim in each.claims)
        assert [text in taught for text in said] == [row != unclear for row in range(3)]


def test_the_same_lesson_gives_the_same_document() -> None:
    assert summary(told(*TURNS)) == summary(told(*TURNS))
    ids = {claim.claim_id for claim in summary(told(*TURNS)).claims()}
    assert ids == {claim.claim_id for claim in summary(told(*TURNS), version=2).claims()}


def test_whoever_is_quoted_owns_the_sentence() -> None:
    lesson_part, parts = parted(summary(told(*TURNS)))
    assert not any("three quarters" in claim.text for claim in lesson_part.claims())
    assert {part.participant_id for part in parts} == {"par_ada", "par_ben", "par_tina"}


def test_answers_are_counted_and_weak_objectives_ranked() -> None:
    answers = (
        answer(BEN, 1, correct=False, objective_id="o1"),
        answer(BEN, 2, correct=False, objective_id="o1"),
        answer(ADA, 3, correct=False, objective_id="o1"),
        answer(ADA, 4, correct=True, objective_id="o1"),
        answer(ADA, 5, correct=False, item_id="q9"),
        answer(ADA, 6, correct=True, item_id="q9", attempt=2),
    )
    objectives = (Objective("o1", "Add fractions"),)
    document = summary(told(*TURNS[:2], answers=answers, objectives=objectives))
    assert [claim.subject for claim in document.reinforcement] == ["par_ben", "par_ada"]
    assert "2 of 2 tries wrong" in document.reinforcement[0].text
    assert document.strong_moments[0].text.endswith("answered wrong at first and then right.")
    ben = next(one for one in document.learners if one.participant_id == "par_ben")
    assert (ben.answers_right, ben.answers_wrong) == (0, 2)


def test_what_was_put_off_is_next_and_not_taught() -> None:
    plan = (PlanItem(("plan-1",), "p", "Comparing fractions", (), 5_000, 6_000, "postponed"),)
    document = summary(told(*TURNS, plan=plan))
    assert "Next time: “Comparing fractions”." in [claim.text for claim in document.next_plan]
    assert document.not_observed[0].text == "“Comparing fractions” was planned and was not done."


def test_an_objective_that_was_only_announced_is_not_covered() -> None:
    announced, worked_on = (
        CoveredObjective(
            objective_id="o1",
            title="Add fractions",
            time_spent_ms=120_000,
            similarity=0.9,
            how="talked_about",
            citations=[Citation(caption_ids=[caption], start_ms=0, end_ms=1_000)],
        )
        for caption in ("c1", "c2")
    )
    assert summary(told(*TURNS, covered=(announced,))).objective_claims == []
    (claim,) = summary(told(*TURNS, covered=(worked_on,))).objective_claims
    assert claim.text == "“Add fractions” was worked on for about 2 minutes."


def test_homework_of_an_event_is_told_by_its_title() -> None:
    one = HomeworkItem("h1", "hw", 'The "past tense" sheet', None, (), None, None, 90_000)
    document = summary(told(*TURNS[:2], homework=(one,)))
    assert document.homework[0].text == "Homework: “The 'past tense' sheet”."


def test_segments_have_what_was_taught_in_them() -> None:
    segments = (
        ReadSegment("s1", 0, 4, 0, 60_000, "Adding", "instruction", 0.9),
        ReadSegment("s2", 5, 9, 60_000, 110_000, "The rest", "practice", 0.9),
    )
    document = summary(told(*TURNS, segments=segments))
    assert [segment.segment_id for segment in document.segments] == ["s1", "s2"]
    assert document.segments[0].claims
    assert document.segments[1].claims == []


def test_of_an_empty_lesson_nothing_is_said() -> None:
    document = summary(told(objectives=(Objective("o1", "Add fractions"),)))
    assert document.claims() == []
    assert [learner.observed for learner in document.learners] == [False, False]


def test_a_learner_who_never_spoke_is_not_observed_and_nothing_else() -> None:
    document = summary(told(*[turn for turn in TURNS if turn[0] is not BEN]))
    ben = next(one for one in document.learners if one.participant_id == "par_ben")
    assert not ben.observed
    about = [claim for claim in document.claims() if claim.subject == "par_ben"]
    assert [claim.kind for claim in about] == ["not_observed"]


def test_who_spoke_without_captions_was_heard_all_the_same() -> None:
    turns = [turn for turn in TURNS if turn[0] is not BEN]
    document = summary(
        told(*turns, talk_ms={"par_tina": 9_000, "par_ada": 9_000, "par_ben": 3_000})
    )
    ben = next(one for one in document.learners if one.participant_id == "par_ben")
    assert (ben.observed, ben.talk_ms, ben.claims) == (True, 3_000, [])
    assert not [claim for claim in document.claims() if claim.subject == "par_ben"]


def test_where_captions_of_the_teaching_are_missing_nothing_counts_as_not_said() -> None:
    turns, objectives = [(TINA, "Open your books.")], (Objective("o1", "Name the planets"),)
    captioned = summary(told(*turns, objectives=objectives, talk_ms={"par_tina": 4_500}))
    assert [claim.objective_id for claim in captioned.not_observed if claim.objective_id] == ["o1"]
    missing = summary(told(*turns, objectives=objectives, talk_ms={"par_tina": 60_000}))
    assert (captioned.heard, missing.heard) == ("well", "partly")
    assert not [claim for claim in missing.not_observed if claim.objective_id]


def test_answers_without_a_mark_are_told_of_without_one() -> None:
    polled = [answer(BEN, number, correct=None) for number in (1, 2)]
    document = summary(told(*TURNS[:2], answers=polled))
    ben = next(one for one in document.learners if one.participant_id == "par_ben")
    assert [claim.text for claim in ben.claims] == ["{par_ben} answered 2 questions."]
    assert (ben.answers_right, ben.answers_wrong) == (0, 0)


def test_one_speaker_is_enough() -> None:
    document = summary(
        told((TINA, "To add fractions we need a common denominator."), people=(TINA,))
    )
    assert document.learners == []
    assert len(document.claims()) == 1


def test_forty_speakers_are_each_told_of() -> None:
    crowd = [Person(f"par_{number}", f"Learner {number}", "learner") for number in range(40)]
    turns = [(one, f"I took {number + 100} apples to school.") for number, one in enumerate(crowd)]
    document = summary(told(*turns, people=(TINA, *crowd)))
    assert all(len(one.claims) == 1 for one in document.learners)
    for number, one in enumerate(document.learners):
        assert f"{number + 100} apples" in one.claims[0].text


def test_captions_in_another_language_are_not_quoted() -> None:
    labelled = told((TINA, "Sumamos las fracciones con el mismo denominador."), language="es")
    mislabelled = told((TINA, "Sumamos las fracciones con el mismo denominador."))
    for lesson in (labelled, mislabelled):
        assert not any("fracciones" in text for text in texts(summary(lesson)))


def test_a_lesson_in_a_language_without_templates_is_written_in_english() -> None:
    lesson = replace(told(*TURNS, answers=(answer(ADA, 3, correct=True),)), language="tlh")
    assert summary(lesson).language == "en"
    with pytest.raises(InvalidInput, match="en"):
        words_of("tlh")


def test_objectives_that_contradict_are_each_held_against_the_record() -> None:
    objectives = (
        Objective("o1", "Say volcanoes erupt"),
        Objective("o2", "Say volcanoes never erupt"),
    )
    document = summary(told(*TURNS, objectives=objectives))
    missed = [claim.objective_id for claim in document.not_observed if claim.objective_id]
    assert missed == ["o1", "o2"]
    assert document.objective_claims == []


def test_who_takes_consent_back_is_gone_from_the_rewrite() -> None:
    before = told(*TURNS, answers=(answer(ADA, 3, correct=True),))
    kept = tuple(one for one in before.utterances if one.participant_id != "par_ada")
    after = summary(replace(before, people=(TINA, BEN), utterances=kept, answers=()), version=2)
    assert not any("par_ada" in text or "quarters, because" in text for text in texts(after))


def test_words_of_the_lesson_cannot_break_out_of_their_quotation() -> None:
    lesson = told((TINA, 'Write "{par_zed}" and “then” add fractions with parts.'))
    (claim,) = [one for segment in summary(lesson).segments for one in segment.claims]
    assert "{par_zed}" not in claim.text
    assert claim.text.count("“") == 1
