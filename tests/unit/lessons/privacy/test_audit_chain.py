from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.privacy.audit_chain import (
    AuditCheckpoint,
    AuditEntry,
    AuditFault,
    AuditHead,
    ChainVerifier,
    first_hash,
)
from lessons.privacy.sealing import MasterKey

TENANT = "ten_1"
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    previous = first_hash(TENANT)
    for position in range(1, length + 1):
        draft = AuditEntry(
            TENANT,
            position,
            START + timedelta(seconds=position),
            "key_1",
            "erase",
            f"person per_{position}",
            '{"rows": 3}',
        )
        entry = replace(draft, hash=draft.follow(previous))
        previous = entry.hash
        entries.append(entry)
    return entries


def _head(entries: list[AuditEntry]) -> AuditHead:
    return AuditHead(entries[-1].position, entries[-1].hash)


def _faults(
    entries: list[AuditEntry],
    head: AuditHead | None,
    checkpoints: list[AuditCheckpoint] | None = None,
) -> list[AuditFault]:
    verifier = ChainVerifier(TENANT)
    verifier.expect(checkpoints or [])
    for entry in entries:
        verifier.feed(entry)
    return verifier.finish(head)


def _checkpoint(entry: AuditEntry) -> AuditCheckpoint:
    return AuditCheckpoint(TENANT, entry.position, entry.hash, START)


@given(length=st.integers(0, 30))
def test_a_whole_chain_has_no_faults(length: int) -> None:
    entries = _chain(length)
    head = _head(entries) if entries else None
    assert _faults(entries, head, [_checkpoint(entry) for entry in entries[::7]]) == []


CHANGED_TEXT = ("tenant_id", "actor", "action", "resource", "detail")


@given(length=st.integers(1, 12), data=st.data())
def test_one_flipped_byte_anywhere_in_an_entry_names_it(length: int, data: st.DataObject) -> None:
    entries = _chain(length)
    index = data.draw(st.integers(0, length - 1))
    name = data.draw(st.sampled_from((*CHANGED_TEXT, "hash", "recorded_at")))
    entries[index] = _flipped(entries[index], name, data)
    head = _head(_chain(length))
    faults = _faults(entries, head)
    assert faults
    assert faults[0].position == entries[index].position


def _flipped(entry: AuditEntry, name: str, data: st.DataObject) -> AuditEntry:
    value = getattr(entry, name)
    if isinstance(value, datetime):
        return replace(entry, recorded_at=value + timedelta(microseconds=1))
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1
    changed: str | bytes = bytes(raw) if isinstance(value, bytes) else raw.decode()
    return replace(entry, **{name: changed})  # type: ignore[arg-type]


def test_every_field_of_an_entry_is_covered() -> None:
    covered = {*CHANGED_TEXT, "hash", "recorded_at", "position"}
    assert {field.name for field in fields(AuditEntry)} == covered


@given(length=st.integers(2, 15), data=st.data())
def test_dropped_rows_are_named(length: int, data: st.DataObject) -> None:
    entries = _chain(length)
    first = data.draw(st.integers(1, length))
    last = data.draw(st.integers(first, length))
    rest = [entry for entry in entries if not first <= entry.position <= last]
    faults = _faults(rest, _head(entries))
    named = f"missing: {first}" if first == last else f"missing: {first} to {last}"
    assert AuditFault(first, named) in faults


@given(length=st.integers(2, 15), data=st.data())
def test_two_rows_in_each_others_place_are_found(length: int, data: st.DataObject) -> None:
    entries = _chain(length)
    one = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(one + 1, length - 1))
    entries[one], entries[other] = (
        replace(entries[other], position=entries[one].position),
        replace(entries[one], position=entries[other].position),
    )
    positions = {fault.position for fault in _faults(entries, _head(_chain(length)))}
    assert {one + 1, other + 1} <= positions


def test_a_tail_that_was_cut_off_with_its_head_shows_by_a_checkpoint() -> None:
    entries = _chain(8)
    cut = entries[:5]
    assert _faults(cut, _head(cut)) == []
    faults = _faults(cut, _head(cut), [_checkpoint(entries[6])])
    assert faults == [AuditFault(7, "a checkpoint knows more entries than there are")]


def test_a_chain_that_was_made_anew_shows_by_a_checkpoint() -> None:
    entries, previous, made_anew = _chain(6), first_hash(TENANT), list[AuditEntry]()
    for entry in entries:
        draft = replace(entry, actor="key_2")
        made_anew.append(replace(draft, hash=draft.follow(previous)))
        previous = made_anew[-1].hash
    assert _faults(made_anew, _head(made_anew)) == []
    assert _faults(made_anew, _head(made_anew), [_checkpoint(entries[3])]) == [
        AuditFault(4, "the chain was rewritten: a checkpoint differs")
    ]


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (None, "the head is missing"),
        (AuditHead(3, b"x"), "the head is not that of the last entry"),
        (AuditHead(2, _chain(3)[1].hash), "entries lie past the head"),
        (AuditHead(5, b"x"), "missing: 4 to 5"),
    ],
)
def test_the_head_has_to_fit(head: AuditHead | None, problem: str) -> None:
    assert [fault.problem for fault in _faults(_chain(3), head)] == [problem]


def test_a_checkpoint_is_good_for_one_place_and_one_installation() -> None:
    master = MasterKey("a master key that is long enough to be one")
    draft = _checkpoint(_chain(1)[0])
    signed = replace(draft, signature=master.sign(draft.message()))
    assert signed.is_signed_by(master)
    assert not replace(signed, position=2).is_signed_by(master)
    assert not signed.is_signed_by(MasterKey("another master key, quite as long as the other"))
