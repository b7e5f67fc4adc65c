"""Sends e-mail by the SMTP server that the operator named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formataddr
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from lessons.errors import InvalidInput, Unavailable
from lessons.tenants import Brand
from serving.settings import Settings

TIMEOUT_SECONDS = 20.0
SCHEMES = {"smtp": 587, "smtps": 465}
REFUSED_FOR_GOOD = 500
"""Answers from here on will be the same at the next try (RFC 5321, section 4.2.1)."""

_CODES = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
"""Enhanced status codes (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """An SMTP server, as its URL says: `smtp://user:password@host:587` or `smtps://...`.

    Over `smtp` the connection is encrypted by STARTTLS where the server offers it, and has to be
    where there is a password.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    is_tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the server of a URL.

        Raises:
            InvalidInput: it is no such URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise InvalidInput(
                "It is not the URL of an SMTP server.",
                field="LECTERN_SMTP_URL",
                fix="Write smtp://user:password@host:587 or smtps://user:password@host.",
            )
        return cls(
            parts.hostname,
            parts.port or SCHEMES[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parts.scheme == "smtps",
        )


class MailRefused(Unavailable):
    """The server refuses this message or its recipients for good; another try is of no use.

    Args:
        reply: codes of its answer, without its words.
    """

    def __init__(self, reason: str, reply: str) -> None:
        super().__init__(reason)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to people.

    Attributes:
        html: the same as a page; None where plain text is enough.
        headers: further ones, such as a `Message-ID` of the sender's own.
    """

    to: Sequence[str]
    subject: str
    text: str
    html: str | None = None
    headers: Sequence[tuple[str, str]] = field(default_factory=tuple)


class Mailer:
    """Sends messages in the name of a tenant's brand.

    Args:
        server: None where no e-mail can be sent.
        sender_address: of brands that have none.
    """

    def __init__(self, server: SmtpServer | None, sender_address: str) -> None:
        self._server = server
        self._sender_address = sender_address

    @property
    def can_send(self) -> bool:
        """Whether there is a server to send by."""
        return self._server is not None

    @property
    def domain(self) -> str:
        """The domain in whose name message ids are made."""
        return self._sender_address.rpartition("@")[2] or "localhost"

    async def send(self, brand: Brand, to: Sequence[str], subject: str, text: str) -> None:
        """Send a plain message.

        Raises:
            Unavailable: the server does not answer or refused the message; try again later.
        """
        await self.send_letter(brand, Letter(to, subject, text))

    async def send_letter(self, brand: Brand, letter: Letter) -> str:
        """Send a message; return the codes with which the server took it.

        Raises:
            MailRefused: the server refused the message or a recipient for good.
            Unavailable: the server does not answer, or refused it for now; try again later.
        """
        if self._server is None:
            raise Unavailable("No SMTP server is set.", fix="Set LECTERN_SMTP_URL.")
        try:
            _, reply = await aiosmtplib.send(
                self._message(brand, letter),
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.user,
                password=self._server.password,
                use_tls=self._server.is_tls,
                start_tls=self._start_tls(self._server),
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            refused = _refusal(error)
            if refused is not None:
                raise MailRefused(f"The e-mail was refused: {error}", refused) from error
            raise Unavailable(f"The e-mail could not be sent: {error}") from error
        return _codes(aiosmtplib.SMTPStatus.completed, reply)

    def _message(self, brand: Brand, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        sender = brand.sender_address or self._sender_address
        message["From"] = formataddr((_one_line(brand.name), sender))
        message["To"] = ", ".join(letter.to)
        message["Subject"] = _one_line(letter.subject)
        for name, value in letter.headers:
            message[name] = _one_line(value)
        message.set_content(letter.text)
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html")
        return message

    @staticmethod
    def _start_tls(server: SmtpServer) -> bool | None:
        """Whether STARTTLS is a must; None where it is taken if offered."""
        if server.is_tls:
            return False
        return True if server.password else None


def _one_line(text: str) -> str:
    """Return a text as it may stand in a header, where a second line would be another header."""
    return " ".join(text.split())


def _refusal(error: Exception) -> str | None:
    """Return the codes of a refusal that will not change; None where another try makes sense.

    A refused sender or password is the operator's to put right, so it is tried again.
    """
    found = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    if not isinstance(found, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return None
    return _codes(found.code, found.message) if found.code >= REFUSED_FOR_GOOD else None


def _codes(code: int, words: str) -> str:
    """Return the codes of an answer; its words may name people."""
    enhanced = _CODES.match(words)
    return f"{code} {enhanced.group()}" if enhanced else f"{code}"


def open_mailer(settings: Settings) -> Mailer:
    """Return what sends e-mail by the server of the settings.

    Raises:
        InvalidInput: the server's URL is malformed.
    """
    url = settings.smtp_url
    server = SmtpServer.parse(url.get_secret_value()) if url is not None else None
    return Mailer(server, settings.mail_sender)
