"""Two other implementations of the specification take our signatures, and nothing else."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError as StandardRefusal
from svix.webhooks import Webhook as SvixWebhook
from svix.webhooks import WebhookVerificationError as SvixRefusal

from integrations.webhooks.signing import SECRET_BYTES, new_secret, shown, signature


def signed(secrets: list[bytes], body: bytes, message_id: str = "msg_1") -> dict[str, str]:
    """Return the headers of a message that is sent now: both packages refuse an old one."""
    now = int(time.time())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secrets, message_id, now, body),
    }


def verify_with_both(secret: bytes, body: bytes, sent: dict[str, str]) -> None:
    StandardWebhook(shown(secret)).verify(body, sent)
    SvixWebhook(shown(secret)).verify(body, sent)


@given(st.dictionaries(st.text(), st.text()), st.text("abcdefgh0123_", min_size=1))
def test_both_packages_take_the_signature(data: dict[str, str], message_id: str) -> None:
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
    secret = new_secret()
    verify_with_both(secret, body, signed([secret], body, message_id))


def test_during_a_rotation_both_secrets_are_right() -> None:
    old, new = new_secret(), new_secret()
    sent = signed([new, old], b"{}")
    verify_with_both(old, b"{}", sent)
    verify_with_both(new, b"{}", sent)
    assert len(sent["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("changed", ["id", "timestamp", "body", "secret"])
def test_whatever_was_changed_is_noticed(changed: str) -> None:
    secret = new_secret()
    sent = signed([secret], b"{}")
    body = b"{ }" if changed == "body" else b"{}"
    if changed == "id":
        sent["webhook-id"] = "msg_2"
    if changed == "timestamp":
        sent["webhook-timestamp"] = str(int(sent["webhook-timestamp"]) + 1)
    key = new_secret() if changed == "secret" else secret
    verify_with_both(secret, b"{}", signed([secret], b"{}"))
    with pytest.raises(StandardRefusal):
        StandardWebhook(shown(key)).verify(body, sent)
    with pytest.raises(SvixRefusal):
        SvixWebhook(shown(key)).verify(body, sent)


def test_secrets_are_long_enough_and_never_the_same() -> None:
    assert 24 <= SECRET_BYTES <= 64
    assert len({new_secret() for _ in range(100)}) == 100
