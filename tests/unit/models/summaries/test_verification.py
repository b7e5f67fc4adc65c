from collections.abc import Sequence

import pytest

from features.languages.language_words import words_of
from features.reading.parts import Objective, PlanItem
from lessons.summary import ClaimKind, mention
from models.reading.lesson_reading import LessonReading
from models.summaries.interface import DraftClaim
from models.summaries.record import record_of
from models.summaries.verification import Entailment, Verdict, Verifier
from tests.unit.models.summaries.told_lessons import ADA, BEN, TINA, answer, told

LESSON = told(
    (TINA, "Sugar is made in the leaves, from water and carbon dioxide."),  # c1
    (ADA, "So do they eat the soil?"),
    (TINA, "No, they do not eat the soil."),
    (TINA, "Next week we will look at roots."),  # c4
    (TINA, "What is seven times eight?"),
    (BEN, "It is fifty four, because seven times seven is forty nine."),  # c6
    (TINA, "Great job, Ben!"),
    (TINA, "What is nine times six?"),
    (ADA, "It is fifty four, because ten times six is sixty."),  # c9
    (TINA, "Do tasks three to five on page twelve at home, until Tuesday."),  # c10
    answers=(
        answer(ADA, 12, correct=True),
        answer(BEN, 13, correct=False),
        answer(BEN, 14, correct=True),
    ),
    plan=(PlanItem(("plan-1",), "p", "Roots", (), 40_000, 45_000, "postponed"),),
    objectives=(Objective("o1", "Describe volcanoes"), Objective("o2", "Know what sugar is")),
)


def verdict(
    kind: ClaimKind,
    text: str,
    *cites: str,
    subject: str | None = None,
    objective_id: str | None = None,
    lesson: LessonReading = LESSON,
) -> Verdict:
    claim = DraftClaim(kind, text, cites, subject, objective_id)
    return Verifier(words_of("en")).verify([claim], record_of(lesson))[0]


def test_what_was_said_stands() -> None:
    assert (
        verdict("taught", "Tina said that sugar is made in the leaves.", "c1").status == "grounded"
    )
    assert verdict("response", "Ada asked whether they eat the soil.", "c2").status == "grounded"
    text = f"{mention('par_ada')} answered 1 of 1 tries right."
    assert verdict("response", text, "a12", subject="par_ada").status == "grounded"


@pytest.mark.parametrize(
    ("check", "kind", "text", "cites", "subject"),
    [
        ("citations", "taught", "Sugar is made in the leaves.", ("c99",), None),
        ("citations", "taught", "Sugar is made in the leaves.", (), None),
        ("names", "response", "Mia asked whether they eat the soil.", ("c2",), None),
        ("names", "response", f"{mention('par_mia')} asked it.", ("c2",), None),
        ("names", "response", "Ben asked whether they eat the soil.", ("c2",), "par_ada"),
        ("names", "response", "Somebody asked it.", ("c2",), "par_mia"),
        ("speaker", "response", "Ben asked whether they eat the soil.", ("c2",), None),
        ("role", "homework", "Homework: eat the soil.", ("c2",), None),
        ("quote", "response", "Ada asked: “Do they drink the soil?”", ("c2",), "par_ada"),
        ("planned", "taught", "Tina taught roots.", ("c4",), None),
        ("planned", "taught", "Roots were taught.", ("plan-1",), None),
        ("planned", "taught", "Tina said: “Next week we will look at roots.”", ("c4",), None),
        ("homework", "homework", "Homework: sugar from water.", ("c1",), None),
        ("numbers", "homework", "Homework: tasks three to nine on page twelve.", ("c10",), None),
        ("days", "homework", "Homework: tasks three to five until Friday.", ("c10",), None),
        ("negation", "taught", "Tina said that they eat the soil.", ("c3",), None),
        ("counts", "response", "Ben answered 2 of 2 tries right.", ("a13", "a14"), "par_ben"),
        ("correctness", "strong_moment", "Ben found fifty four.", ("c6",), "par_ben"),
        ("correctness", "response", "Ben rightly said fifty four.", ("c6", "c7"), "par_ben"),
        ("answered", "open_question", "Ada asked: “So do they eat the soil?”", ("c2",), "par_ada"),
        ("question", "response", "Ben asked for fifty four.", ("c6",), "par_ben"),
        ("affect", "response", "Ada was bored.", ("c2",), "par_ada"),
        ("entailment", "taught", "Tina explained how volcanoes erupt.", ("c1",), None),
    ],
)
def test_what_is_not_so_is_dropped_for_its_reason(
    check: str, kind: ClaimKind, text: str, cites: tuple[str, ...], subject: str | None
) -> None:
    found = verdict(kind, text, *cites, subject=subject)
    assert (found.status, found.check) == ("dropped", check)
    assert found.reason


def test_praise_does_not_show_that_an_answer_was_right() -> None:
    lesson = told(
        (TINA, "Where is sugar made?"), (ADA, "Sugar is made in the roots."), (TINA, "Super, Ada!")
    )
    text = "Ada rightly said that sugar is made in the roots."
    found = verdict("response", text, "c2", subject="par_ada", lesson=lesson)
    assert (found.status, found.check) == ("marked", "correctness")


def test_a_sum_that_comes_out_shows_that_an_answer_was_right() -> None:
    found = verdict("strong_moment", "Ada rightly said fifty four.", "c9", subject="par_ada")
    assert found.status == "grounded"


def test_two_things_that_were_swapped_do_not_stand() -> None:
    lesson = told((TINA, "Worksheet seven, the first ten equations, is homework."))
    good = "Homework: worksheet seven, the first ten equations."
    bad = "Homework: worksheet ten, the first seven equations."
    assert verdict("homework", good, "c1", lesson=lesson).status == "grounded"
    assert verdict("homework", bad, "c1", lesson=lesson).check == "order"


