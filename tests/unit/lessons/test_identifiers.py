from __future__ import annotations

import re
import time

from lessons.identifiers import new_id


def test_has_its_prefix_and_26_characters() -> None:
    assert re.fullmatch(r"les_[0-9a-hjkmnp-tv-z]{26}", new_id("les"))


def test_no_two_are_alike() -> None:
    assert len({new_id("evt") for _ in range(10_000)}) == 10_000


def test_later_ones_sort_after_earlier_ones() -> None:
    ids = []
    for _ in range(5):
        ids.append(new_id("evt"))
        time.sleep(0.002)
    assert ids == sorted(ids)
