from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.recaps.content import RecapContent
from lessons.summary import SummaryDocument, mention, named
from lessons.summary.claims import mentioned_in
from operations.recaps.discretion import Others, compares, tells_of_a_measure
from operations.recaps.drafting import ACTIVITIES, RecapSource, draft_of
from operations.recaps.page import plain_text
from operations.recaps.reading_level import TARGET_GRADE, reading_grade
from tests.unit.operations.recaps.summaries import (
    ADA,
    BEN,
    NAMES,
    TUTOR,
    claim,
    moment,
    objective,
    source_of,
    summary,
)


def draft(document: SummaryDocument, who: str = ADA, title: str = "Fractions") -> RecapContent:
    drafted = draft_of(source_of(document, who, title))
    assert drafted is not None
    return drafted


def said(lines: list[Any]) -> list[str]:
    return [named(line.text, NAMES) for line in lines]


def test_it_says_what_the_child_did_what_went_well_and_what_to_practise() -> None:
    content = draft(summary())
    assert said(content.did) == [
        "The lesson was about “Add unlike fractions” and “Compare fractions”.",
        "Ada spoke in the lesson and worked on tasks.",
        "Ada explained how to find it.",
    ]
    assert said(content.went_well) == [
        "Ada found the mistake alone.",
        "Most answers that were checked were right.",
    ]
    assert said(content.practise) == ["Practise “Add unlike fractions”."]
    assert said(content.homework) == ["Worksheet 4, exercises 1 to 6."]


def test_homework_that_a_tutor_only_said_is_in_it_unless_it_is_for_those_who_teach() -> None:
    tutor = mention(TUTOR)
    told = f"Homework, as {tutor} said it: “Do page twelve.”"
    for_all = claim("said", "homework", told, speaker=TUTOR)
    about_tutor = claim("named", "homework", told, speaker=TUTOR, subject=TUTOR)
    others = claim(
        "ben", "homework", f"{mention(BEN)} said “Page three.”", speaker=BEN, subject=BEN
    )
    drafted = draft(summary(homework=[for_all, about_tutor, others]))
    assert said(drafted.homework) == ["Homework, as Ms Hill said it: “Do page twelve.”"]
    assert drafted.homework[0].claim_ids == ["said"]


def test_every_line_from_the_summary_names_its_claims() -> None:
    known = {one.claim_id for one in summary().claims()}
    content = draft(summary())
    cited = {one for line in content.lines() for one in line.claim_ids}
    assert cited == {"o-1", "response-ada", "strong-ada", "need-ada", "hw"} <= known


def test_what_is_to_be_practised_gets_two_activities_fit_for_how_it_showed() -> None:
    content = draft(summary())
    assert said(content.activities) == [
        "Do two tasks on “Add unlike fractions”. After each step, say out loud why it is right.",
        "Let Ada explain “Add unlike fractions” to you. Ask “why?” after each step.",
    ]
    learners = summary().model_dump()["learners"]
    learners[0]["moments"] = [moment(ADA, "help_seeking", "fractions.add")]
    changed = draft(summary(learners=learners))
    assert said(changed.activities)[0].startswith("Look at one solved task")


@pytest.mark.parametrize(
    "changes",
    [
        {"reinforcement": []},
        {"reinforcement": [], "objectives": [], "objective_claims": []},
        {
            "reinforcement": [
                claim(f"n-{n}", "needs_reinforcement", "Again.", objective_id=f"o.{n}")
                for n in range(5)
            ],
            "objectives": [objective(f"o.{n}", f"Objective {n}") for n in range(5)],
        },
    ],
)
def test_there_are_always_two_different_activities(changes: dict[str, Any]) -> None:
    activities = said(draft(summary(**changes)).activities)
    assert len(set(activities)) == len(activities) == ACTIVITIES


def test_a_child_who_was_not_seen_is_not_judged() -> None:
    learners = [{"participant_id": ADA, "observed": False}]
    content = draft(summary(learners=learners, strong_moments=[], reinforcement=[]))
    assert said(content.did)[1] == (
        "We did not see much of Ada in this lesson. That can have many reasons."
    )
    assert content.went_well == content.practise == []


def test_of_whom_the_summary_says_nothing_there_is_no_recap() -> None:
    assert draft_of(source_of(summary(learners=[]))) is None


def test_a_title_that_names_another_child_is_left_out() -> None:
    bare = summary(objectives=[], objective_claims=[], reinforcement=[])
    assert said(draft(bare, title="Fractions with BEN").did)[0] == "This page is about one lesson."
    assert said(draft(bare, title="Fractions").did)[0] == "The lesson was about “Fractions”."