def test_what_was_heard_badly_is_marked_and_what_was_guessed_is_dropped() -> None:
    text = "Tina said that sugar is made in leaves."
    for confidence, status in (
        (0.95, "grounded"),
        (None, "grounded"),
        (0.8, "marked"),
        (0.4, "dropped"),
    ):
        lesson = told((TINA, "Sugar is made in leaves."), confidence=confidence)
        assert verdict("taught", text, "c1", lesson=lesson).status == status


def test_a_quotation_is_marked_for_the_words_in_it_that_may_be_wrong() -> None:
    text = "Plants need light. The shudder is made in the leaves."
    lesson = told((TINA, text), confidences=(0.6, *[0.99] * 3, 0.5, *[0.99] * 5))
    found = verdict(
        "taught", "Tina said: “The shudder is made in the leaves.”", "c1", lesson=lesson
    )
    assert (found.status, found.check) == ("marked", "heard")
    assert found.reason == "It may have been heard wrong: shudder."
    guessed = told((TINA, text), confidence=0.7, confidences=(0.7,) * 10)
    found = verdict(
        "taught", "Tina said: “The shudder is made in the leaves.”", "c1", lesson=guessed
    )
    assert found.reason == "It may have been heard wrong: most of it."


def test_a_quotation_does_not_suffer_from_other_words_of_its_caption() -> None:
    text = "Plants need light. Sugar is made in the leaves."
    lesson = told((TINA, text), confidence=0.8, confidences=(*[0.5] * 3, *[0.99] * 6))
    quoted = "Tina said: “Sugar is made in the leaves.”"
    assert verdict("taught", quoted, "c1", lesson=lesson).status == "grounded"


MISHEARD = "Leave sugar made them of plan hour tea carbon in is wide the water on."


def misheard(confidence: float | None) -> LessonReading:
    """A lesson of a hundred words and more that nobody can have said so."""
    return told(
        *((TINA, MISHEARD) for _ in range(12)),
        confidence=confidence,
        answers=(answer(BEN, 13, correct=False), answer(BEN, 14, correct=True)),
        objectives=(Objective("o1", "Describe volcanoes"),),
    )


def test_where_captions_do_not_hang_together_nothing_is_quoted_however_sure_they_seem() -> None:
    quoted = f"{mention('par_tina')} said: “{MISHEARD}”"
    found = verdict("taught", quoted, "c3", lesson=misheard(0.98))
    assert (found.status, found.check) == ("dropped", "heard")
    assert verdict("taught", quoted, "c3", lesson=misheard(None)).status == "grounded"
    assert record_of(misheard(0.98)).heard == "badly"


def test_what_events_show_is_told_of_a_lesson_that_was_misheard() -> None:
    text = f"{mention('par_ben')} answered 1 of 2 tries right."
    found = verdict("response", text, "a13", "a14", subject="par_ben", lesson=misheard(0.98))
    assert found.status == "grounded"


def test_nobody_knows_what_was_not_talked_about_in_a_lesson_that_was_misheard() -> None:
    title = "“Describe volcanoes” was not seen to be worked on."
    for confidence, status in ((0.98, "dropped"), (None, "grounded")):
        found = verdict("not_observed", title, "c1", objective_id="o1", lesson=misheard(confidence))
        assert found.status == status


def test_nobody_knows_what_was_not_talked_about_where_words_were_hardly_heard() -> None:
    title = "“Describe volcanoes” was not seen to be worked on."
    objectives = (Objective("o1", "Describe volcanoes"),)
    for confidence, status in ((0.5, "dropped"), (0.8, "grounded")):
        lesson = told((TINA, "We find a bus."), confidence=confidence, objectives=objectives)
        found = verdict("not_observed", title, "c1", objective_id="o1", lesson=lesson)
        assert found.status == status


def test_not_observed_is_said_only_of_what_is_nowhere() -> None:
    silent = told((TINA, "Sugar is made in the leaves."), people=(TINA, ADA))
    text = f"{mention('par_ada')} was not heard and answered nothing."
    assert (
        verdict("not_observed", text, "c1", subject="par_ada", lesson=silent).status == "grounded"
    )
    assert verdict("not_observed", text, "c1", subject="par_ada").check == "absence"
    title = "“Describe volcanoes” was not seen to be worked on."
    assert verdict("not_observed", title, "c1", objective_id="o1").status == "grounded"
    assert verdict("not_observed", title, "c1", objective_id="o2").check == "absence"


class Opinion:
    """A model that always thinks the same."""

    name = "always"

    def __init__(self, opinion: Entailment) -> None:
        self._opinion = opinion
        self.asked: list[tuple[str, str]] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        self.asked += pairs
        return [self._opinion] * len(pairs)


def test_a_model_may_drop_what_stands_and_raise_only_what_lacked_the_same_words() -> None:
    claims = [
        DraftClaim("taught", "Tina said that sugar is made in the leaves.", ("c1",)),
        DraftClaim("taught", "Tina told where plants produce glucose.", ("c1",)),
        DraftClaim("taught", "Tina said that sugar is made in nine leaves.", ("c1",)),
    ]
    against, in_favour = Opinion(Entailment(0.1, 0.8)), Opinion(Entailment(0.95, 0.0))
    record, words = record_of(LESSON), words_of("en")
    dropped = [one.status for one in Verifier(words, against).verify(claims, record)]
    raised = [one.status for one in Verifier(words, in_favour).verify(claims, record)]
    assert dropped == ["dropped"] * 3
    assert raised == ["grounded", "grounded", "dropped"]  # A number that nobody said stays out.
    assert len(in_favour.asked) == 2
