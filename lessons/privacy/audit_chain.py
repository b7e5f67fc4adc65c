"""The audit chain: each entry's hash covers the one before; a verifier names each fault."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lessons.privacy.sealing import MasterKey


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did.

    Attributes:
        position: counts a tenant's entries from 1 without gaps.
        actor: id of the API key, person or participant; or the process that acted by itself.
        action: a verb of the policy, or `sweep` and the like.
        resource: kind and id of what it was done to, as `person per_...`.
        detail: JSON text, exactly as it was hashed.
        hash: SHA-256 over the hash before and this entry's canonical form.
    """

    tenant_id: str
    position: int
    recorded_at: datetime
    actor: str
    action: str
    resource: str
    detail: str
    hash: bytes = b""

    def follow(self, previous_hash: bytes) -> bytes:
        """Return the hash that this entry has where it follows on that one."""
        body = {
            "tenant": self.tenant_id,
            "position": self.position,
            "at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "action": self.action,
            "resource": self.resource,
            "detail": self.detail,
        }
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(previous_hash + canonical.encode()).digest()


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where a chain ends: the position of its last entry and that entry's hash."""

    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class AuditCheckpoint:
    """A head as it once was, signed, so that the chain up to it can neither change nor shrink."""

    tenant_id: str
    position: int
    hash: bytes
    made_at: datetime
    signature: bytes = b""

    def message(self) -> bytes:
        """Return what is signed."""
        at = self.made_at.astimezone(UTC).isoformat(timespec="microseconds")
        return f"{self.tenant_id}/{self.position}/{self.hash.hex()}/{at}".encode()

    def is_signed_by(self, master: MasterKey) -> bool:
        """Tell whether the signature is that of this installation."""
        return self.signature == master.sign(self.message())


@dataclass(frozen=True, slots=True)
class AuditFault:
    """One thing that is wrong with a chain, and at which position."""

    position: int
    problem: str


def first_hash(tenant_id: str) -> bytes:
    """Return what a tenant's first entry follows on."""
    return hashlib.sha256(f"lectern audit of {tenant_id}".encode()).digest()


@dataclass(slots=True)
class ChainVerifier:
    """Takes a tenant's entries in the order of their positions and finds what was tampered with.

    Each entry is held against the one before as that one lies in the store, so that one changed
    entry is named alone. What was cut off the end shows by the head and by checkpoints.

    Attributes:
        faults: what was found so far.
        entries: how many entries were looked at.
    """

    tenant_id: str
    faults: list[AuditFault] = field(default_factory=list)
    entries: int = 0
    _last: AuditHead = field(init=False)
    _waiting: list[AuditCheckpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._last = AuditHead(0, first_hash(self.tenant_id))

    def expect(self, checkpoints: Iterable[AuditCheckpoint]) -> None:
        """Take the checkpoints that the entries have to pass, before the first entry."""
        self._waiting = sorted(checkpoints, key=lambda item: item.position, reverse=True)

    def feed(self, entry: AuditEntry) -> None:
        """Look at the next entry."""
        self.entries += 1
        expected = self._last.position + 1
        if entry.position != expected:
            self._find_gap(expected, entry.position)
        elif entry.hash != entry.follow(self._last.hash):
            self.faults.append(
                AuditFault(entry.position, "the entry was changed, or is not in its place")
            )
        self._last = AuditHead(entry.position, entry.hash)
        self._pass_checkpoints()

    def finish(self, head: AuditHead | None) -> list[AuditFault]:
        """Hold the end of the chain against its head, and return every fault.

        Args:
            head: as the store has it; None where there is none.
        """
        if head is None:
            if self.entries:
                self.faults.append(AuditFault(self._last.position, "the head is missing"))
        elif head.position > self._last.position:
            self._find_gap(self._last.position + 1, head.position + 1)
        elif head.position < self._last.position:
            self.faults.append(AuditFault(head.position + 1, "entries lie past the head"))
        elif head != self._last:
            self.faults.append(AuditFault(head.position, "the head is not that of the last entry"))
        for checkpoint in reversed(self._waiting):
            self.faults.append(
                AuditFault(checkpoint.position, "a checkpoint knows more entries than there are")
            )
        return self.faults

    def _find_gap(self, expected: int, found: int) -> None:
        which = f"{expected}" if found == expected + 1 else f"{expected} to {found - 1}"
        self.faults.append(AuditFault(expected, f"missing: {which}"))

    def _pass_checkpoints(self) -> None:
        while self._waiting and self._waiting[-1].position <= self._last.position:
            checkpoint = self._waiting.pop()
            if checkpoint.position == self._last.position and checkpoint.hash != self._last.hash:
                self.faults.append(
                    AuditFault(checkpoint.position, "the chain was rewritten: a checkpoint differs")
                )