def test_a_page_in_plain_words_reads_easily() -> None:
    assert reading_grade(plain_text(draft(summary()), NAMES)) <= TARGET_GRADE


def test_it_is_one_page_however_much_there_is() -> None:
    many = [
        claim(f"s-{n}", "strong_moment", f"{mention(ADA)} did well.", subject=ADA)
        for n in range(90)
    ]
    homework = [claim(f"h-{n}", "homework", f"Worksheet {n}.") for n in range(90)]
    content = draft(summary(strong_moments=many, homework=homework))
    assert len(content.lines()) <= 15


WORDS = st.sampled_from(["explained", "found", "asked", "tried", "again", "the", "task", "why"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
SLIPS = st.one_of(
    st.sampled_from(["{par_ben}", "Ben", "BEN", "ben's", "Okafor", "“Ben Okafor”"]),
    st.floats(0, 1).map(lambda value: f"(confidence {value:.2f})"),
    st.floats(0, 1).map(lambda value: f"at {value:.3f}"),
    st.integers(0, 100).map(lambda share: f"{share} %"),
    st.tuples(st.integers(0, 9), st.integers(1, 9)).map(lambda pair: f"{pair[0]} of {pair[1]}"),
    st.integers(0, 9_999).map(lambda value: f"after {value} ms"),
    st.sampled_from(["better than the others", "above the class average", "ranked first"]),
    st.just(""),
)
KINDS = st.sampled_from(["response", "strong_moment", "needs_reinforcement", "homework"])


@given(
    sentences=st.lists(st.tuples(SENTENCES, SLIPS, SENTENCES, KINDS), max_size=12),
    right=st.integers(0, 97),
    wrong=st.integers(0, 97),
    talk_ms=st.integers(0, 999_999),
    confidence=st.floats(0, 1),
)
def test_no_number_of_the_models_and_no_other_child_gets_in(
    sentences: list[tuple[str, str, str, str]],
    right: int,
    wrong: int,
    talk_ms: int,
    confidence: float,
) -> None:
    """Whatever a summary says, a recap has no digit of its own and nobody else's name."""
    claims = [
        claim(
            f"c-{n}",
            kind,
            f"{mention(ADA)} {before} {slip} {after}.",
            subject=ADA,
            speaker=ADA if "“" in slip else None,
            confidence=confidence,
        )
        for n, (before, slip, after, kind) in enumerate(sentences)
    ]
    of = {kind: [one for one in claims if one["kind"] == kind] for *_, kind in sentences}
    document = summary(
        learners=[
            {
                "participant_id": ADA,
                "observed": True,
                "talk_ms": talk_ms,
                "answers_right": right,
                "answers_wrong": wrong,
                "claims": of.get("response", []),
                "moments": [moment(ADA, "hedge", "fractions.add")],
            }
        ],
        strong_moments=of.get("strong_moment", []),
        reinforcement=of.get("needs_reinforcement", []),
        homework=[],
    )
    text = plain_text(draft(document), {})
    assert re.search(r"\d", text) is None, text
    assert re.search(r"\b(ben|okafor)\b", text, re.IGNORECASE) is None, text
    assert re.search(r"others|average|rank", text) is None, text
    assert mentioned_in(" ".join(line.text for line in draft(document).lines())) <= {ADA}


@pytest.mark.parametrize(
    "text", ["It took 4 seconds.", "3 out of 4 were right.", "Mastery is low.", "About 80%."]
)
def test_measures_are_told(text: str) -> None:
    assert tells_of_a_measure(text)
    assert not tells_of_a_measure(f"She said “{text}”")


def test_numbers_of_the_task_are_no_measures() -> None:
    assert not tells_of_a_measure("Exercises 1 to 6 and the sum 3/4 + 1/4.")
    assert not compares("She knew more than before.")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will", "You will see."),
        ("Zoë de la Cruz", "Then zoë answered."),
        ("Anne-Marie", "anne-marie's way"),
        ("Ольга", "Это Ольга."),
    ],
)
def test_a_name_is_found_in_any_spelling_of_case(name: str, text: str) -> None:
    assert Others([BEN], [name]).are_in(text)


def test_a_part_of_a_longer_word_is_no_name() -> None:
    others = Others([BEN], ["Ben", "J. Art"])
    assert not others.are_in("The benefit of a smart start.")
    assert not Others([], []).are_in("Anybody at all.")


def test_a_source_without_others_lets_the_childs_own_name_stand() -> None:
    source = RecapSource(summary(), ADA, "Ada's fractions", Others([], []))
    assert draft_of(source) is not None
