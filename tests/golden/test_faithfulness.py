"""What summaries claim, on lessons and claims that a person judged."""

from __future__ import annotations

import pytest

from eval.faithfulness import false_in_traps, judge_verifier, judge_writer, long_lesson
from eval.faithfulness_curve import simulated
from models.summaries.extractive import ExtractiveWriter
from models.summaries.writing import SummaryName, summarise


def test_the_verifier_lets_no_unsupported_claim_of_the_held_out_lessons_stand() -> None:
    held_out = judge_verifier("held_out")
    assert held_out.wild == 0
    assert held_out.recall >= 0.85


def test_there_are_a_hundred_judged_claims_and_more() -> None:
    judged = [judge_verifier("tuning"), judge_verifier("held_out"), judge_verifier("trap")]
    assert sum(one.right + one.wild + one.lost + one.caught for one in judged) >= 100


def test_nothing_false_is_claimed_in_the_traps() -> None:
    traps = judge_verifier("trap")
    assert (traps.wild, traps.right + traps.lost) == (0, 0)
    assert traps.caught > 20
    assert false_in_traps() == []


def test_every_sentence_of_the_extractive_writer_was_judged_and_two_in_a_hundred_may_be_wrong() -> (
    None
):
    judged, unsupported, unknown = judge_writer()
    assert unknown == []
    assert judged >= 100
    assert len(unsupported) <= 0.02 * judged


@pytest.mark.parametrize("told", [True, False])
def test_the_worse_captions_are_heard_the_less_is_claimed_and_nothing_wilder(told: bool) -> None:
    clear = simulated(0.0, "held_out", told=told, seeds=1)
    bad = simulated(0.4, "held_out", told=told, seeds=2)
    assert clear.unsupported == 0
    assert clear.marked == 0
    assert clear.grounded >= 16
    assert bad.grounded < clear.grounded / 2
    assert bad.unsupported == 0


def test_three_hours_are_told_in_bounds() -> None:
    document = summarise(long_lesson(180), ExtractiveWriter(), SummaryName("sum_long"))
    assert document.dropped_claims <= 0.02 * len(document.claims())
    assert len(document.claims()) < 600
