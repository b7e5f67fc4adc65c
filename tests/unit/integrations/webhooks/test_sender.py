from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from fastapi.responses import Response
from standardwebhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook

from integrations.address_guard import AddressGuard
from integrations.webhooks.sender import WebhookSender
from integrations.webhooks.signing import new_secret, shown
from lessons.errors import InvalidInput
from tests.unit.integrations.webhooks.receiver import Delivered, Receiver, answering

SECRET = new_secret()
BODY = '{"type":"hand.raised","data":{"name":"Zoë"}}'.encode()


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    async with WebhookSender(AddressGuard(["127.0.0.0/8"]), timeout_seconds=0.5) as opened:
        yield opened


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_arrives_is_verified_by_both_packages(
    sender: WebhookSender, receiver: Receiver
) -> None:
    attempt = await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert (attempt.delivered, attempt.status, attempt.error) == (True, 204, None)
    (delivered,) = receiver.received
    assert delivered.body == BODY
    assert delivered.headers["content-type"] == "application/json"
    for webhook in (StandardWebhook(shown(SECRET)), SvixWebhook(shown(SECRET))):
        webhook.verify(delivered.body, delivered.headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
async def test_any_other_answer_than_2xx_is_a_failure(
    sender: WebhookSender, receiver: Receiver, status: int
) -> None:
    receiver.answer = answering(status)
    attempt = await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert (attempt.delivered, attempt.status) == (False, status)
    assert str(status) in (attempt.error or "")
    assert attempt.answer == "as told"


async def test_a_redirection_is_not_followed(sender: WebhookSender, receiver: Receiver) -> None:
    """It would lead to where the guard has never been asked about."""
    receiver.answer = answering(307, location=receiver.url)
    attempt = await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert not attempt.delivered
    assert len(receiver.received) == 1


async def test_a_receiver_that_does_not_answer_in_time_failed(
    sender: WebhookSender, receiver: Receiver
) -> None:
    async def never(_: Delivered) -> Response:
        await asyncio.sleep(30)
        return Response()

    receiver.answer = never
    attempt = await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert attempt.error == "no answer within 0.5 s"
    assert 400 <= attempt.duration_ms < 5000
    receiver.answer = None
    assert (await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())).delivered


async def test_nobody_there_is_a_failure(sender: WebhookSender) -> None:
    attempt = await sender.send("http://127.0.0.1:9/", [SECRET], "msg_1", BODY, now())
    assert "connection failed" in (attempt.error or "")


async def test_who_speaks_no_http_failed(sender: WebhookSender) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        attempt = await sender.send(f"http://127.0.0.1:{port}/", [SECRET], "msg_1", BODY, now())
    assert not attempt.delivered


async def test_an_internal_address_is_never_connected_to(receiver: Receiver) -> None:
    async with WebhookSender(AddressGuard()) as guarded:
        attempt = await guarded.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert "internal address 127.0.0.1" in (attempt.error or "")
    assert receiver.received == []


async def test_a_long_answer_is_not_read(sender: WebhookSender, receiver: Receiver) -> None:
    async def at_length(_: Delivered) -> Response:
        return Response("long " * 1_000_000)

    receiver.answer = at_length
    attempt = await sender.send(receiver.url, [SECRET], "msg_1", BODY, now())
    assert attempt.delivered
    assert len(attempt.answer) == 500


@pytest.mark.parametrize(
    "url",
    [
        "",
        "platform.example/hooks",
        "ftp://127.0.0.1/",
        "https://",
        "https://user:password@127.0.0.1/",
        "https://127.0.0.1/#fragment",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1/ä",
        "https://[::1/",
        "https://127.0.0.1/" + "x" * 2000,
        "https://10.0.0.1/",
        "https://metadata.invalid/",
    ],
)
async def test_a_url_that_nothing_could_be_sent_to_is_refused(
    sender: WebhookSender, url: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await sender.check_url(url)
    assert refused.value.field == "url"


async def test_plain_http_is_only_for_networks_that_the_operator_vouches_for(
    sender: WebhookSender,
) -> None:
    await sender.check_url("http://127.0.0.1:8080/hooks")
    with pytest.raises(InvalidInput, match="https"):
        await sender.check_url("http://1.1.1.1/hooks")
    await sender.check_url("https://1.1.1.1/hooks")
