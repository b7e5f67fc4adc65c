from __future__ import annotations

import asyncio
from email.message import Message

import pytest
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP

from lessons.errors import InvalidInput, Unavailable
from lessons.tenants import Brand
from serving.mail import Mailer, SmtpServer


class Mailbox(MessageHandler):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


async def test_a_message_goes_out_in_the_name_of_the_brand() -> None:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mailer = Mailer(SmtpServer.parse(f"smtp://127.0.0.1:{port}"), "lectern@localhost")
    brand = Brand(name="Schöne Schule", sender_address="office@school.example")
    await mailer.send(brand, ["ada@example.org", "ben@example.org"], "Grüße", "Zwölf Größen.\n")
    server.close()
    (message,) = box.messages
    assert message["To"] == "ada@example.org, ben@example.org"
    assert "office@school.example" in str(message["From"])
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == "Zwölf Größen."


async def test_a_server_that_does_not_answer_is_tried_again_later() -> None:
    mailer = Mailer(SmtpServer.parse("smtp://127.0.0.1:9"), "lectern@localhost")
    with pytest.raises(Unavailable):
        await mailer.send(Brand(), ["ada@example.org"], "Subject", "Text")


async def test_no_name_smuggles_in_a_header() -> None:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mailer = Mailer(SmtpServer.parse(f"smtp://127.0.0.1:{port}"), "lectern@localhost")
    name = "School\r\nBcc: spy@example.org"
    await mailer.send(Brand(name=name), ["ada@example.org"], f"About {name}", "Text")
    server.close()
    (message,) = box.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "About School Bcc: spy@example.org"


def test_a_server_is_told_by_its_url() -> None:
    server = SmtpServer.parse("smtps://user%40school:pass%2Fword@mail.example")
    assert (server.host, server.port, server.is_tls) == ("mail.example", 465, True)
    assert (server.user, server.password) == ("user@school", "pass/word")
    assert SmtpServer.parse("smtp://mail.example").port == 587


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        SmtpServer.parse(url)
    assert refused.value.field == "LECTERN_SMTP_URL"
