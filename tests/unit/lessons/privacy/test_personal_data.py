"""Personal data in what is said: found by its check digits where it has some."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lessons.privacy.personal_data import (
    growing_spans,
    is_account_number,
    is_card_number,
    personal_spans,
)
from lessons.privacy.spans import masked_text


def masked(text: str, region: str | None = None) -> str:
    return masked_text(text, personal_spans(text, region))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("write to ada.l+x@mail.example.org.", "write to ***."),
        ("it is ada at example dot co dot uk", "it is *** *** *** *** *** *** ***"),
        ("call +44 20 7946 0958 today", "call *** *** *** *** today"),
        ("card 4111 1111 1111 1111, ok", "card *** *** *** ***, ok"),
        ("account GB82 WEST 1234 5698 7654 32", "account *** *** *** *** *** ***"),
        ("my number is 078-05-1120", "my number is ***"),
        ("my number is QQ 12 34 56 C", "my number is QQ 12 34 56 C"),
        ("my number is AB 12 34 56 C", "my number is *** *** *** *** ***"),
    ],
)
def test_personal_data_is_masked(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "The answer is 3.14159265358979 or 22/7.",
        "In 1984 we had 1 000 000 and then 4 300 000 people.",
        "the angle at a dot b is 90",
        "4111 1111 1111 1112 is no card",
        "GB83 WEST 1234 5698 7654 32 is no account",
        "x@y is a pair",
        "one two three four five six seven",
        "Ada Lovelace and Charles Babbage",
        "000-12-3456",
    ],
)
def test_what_lessons_say_is_left_alone(said: str) -> None:
    assert masked(said) == said


def test_a_number_without_its_country_s_code_needs_the_country() -> None:
    said = "ring 020 7946 0958 now"
    assert masked(said) == said
    assert masked(said, "GB") == "ring *** *** *** now"


@pytest.mark.parametrize("region", ["GB", "DE", "FR", "US", "IN", "BR"])
@pytest.mark.parametrize(
    "way", [phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164]
)
def test_a_valid_number_is_found_in_every_way_of_writing_it(region: str, way: int) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    text = phonenumbers.format_number(number, way)
    assert masked(f"say {text} again") == f"say {' '.join(['***'] * len(text.split()))} again"


DIGITS = st.lists(st.integers(0, 9), min_size=12, max_size=18)


@given(DIGITS)
def test_exactly_one_last_digit_makes_a_card_number(digits: list[int]) -> None:
    assume(any(digits))
    text = "".join(map(str, digits))
    good = [one for one in range(10) if is_card_number(f"{text}{one}")]
    assert len(good) == 1
    spaced = " ".join([text[:4], text[4:8], f"{text[8:]}{good[0]}"])
    assert masked(f"it is {spaced} he said") == "it is *** *** *** he said"


@given(DIGITS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_no_card_number(digits: list[int], at: int, by: int) -> None:
    text = "".join(map(str, digits))
    good = next(one for one in range(10) if is_card_number(f"{text}{one}") or not any(digits))
    wrong = text[:at] + str((digits[at] + by) % 10) + text[at + 1 :]
    assume(any(digits))
    assert not is_card_number(f"{wrong}{good}")


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=11, max_size=30))
def test_exactly_one_pair_of_check_digits_makes_an_account_number(account: str) -> None:
    good = [one for one in range(2, 99) if is_account_number(f"GB{one:02}{account}")]
    assert len(good) == 1


def test_what_still_grows_is_masked_early() -> None:
    def shown(text: str) -> str:
        return masked_text(text, growing_spans(text))

    assert shown("my number is 0 2 0 7 9") == "my number is *** *** *** *** ***"
    assert shown("write to ada@exam") == "write to ***"
    assert shown("in 1984 they were 12 or 7") == "in 1984 they were 12 or 7"
