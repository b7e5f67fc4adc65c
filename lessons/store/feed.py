"""The live feed: what commits to a lesson's ledger and what passes by, as it happens."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection, sql

from lessons.events import PartialCaption
from lessons.store.database import driver_url
from lessons.store.notices import (
    CHANNEL,
    MAX_NOTICE_BYTES,
    Committed,
    Message,
    Passing,
    passing_notice,
    read_notice,
)

logger = logging.getLogger(__name__)

_QUEUE_MESSAGES = 256
_RETRY_SECONDS = 0.5
_CHECK_SECONDS = 10.0
_CONNECT_TIMEOUT_SECONDS = 5

_Topic = tuple[str | None, str | None]
"""Tenant and lesson; None stands for any."""


class Subscription:
    """The messages of one subject for one reader, in order; iterate over it.

    At most 256 messages wait. Commits that wait side by side become one, for the reader reads on
    from its own cursor. When a slow reader's queue is full its passing messages are dropped and
    counted (newer ones replace them anyway); a commit is never dropped.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: deque[Message] = deque()
        self._arrived = asyncio.Event()

    def put(self, message: Message) -> None:
        """Take one message from the feed."""
        last = self._waiting[-1] if self._waiting else None
        if isinstance(message, Committed) and isinstance(last, Committed):
            self._waiting[-1] = message
        else:
            if len(self._waiting) >= _QUEUE_MESSAGES:
                self._shed()
            self._waiting.append(message)
        self._arrived.set()

    def _shed(self) -> None:
        commits = [message for message in self._waiting if isinstance(message, Committed)]
        self.dropped += len(self._waiting) - len(commits)
        self._waiting.clear()
        self._waiting.extend(commits[-1:])

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        await self._arrived.wait()
        message = self._waiting.popleft()
        if not self._waiting:
            self._arrived.clear()
        return message


class LiveFeed:
    """One process's ear and voice on the NOTIFY channel; it reconnects by itself.

    Whoever subscribes reads the ledger from a cursor of their own whenever `Committed` comes, and
    once after subscribing. A `Committed(None)` comes after every (re)connect, for notices sent in
    between are gone, and every ten seconds, for a writer may have died before its notice.

    Args:
        url: the database's URL.
    """

    def __init__(self, url: str) -> None:
        self._url = driver_url(url)
        self._subscriptions: dict[_Topic, set[Subscription]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._voice: AsyncConnection[Any] | None = None
        self._voice_lock = asyncio.Lock()
        self.unsent = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop listening and close both connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None
        if self._voice is not None:
            await self._voice.close()
            self._voice = None

    @asynccontextmanager
    async def subscribe(self, tenant_id: str, lesson_id: str) -> AsyncIterator[Subscription]:
        """Give the messages of one lesson from now on; the first may be `Committed(None)`."""
        async with self._subscribe((tenant_id, lesson_id)) as subscription:
            yield subscription

    @asynccontextmanager
    async def subscribe_commits(self, tenant_id: str | None) -> AsyncIterator[Subscription]:
        """Give the commits of all lessons of a tenant, or of every tenant, from now on.

        Their sequences are those of their lessons; whoever follows more than one has no use for
        them and reads on in the commit log.
        """
        async with self._subscribe((tenant_id, None)) as subscription:
            yield subscription

    @asynccontextmanager
    async def _subscribe(self, topic: _Topic) -> AsyncIterator[Subscription]:
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="live-feed")
        subscription = Subscription()
        self._subscriptions.setdefault(topic, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]

    async def publish_partial(
        self, tenant_id: str, lesson_id: str, caption: PartialCaption | Mapping[str, Any]
    ) -> bool:
        """Let a partial caption pass by every subscriber; false where it could not be sent.

        A partial that does not get through is no loss: the next one replaces it.
        """
        if isinstance(caption, PartialCaption):
            caption = caption.model_dump(mode="json")
        return await self._publish(tenant_id, lesson_id, Passing("caption.partial", dict(caption)))

    async def publish_progress(
        self, tenant_id: str, lesson_id: str, progress: Mapping[str, Any]
    ) -> bool:
        """Let a recording's progress pass by every subscriber; false where it could not be sent."""
        message = Passing("recording.progress", dict(progress))
        return await self._publish(tenant_id, lesson_id, message)

    async def _publish(self, tenant_id: str, lesson_id: str, message: Passing) -> bool:
        notice = passing_notice(tenant_id, lesson_id, message)
        if len(notice.encode()) > MAX_NOTICE_BYTES:
            self.unsent += 1
            return False
        async with self._voice_lock:
            try:
                if self._voice is None:
                    self._voice = await self._connect()
                await self._voice.execute("SELECT pg_notify(%s, %s)", (CHANNEL, notice))
            except psycopg.OperationalError:
                await self._drop_voice()
                self.unsent += 1
                return False
        return True

    async def _drop_voice(self) -> None:
        if self._voice is not None:
            await self._voice.close()
            self._voice = None

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_SECONDS
        )

    async def _listen(self) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._tell_all(Committed(None))
                    await self._relay(connection)
            except psycopg.OperationalError as error:
                logger.warning("live feed: reconnecting: %s", str(error).strip())
                await asyncio.sleep(_RETRY_SECONDS)

    async def _relay(self, connection: AsyncConnection[Any]) -> None:
        while True:
            async for notice in connection.notifies(timeout=_CHECK_SECONDS):
                self._hand_out(*read_notice(notice.payload))
            await connection.execute("SELECT 1")  # raises if the connection died in silence
            # A writer may have died between its commit and its notice.
            self._tell_all(Committed(None))

    def _hand_out(self, lesson: tuple[str, str], message: Message) -> None:
        topics: list[_Topic] = [lesson]
        if isinstance(message, Committed):
            topics += [(lesson[0], None), (None, None)]
        for topic in topics:
            for subscription in self._subscriptions.get(topic, ()):
                subscription.put(message)

    def _tell_all(self, message: Message) -> None:
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.put(message)
