from __future__ import annotations

import re
import time

import pytest

from lessons.identifiers import new_id, number_of


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


def test_an_id_is_a_number_of_128_bits_and_nothing_else_is() -> None:
    # The example of the ULID specification.
    assert number_of("cap_01arz3ndektsv4rrffq69g5fav") == 0x01563E3AB5D3D6764C61EFB99302BD5B
    milliseconds = number_of(new_id("cap")) >> 80
    assert abs(milliseconds / 1000 - time.time()) < 5
    for wrong in ("cap_", "cap_01arz3", "cap_" + 26 * "z", "cap_" + 25 * "0" + "u"):
        with pytest.raises(ValueError, match="no id of ours"):
            number_of(wrong)
