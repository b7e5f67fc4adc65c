from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from lessons.privacy.sealing import NONCE_BYTES, MasterKey, SealBroken, SubjectKey

PLACE = "ten_1/les_1/evt_1/hand.raised/1"
MASTER = MasterKey("a master key that is long enough to be one")


@given(body=st.binary(max_size=200), place=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(body: bytes, place: str) -> None:
    key = SubjectKey.new("per_1")
    assert key.open(key.seal(body, place), place) == body


@given(body=st.binary(min_size=1, max_size=60), position=st.integers(0), bit=st.integers(0, 7))
def test_one_flipped_bit_breaks_the_seal(body: bytes, position: int, bit: int) -> None:
    key = SubjectKey.new("per_1")
    sealed = bytearray(key.seal(body, PLACE))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        key.open(bytes(sealed), PLACE)


def test_a_body_opens_neither_in_another_place_nor_under_another_key() -> None:
    key = SubjectKey.new("per_1")
    sealed = key.seal(b"three quarters", PLACE)
    for opener, place in ((key, PLACE + "0"), (SubjectKey.new("per_1"), PLACE)):
        with pytest.raises(SealBroken, match="changed"):
            opener.open(sealed, place)
    with pytest.raises(SealBroken):
        key.open(b"", PLACE)


def test_the_same_body_is_never_sealed_alike() -> None:
    key = SubjectKey.new("per_1")
    assert len({key.seal(b"yes", PLACE)[:NONCE_BYTES] for _ in range(200)}) == 200
    assert b"yes" not in key.seal(b"yes", PLACE)


def test_a_digest_needs_the_key() -> None:
    one, other = SubjectKey.new("per_1"), SubjectKey.new("per_2")
    assert one.digest(b"yes") == one.digest(b"yes") != other.digest(b"yes")


def test_a_wrapped_key_comes_back_for_its_person_alone() -> None:
    key = SubjectKey.new("per_1")
    wrapped = MASTER.wrap(key, "ten_1")
    assert key.secret not in wrapped
    assert MASTER.unwrap(wrapped, "ten_1", "per_1") == key
    for tenant_id, person_id in (("ten_2", "per_1"), ("ten_1", "per_2")):
        with pytest.raises(SealBroken):
            MASTER.unwrap(wrapped, tenant_id, person_id)


def test_master_keys_are_told_apart_by_name() -> None:
    other = MasterKey("another master key, quite as long as the one above")
    assert MASTER.id != other.id
    assert MASTER.sign(b"x") != other.sign(b"x")
    with pytest.raises(SealBroken):
        other.unwrap(MASTER.wrap(SubjectKey.new("per_1"), "ten_1"), "ten_1", "per_1")


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        MasterKey("too short")
    assert refused.value.field == "LECTERN_MASTER_KEY"


def test_no_secret_is_shown() -> None:
    assert "secret" not in repr(SubjectKey.new("per_1"))
