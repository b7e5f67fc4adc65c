"""Two readers' labels: how far they agree beyond chance, and what holds where they do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eval.readers import HALVES, agreement, claim_pairs, kappa, sentence_pairs, settled


def test_kappa_is_what_is_left_when_chance_is_taken_off() -> None:
    # 20 both yes, 5 and 10 apart, 15 both no: .7 alike, .5 by chance.
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(np.array(pairs)) == pytest.approx(0.4)
    found = agreement(pairs)
    assert found.share == pytest.approx(0.7)
    assert found.low < found.kappa < found.high


def test_readers_who_find_everything_alike_leave_no_kappa() -> None:
    found = agreement([(True, True)] * 10)
    assert found.share == 1.0
    assert math.isnan(found.kappa)


def test_readers_who_always_differ_agree_less_than_chance() -> None:
    assert kappa(np.array([(True, False), (False, True)])) == pytest.approx(-1.0)


def test_every_claim_has_two_readers_and_every_dispute_was_settled_with_a_reason() -> None:
    assert len(claim_pairs(*HALVES)) >= 120
    disputed = settled(*HALVES)
    assert len(disputed) == sum(first != second for first, second in claim_pairs(*HALVES))
    assert all(one.resolution for one in disputed)


def test_the_second_reader_read_the_sentences_of_the_writer_too() -> None:
    assert len(sentence_pairs()) >= 100
