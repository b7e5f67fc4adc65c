"""Tracks: who publishes what on which worker. Every change is an event of the lesson as well."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, NotFound
from lessons.events import EventDraft, ParticipantLeft, TrackEnded, TrackMuted, TrackPublished
from lessons.identifiers import new_id
from lessons.privacy.consent import purposes_of_track
from lessons.records import Track, TrackKind, TrackSource
from lessons.store.appending import append_in
from lessons.store.consents import consent_of
from lessons.store.database import Database
from lessons.store.lessons import read_lesson, read_participant, refuse_ended
from lessons.store.tables import ingest_workers, tracks

LIVE_HEARTBEAT_SECONDS = 6
"""A worker whose last heartbeat is older than this is taken for lost."""


def has_live_heartbeat() -> ColumnElement[bool]:
    """Return the condition that a worker is alive, by the database's clock alone."""
    age = func.now() - ingest_workers.c.heartbeat_at
    return age < func.make_interval(0, 0, 0, 0, 0, 0, LIVE_HEARTBEAT_SECONDS)


class TrackStore:
    """Claims, mutes and ends tracks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_track(
        self,
        tenant_id: str,
        lesson_id: str,
        participant_id: str,
        kind: TrackKind,
        worker_id: str | None,
        published_at_ms: int,
        source: TrackSource = "live",
    ) -> Track:
        """Give the participant's track of this kind to a worker.

        A track left behind by a lost worker is ended first; one of a recording is never taken.

        Raises:
            NotFound: the tenant has no such lesson, or the lesson no such participant.
            Conflict: the lesson has ended, or a live worker has the participant's track already.
            ConsentMissing: the participant's consent does not cover such a track.
        """
        track = Track(
            id=new_id("trk"),
            lesson_id=lesson_id,
            participant_id=participant_id,
            kind=kind,
            source=source,
            worker_id=worker_id,
            published_at_ms=published_at_ms,
        )
        async with self._database.transaction(tenant_id) as connection:
            refuse_ended(await read_lesson(connection, tenant_id, lesson_id, lock=True))
            await read_participant(connection, tenant_id, lesson_id, participant_id)
            consent = await consent_of(connection, tenant_id, lesson_id, participant_id)
            consent.require(purposes_of_track(kind, source), participant_id)
            if source == "live":
                await _take_over(connection, tenant_id, track)
            await connection.execute(
                insert(tracks).values({**track.model_dump(), "tenant_id": tenant_id})
            )
            data = TrackPublished(
                track_id=track.id, participant_id=participant_id, kind=kind, source=source
            )
            draft = EventDraft(data, published_at_ms, participant_id)
            await append_in(connection, tenant_id, lesson_id, [draft])
        return track

    async def end_track(
        self, tenant_id: str, lesson_id: str, track_id: str, ended_at_ms: int, reason: str
    ) -> Track:
        """End a track, once; ending it again changes nothing.

        Raises:
            NotFound: the lesson has no such track.
        """
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id, lock=True)
            track = await _read_track(connection, tenant_id, lesson_id, track_id)
            if track.ended_at_ms is not None:
                return track
            return await end_track_in(connection, tenant_id, track, ended_at_ms, reason)

    async def set_muted(
        self, tenant_id: str, lesson_id: str, track_id: str, muted: bool, at_ms: int
    ) -> Track:
        """Mark a track as muted or not; no event where it is so already or has ended.

        Raises:
            NotFound: the lesson has no such track.
        """
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id, lock=True)
            track = await _read_track(connection, tenant_id, lesson_id, track_id)
            if track.muted == muted or track.ended_at_ms is not None:
                return track
            await _update(connection, tenant_id, track_id, muted=muted)
            data = TrackMuted(
                track_id=track_id,
                participant_id=track.participant_id,
                kind=track.kind,
                muted=muted,
            )
            draft = EventDraft(data, at_ms, track.participant_id)
            await append_in(connection, tenant_id, lesson_id, [draft])
        return track.model_copy(update={"muted": muted})

    async def list_tracks(self, tenant_id: str, lesson_id: str) -> list[Track]:
        """Return the lesson's tracks in the order in which they were published.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        query = (
            select(tracks)
            .where(tracks.c.tenant_id == tenant_id, tracks.c.lesson_id == lesson_id)
            .order_by(tracks.c.published_at_ms, tracks.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id)
            rows = (await connection.execute(query)).all()
        return [Track.model_validate(row) for row in rows]


