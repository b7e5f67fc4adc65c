from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.events import DATA_TYPES
from lessons.privacy.consent import (
    _EVENT_PURPOSES,
    PURPOSE_MEANINGS,
    ConsentMissing,
    ParticipantConsent,
    Purpose,
    purpose_of_event,
    purposes_of_track,
    tracks_stopped_by,
)

PURPOSES = st.sampled_from(Purpose)


@given(
    purpose=PURPOSES, required=st.frozensets(PURPOSES), basis=st.sampled_from([None, "contract"])
)
def test_a_decision_about_the_person_counts_before_all_else(
    purpose: Purpose, required: frozenset[Purpose], basis: str | None
) -> None:
    assert ParticipantConsent({purpose: True}, required, basis).permits(purpose)
    assert not ParticipantConsent({purpose: False}, required, basis).permits(purpose)


@pytest.mark.parametrize(
    ("required", "lesson_basis", "permitted"),
    [
        (frozenset(), None, True),
        (frozenset(), "school contract 2026", True),
        (frozenset({"audio"}), "school contract 2026", True),
        (frozenset({"audio"}), None, False),
        (frozenset({"audio"}), "", False),
        (frozenset({"video"}), None, True),
    ],
)
def test_without_a_decision_the_rules_of_tenant_and_lesson_hold(
    required: frozenset[str], lesson_basis: str | None, permitted: bool
) -> None:
    assert ParticipantConsent({}, required, lesson_basis).permits(Purpose.AUDIO) is permitted


@given(
    required=st.frozensets(PURPOSES),
    basis=st.sampled_from([None, "school contract 2026"]),
    decisions=st.dictionaries(PURPOSES, st.booleans()),
)
def test_a_camera_is_looked_at_on_nothing_but_a_decision_about_the_person(
    required: frozenset[Purpose], basis: str | None, decisions: dict[str, bool]
) -> None:
    held = ParticipantConsent(decisions, required, basis)
    decided = decisions.get(Purpose.CAMERA_SIGNALS, False)
    assert held.permits(Purpose.CAMERA_SIGNALS) is decided


def test_nobody_is_told_to_name_a_basis_where_none_would_do() -> None:
    with pytest.raises(ConsentMissing, match="nothing stands in for it") as missing:
        ParticipantConsent({}).require({Purpose.CAMERA_SIGNALS}, "par_1")
    assert "consent_basis" not in (missing.value.fix or "")


def test_a_refusal_says_for_whom_for_what_and_how_to_put_it_right() -> None:
    consent = ParticipantConsent({}, frozenset({"audio"}))
    with pytest.raises(ConsentMissing) as missing:
        consent.require({Purpose.VIDEO, Purpose.AUDIO}, "par_1")
    assert "par_1" in missing.value.reason
    assert "audio" in missing.value.reason
    assert "consents" in (missing.value.fix or "")
    with pytest.raises(ConsentMissing, match="refused or taken back"):
        ParticipantConsent({"audio": False}).require({Purpose.AUDIO}, "par_1")


def test_every_purpose_is_explained_and_every_mapped_event_exists() -> None:
    assert set(PURPOSE_MEANINGS) == set(Purpose)
    assert set(_EVENT_PURPOSES) <= set(DATA_TYPES)
    assert purpose_of_event("caption.final") is Purpose.CAPTIONS
    assert purpose_of_event("hand.raised") is None


def test_what_a_track_captures_for_is_what_stops_it() -> None:
    assert purposes_of_track("audio", "live") == {Purpose.AUDIO}
    assert tracks_stopped_by(Purpose.AUDIO) == {"audio"}
    assert tracks_stopped_by(Purpose.VIDEO) == {"video"}
    assert tracks_stopped_by(Purpose.CAPTIONS) == frozenset()
