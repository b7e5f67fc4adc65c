"""Secrets that whoever bears them is let in by: random, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_SECRET_BYTES = 32
_NO_DIGEST = bytes(hashlib.sha256().digest_size)

SECRET_PATTERN = "[0-9a-f]{64}"  # noqa: S105 - what a secret looks like
"""Regular expression of a secret."""


def new_secret() -> str:
    """Return 256 random bits as 64 hexadecimal digits."""
    return secrets.token_hex(_SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret, 32 bytes.

    A plain SHA-256 is enough: the secret is 256 random bits, not a password that could be guessed.
    """
    return hashlib.sha256(secret.encode()).digest()


def is_secret_of(digest: bytes | None, secret: str) -> bool:
    """Tell whether the secret is the one of this digest, in the same time whatever the answer.

    Args:
        digest: None where there is nothing stored; then no secret is the right one.
    """
    stored = _NO_DIGEST if digest is None else bytes(digest)
    same = hmac.compare_digest(stored, digest_of(secret))
    return same and digest is not None