async def open_live_tracks(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, participant_id: str
) -> list[Track]:
    """Return what a participant publishes now, within a transaction of the caller."""
    query = select(tracks).where(_is_open(tenant_id, lesson_id, participant_id))
    return [Track.model_validate(row) for row in await connection.execute(query)]


async def end_lost(
    connection: AsyncConnection, tenant_id: str, lost: Sequence[Track], ended_at_ms: int
) -> None:
    """End the open tracks that one participant had on a lost worker, and say that they left.

    The caller holds the lesson's lock.
    """
    for track in lost:
        await end_track_in(connection, tenant_id, track, ended_at_ms, "worker lost")
    first = lost[0]
    still_there = await connection.scalar(
        select(tracks.c.id)
        .where(_is_open(tenant_id, first.lesson_id, first.participant_id))
        .limit(1)
    )
    if still_there is None:
        data = ParticipantLeft(participant_id=first.participant_id, reason="worker lost")
        draft = EventDraft(data, max(ended_at_ms, first.published_at_ms), first.participant_id)
        await append_in(connection, tenant_id, first.lesson_id, [draft])


async def end_track_in(
    connection: AsyncConnection, tenant_id: str, track: Track, ended_at_ms: int, reason: str
) -> Track:
    """End an open track within a transaction of the caller, who holds the lesson's lock."""
    ended_at_ms = max(ended_at_ms, track.published_at_ms)
    await _update(connection, tenant_id, track.id, ended_at_ms=ended_at_ms)
    data = TrackEnded(
        track_id=track.id, participant_id=track.participant_id, kind=track.kind, reason=reason
    )
    draft = EventDraft(data, ended_at_ms, track.participant_id)
    await append_in(connection, tenant_id, track.lesson_id, [draft])
    return track.model_copy(update={"ended_at_ms": ended_at_ms})


async def _take_over(connection: AsyncConnection, tenant_id: str, claim: Track) -> None:
    """End what the participant has left open on lost workers.

    Raises:
        Conflict: a live worker has the participant's track of this kind.
    """
    query = (
        select(tracks, func.coalesce(has_live_heartbeat(), False).label("alive"))
        .outerjoin(ingest_workers, ingest_workers.c.id == tracks.c.worker_id)
        .where(_is_open(tenant_id, claim.lesson_id, claim.participant_id))
    )
    rows = (await connection.execute(query)).all()
    if any(row.alive and row.kind == claim.kind for row in rows):
        raise Conflict(
            f"This participant publishes {claim.kind} already.",
            field="participant_id",
            fix="End the other connection first (DELETE its WHIP resource).",
        )
    lost = [Track.model_validate(row) for row in rows if not row.alive]
    if lost:
        await end_lost(connection, tenant_id, lost, claim.published_at_ms)


def _is_open(tenant_id: str, lesson_id: str, participant_id: str) -> ColumnElement[bool]:
    """Return the condition for the open live tracks of a participant."""
    return and_(
        tracks.c.tenant_id == tenant_id,
        tracks.c.lesson_id == lesson_id,
        tracks.c.participant_id == participant_id,
        tracks.c.source == "live",
        tracks.c.ended_at_ms.is_(None),
    )


async def _read_track(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, track_id: str
) -> Track:
    query = select(tracks).where(
        tracks.c.tenant_id == tenant_id,
        tracks.c.lesson_id == lesson_id,
        tracks.c.id == track_id,
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"The lesson has no track {track_id!r}.", field="track_id")
    return Track.model_validate(row)


async def _update(
    connection: AsyncConnection, tenant_id: str, track_id: str, **values: object
) -> None:
    await connection.execute(
        update(tracks)
        .where(tracks.c.tenant_id == tenant_id, tracks.c.id == track_id)
        .values(**values)
    )
