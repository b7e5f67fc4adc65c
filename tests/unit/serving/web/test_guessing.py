"""Who guesses waits, longer each time; nobody else does."""

from __future__ import annotations

import pytest
from fastapi.requests import HTTPConnection
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import TooManyRequests
from serving.web.guessing import (
    FORGOTTEN_AFTER_SECONDS,
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    LONGEST_WAIT_SECONDS,
    GuessGuard,
    address_of,
)

HERE, THERE = "192.0.2.1", "192.0.2.2"
DAY_SECONDS = 86_400


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> GuessGuard:
    return GuessGuard(clock)


def allowed(guard: GuessGuard, address: str, name: str) -> bool:
    try:
        guard.require_allowed(address, name)
    except TooManyRequests:
        return False
    return True


def wait_after(guard: GuessGuard, address: str, name: str) -> int:
    with pytest.raises(TooManyRequests) as refused:
        guard.require_allowed(address, name)
    return refused.value.retry_after_seconds


def test_the_wait_grows_and_has_an_end(guard: GuessGuard, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        assert allowed(guard, HERE, "key_1")
        guard.wrong(HERE, "key_1")
    waits = []
    for _ in range(14):
        guard.wrong(HERE, "key_1")
        waits.append(wait_after(guard, HERE, "key_1"))
        clock.now += waits[-1]
        assert allowed(guard, HERE, "key_1")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, *[int(LONGEST_WAIT_SECONDS)] * 4]


def test_nobody_can_lock_a_key_for_its_owner_elsewhere(guard: GuessGuard) -> None:
    for _ in range(FREE_TRIES_OF_ADDRESS * 2):
        guard.wrong(HERE, "key_1")
    assert not allowed(guard, HERE, "key_1")
    assert allowed(guard, THERE, "key_1")


def test_who_tries_many_names_waits_for_all_of_them(guard: GuessGuard) -> None:
    for number in range(FREE_TRIES_OF_ADDRESS + 1):
        guard.wrong(HERE, f"key_{number}")
    assert not allowed(guard, HERE, "key_never_tried")
    assert allowed(guard, THERE, "key_never_tried")


def test_a_key_that_was_right_there_is_not_held_up_by_its_neighbours(guard: GuessGuard) -> None:
    guard.right(HERE, "key_good")
    for number in range(FREE_TRIES_OF_ADDRESS + 1):
        guard.wrong(HERE, f"key_{number}")
    assert allowed(guard, HERE, "key_good")


def test_being_right_forgets_the_name_and_not_the_address(guard: GuessGuard) -> None:
    for number in range(FREE_TRIES_OF_ADDRESS + 1):
        guard.right(HERE, "key_own")
        guard.wrong(HERE, f"key_{number}")
    assert not allowed(guard, HERE, "key_other")


def test_an_hour_of_peace_begins_anew(guard: GuessGuard, clock: Clock) -> None:
    for _ in range(FREE_TRIES + 3):
        guard.wrong(HERE, "key_1")
    clock.now += FORGOTTEN_AFTER_SECONDS
    guard.wrong(HERE, "key_1")
    assert allowed(guard, HERE, "key_1")


@given(gaps=st.lists(st.floats(min_value=0, max_value=60), min_size=50, max_size=200))
def test_a_guesser_gets_few_tries_a_day_however_the_tries_are_spaced(gaps: list[float]) -> None:
    clock = Clock()
    guard = GuessGuard(clock)
    began, tried = clock.now, 0
    for gap in gaps * 20:
        clock.now += gap
        if allowed(guard, HERE, "key_1"):
            guard.wrong(HERE, "key_1")
            tried += 1
    elapsed = clock.now - began
    free_and_doubling = FREE_TRIES + 11
    assert tried <= free_and_doubling + elapsed / LONGEST_WAIT_SECONDS + 1


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix-socket", "unix-socket"),
        ("", "unknown"),
    ],
)
def test_one_household_is_one_address(host: str, address: str) -> None:
    connection = HTTPConnection({"type": "http", "headers": [], "client": (host, 1)})
    assert address_of(connection) == address
