"""The keys of persons: made at the first event about them, kept wrapped, destroyed to erase."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cachetools import TTLCache
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import LecternError
from lessons.privacy.sealing import MasterKey, SubjectKey, WrongMasterKey

CACHED_SECONDS = 30.0
"""How long a process remembers a key: after an erasure nowhere longer than this."""

CACHED_PEOPLE = 20_000
"""Persons whose keys one process remembers; about 2 KB each."""

SubjectKeys = Mapping[str, SubjectKey | None]
"""Keys by the id that was asked for; None where the key was destroyed: that person is erased."""

KEYRING_OPTION = "lectern_keyring"
"""The execution option by which a connection knows the keyring of its `Database`."""

# `settled` is false of a row that this very transaction made: it may be rolled back yet, so it must
# not be remembered.
_OF_PARTICIPANTS = text(
    """
    SELECT wanted.id AS asked, coalesce(participants.person_id, wanted.id) AS person_id,
        wrapped_key, master_key_id, keys.person_id IS NOT NULL AS there,
        coalesce(keys.created_at < now(), false) AS settled
    FROM unnest(CAST(:ids AS text[])) AS wanted (id)
    LEFT JOIN participants
        ON participants.tenant_id = :tenant_id AND participants.id = wanted.id
    LEFT JOIN subject_keys AS keys ON keys.tenant_id = :tenant_id
        AND keys.person_id = coalesce(participants.person_id, wanted.id)
    """
)
_OF_PEOPLE = text(
    """
    SELECT wanted.id AS asked, wanted.id AS person_id,
        wrapped_key, master_key_id, keys.person_id IS NOT NULL AS there,
        coalesce(keys.created_at < now(), false) AS settled
    FROM unnest(CAST(:ids AS text[])) AS wanted (id)
    LEFT JOIN subject_keys AS keys
        ON keys.tenant_id = :tenant_id AND keys.person_id = wanted.id
    """
)
# Two first events about one person at once: the second waits for the first and makes none.
_MAKE = text(
    """
    INSERT INTO subject_keys (tenant_id, person_id, wrapped_key, master_key_id)
    VALUES (:tenant_id, :person_id, :wrapped_key, :master_key_id)
    ON CONFLICT DO NOTHING
    """
)

ENTER_HOLDER = text(
    "INSERT INTO data_holders (tenant_id) VALUES (:tenant_id) ON CONFLICT DO NOTHING"
)
"""Enters a tenant among those that hold data, so that retention and verification find it."""


class Keyring:
    """Finds, makes and remembers the keys of one database for one process.

    Args:
        master: what wraps the keys; None for a process that only works on what nobody's key seals.
    """

    def __init__(self, master: MasterKey | None) -> None:
        self._master = master
        self._keys: TTLCache[tuple[str, str], SubjectKey | None] = TTLCache(
            CACHED_PEOPLE, CACHED_SECONDS
        )
        self._people: TTLCache[tuple[str, str], str] = TTLCache(CACHED_PEOPLE, CACHED_SECONDS)

    async def of_participants(
        self, connection: AsyncConnection, tenant_id: str, participant_ids: Collection[str]
    ) -> SubjectKeys:
        """Return the key of the person behind each participant, making those that are missing.

        An id that is no participant's has a key of its own.
        """
        found: dict[str, SubjectKey | None] = {}
        unknown: list[str] = []
        for participant_id in dict.fromkeys(participant_ids):
            person_id = self._people.get((tenant_id, participant_id), "")
            self._recall(tenant_id, person_id, participant_id, found, unknown)
        if not unknown:
            return found
        rows = await _rows(connection, _OF_PARTICIPANTS, tenant_id, unknown)
        missing = sorted({row["person_id"] for row in rows if not row["there"]})
        if missing:
            await self._make(connection, tenant_id, missing)
            rows = await _rows(connection, _OF_PARTICIPANTS, tenant_id, unknown)
        for row in rows:
            self._people[tenant_id, row["asked"]] = row["person_id"]
        return found | self._take(tenant_id, rows)

    async def of_people(
        self, connection: AsyncConnection, tenant_id: str, person_ids: Iterable[str]
    ) -> SubjectKeys:
        """Return the key of each person; a person who has none counts as erased."""
        found: dict[str, SubjectKey | None] = {}
        unknown: list[str] = []
        for person_id in dict.fromkeys(person_ids):
            self._recall(tenant_id, person_id, person_id, found, unknown)
        if not unknown:
            return found
        return found | self._take(
            tenant_id, await _rows(connection, _OF_PEOPLE, tenant_id, unknown)
        )

    def remembered(self, tenant_id: str, participant_ids: Collection[str]) -> SubjectKeys | None:
        """Return the keys as `of_participants` does, from memory; None unless all are there."""
        found: dict[str, SubjectKey | None] = {}
        for participant_id in participant_ids:
            person_id = self._people.get((tenant_id, participant_id), "")
            try:
                found[participant_id] = self._keys[tenant_id, person_id]
            except KeyError:
                return None
        return found

    def forget(self, tenant_id: str, person_id: str) -> None:
        """Drop a key from memory, because it was destroyed."""
        self._keys.pop((tenant_id, person_id), None)

    @property
    def master(self) -> MasterKey:
        """The key that wraps the others.

        Raises:
            WrongMasterKey: this process was given none.
        """
        if self._master is None:
            raise WrongMasterKey(
                "This process has no master key, so it can neither seal nor open a body.",
                field="LECTERN_MASTER_KEY",
            )
        return self._master

    def _recall(
        self,
        tenant_id: str,
        person_id: str,
        asked: str,
        found: dict[str, SubjectKey | None],
        unknown: list[str],
    ) -> None:
        """Enter the remembered key into `found`, or what was asked for into `unknown`."""
        try:
            found[asked] = self._keys[tenant_id, person_id]
        except KeyError:  # Not by `in`: a key may be forgotten between two looks.
            unknown.append(asked)

    async def _make(
        self, connection: AsyncConnection, tenant_id: str, person_ids: Sequence[str]
    ) -> None:
        await connection.execute(ENTER_HOLDER, {"tenant_id": tenant_id})
        await connection.execute(
            _MAKE,
            [
                {
                    "tenant_id": tenant_id,
                    "person_id": person_id,
                    "wrapped_key": self.master.wrap(SubjectKey.new(person_id), tenant_id),
                    "master_key_id": self.master.id,
                }
                for person_id in person_ids
            ],
        )

    def _take(self, tenant_id: str, rows: Sequence[RowMapping]) -> dict[str, SubjectKey | None]:
        taken: dict[str, SubjectKey | None] = {}
        for row in rows:
            key = self._unwrapped(tenant_id, row)
            taken[row["asked"]] = key
            if row["settled"]:
                self._keys[tenant_id, row["person_id"]] = key
        return taken

    def _unwrapped(self, tenant_id: str, row: RowMapping) -> SubjectKey | None:
        if row["wrapped_key"] is None:
            return None
        if row["master_key_id"] != self.master.id:
            raise WrongMasterKey(
                f"The key of {row['person_id']} was wrapped by the master key "
                f"{row['master_key_id']}, and this process has {self.master.id}.",
                field="LECTERN_MASTER_KEY",
                fix="Give every process of an installation the same master key.",
            )
        return self.master.unwrap(bytes(row["wrapped_key"]), tenant_id, row["person_id"])


def keyring_of(connection: AsyncConnection) -> Keyring:
    """Return the keyring of the `Database` that opened this transaction."""
    options: Mapping[str, Any] = connection.sync_connection.get_execution_options()  # type: ignore[union-attr]
    keyring = options.get(KEYRING_OPTION)
    if not isinstance(keyring, Keyring):
        raise LecternError("The connection is none of a Database of ours.")
    return keyring


async def _rows(
    connection: AsyncConnection, query: Any, tenant_id: str, ids: Sequence[str]
) -> Sequence[RowMapping]:
    result = await connection.execute(query, {"tenant_id": tenant_id, "ids": list(ids)})
    return result.mappings().all()
