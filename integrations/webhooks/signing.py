"""Signatures of webhooks: HMAC-SHA-256 over id, time and body, by one secret or by two."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence

SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""

_PREFIX = "whsec_"


def new_secret() -> bytes:
    """Return a fresh random secret."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """Return a secret as its receiver configures it: `whsec_` and base64."""
    return _PREFIX + base64.b64encode(secret).decode("ascii")


def signature(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: one `v1,<base64>` for each key, spaces between.

    A receiver takes the message if one of them is right, so that a secret can be rotated while both
    are in use.

    Args:
        message_id: the header `webhook-id`; no full stop in it.
        timestamp: the header `webhook-timestamp`, seconds since 1970.
        body: the body as it is sent.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digests = (hmac.digest(key, signed, "sha256") for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode('ascii')}" for digest in digests)
