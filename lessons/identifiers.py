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
