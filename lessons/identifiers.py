"""Identifiers: a readable prefix, then 26 characters that sort by creation time."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_BITS = 48
_RANDOM_BITS = 80
_CHARACTER_BITS = 5
_LENGTH = 26


def new_id(prefix: str) -> str:
    """Return `<prefix>_<ULID>`: 48 bits of Unix milliseconds and 80 random bits (lower case).

    Source: the ULID specification (github.com/ulid/spec), Crockford's base 32.
    """
    milliseconds = time.time_ns() // 1_000_000 % (1 << _TIME_BITS)
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    shifts = range((_LENGTH - 1) * _CHARACTER_BITS, -1, -_CHARACTER_BITS)
    return f"{prefix}_" + "".join(_ALPHABET[number >> shift & 31] for shift in shifts)


def number_of(identifier: str) -> int:
    """Return the 128 bits of an id that `new_id` made.

    Raises:
        ValueError: it is no such id.
    """
    text = identifier.rpartition("_")[2]
    if len(text) != _LENGTH or not set(text) <= set(_ALPHABET):
        raise ValueError(f"{identifier!r} is no id of ours")
    number = 0
    for character in text:
        number = number << _CHARACTER_BITS | _ALPHABET.index(character)
    if number.bit_length() > _TIME_BITS + _RANDOM_BITS:
        raise ValueError(f"{identifier!r} is no id of ours")
    return number
