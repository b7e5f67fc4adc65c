"""Sends e-mail by the SMTP server that the operator named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


class Mailer:
    """Sends plain messages in the name of a tenant's brand.

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

    async def send(self, brand: Brand, to: Sequence[str], subject: str, text: str) -> None:
        """Send a message.

        Raises:
            Unavailable: the server does not answer or refused the message; try again later.
        """
        if self._server is None:
            raise Unavailable("No SMTP server is set.", fix="Set LECTERN_SMTP_URL.")
        message = EmailMessage()
        sender = brand.sender_address or self._sender_address
        message["From"] = formataddr((_one_line(brand.name), sender))
        message["To"] = ", ".join(to)
        message["Subject"] = _one_line(subject)
        message.set_content(text)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.user,
                password=self._server.password,
                use_tls=self._server.is_tls,
                start_tls=self._start_tls(self._server),
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"The e-mail could not be sent: {error}") from error

    @staticmethod
    def _start_tls(server: SmtpServer) -> bool | None:
        """Whether STARTTLS is a must; None where it is taken if offered."""
        if server.is_tls:
            return False
        return True if server.password else None


def _one_line(text: str) -> str:
    """Return a text as it may stand in a header, where a second line would be another header."""
    return " ".join(text.split())


def open_mailer(settings: Settings) -> Mailer:
    """Return what sends e-mail by the server of the settings.

    Raises:
        InvalidInput: the server's URL is malformed.
    """
    url = settings.smtp_url
    server = SmtpServer.parse(url.get_secret_value()) if url is not None else None
    return Mailer(server, settings.mail_sender)
