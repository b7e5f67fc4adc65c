"""Watches the credentials of open streams: a stream outlives its credential by seconds at most.

A stream says for how long it is open, and races `over` against what it sends:

    async with services.credential_watch.watch(caller) as watched:
        ...
        await watched.over.wait()  # then close with what `watched.reason` says
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from lessons.errors import LecternError, NotAuthenticated
from lessons.policy import Credential
from lessons.store.credentials import CredentialStore

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
"""How often every open stream's credential is looked at; a stream ends within 5 s of its end."""


class Watched:
    """One open stream's credential.

    Attributes:
        over: set once the credential is revoked, expired or ended.
        reason: why; the error that a new request with it would get. None until then.
    """

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self.over = asyncio.Event()
        self.reason: NotAuthenticated | None = None

    def end(self, reason: NotAuthenticated) -> None:
        """Tell whoever waits that the credential is over."""
        self.reason = reason
        self.over.set()


class CredentialWatch:
    """One process's watch over all of its open streams: a few queries per tenant and interval.

    While the database is down nothing is ended: no stored event can be read then either.

    Args:
        interval_seconds: between two looks.
    """

    def __init__(
        self, credentials: CredentialStore, interval_seconds: float = INTERVAL_SECONDS
    ) -> None:
        self._credentials = credentials
        self._interval_seconds = interval_seconds
        self._watched: dict[Credential, set[Watched]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    @asynccontextmanager
    async def watch(self, credential: Credential) -> AsyncIterator[Watched]:
        """Watch a credential for as long as the block lasts."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._keep_looking(), name="credential-watch")
        watched = Watched(credential)
        self._watched.setdefault(credential, set()).add(watched)
        try:
            yield watched
        finally:
            self._watched[credential].discard(watched)
            if not self._watched[credential]:
                del self._watched[credential]

    async def look(self) -> None:
        """Look at every watched credential once, and end those that are over."""
        by_tenant: defaultdict[str, set[Credential]] = defaultdict(set)
        for credential in self._watched:
            by_tenant[credential.home_tenant_id].add(credential)
        for tenant_id, credentials in by_tenant.items():
            try:
                over = await self._credentials.over(tenant_id, credentials)
            except LecternError as error:
                logger.warning("open streams of %s cannot be checked: %s", tenant_id, error)
                continue
            for credential, reason in over.items():
                for watched in tuple(self._watched.get(credential, ())):
                    watched.end(reason)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._interval_seconds)
            await self.look()
