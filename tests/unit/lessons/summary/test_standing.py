from __future__ import annotations

from lessons.events import ConsentGranted, ConsentRevoked, SummaryCorrected, SummaryWithdrawn
from lessons.privacy.consent import Purpose
from lessons.summary.standing import standing_summary
from tests.unit.lessons.summary.summaries import ADA, BEN, document, event, events_of

FIRST = events_of(document())


def _corrected(claim_id: str, text: str | None) -> SummaryCorrected:
    return SummaryCorrected(
        summary_id="sum_1",
        claim_id=claim_id,
        text=text,
        removed=text is None,
        corrected_by="par_tutor",
    )


def test_there_is_none_before_its_last_event() -> None:
    assert standing_summary([]) is None
    assert standing_summary(FIRST[:-1]) is None
    assert standing_summary(FIRST) == document()


def test_a_new_version_takes_the_place_of_the_old_one() -> None:
    second = document(version=2, replaces=1, reinforcement=[])
    assert standing_summary([*FIRST, *events_of(second, 10)]) == second


def test_a_correction_holds_in_later_versions_too() -> None:
    second = document(version=2, replaces=1)
    corrections = [event(_corrected("r3", "Both agreed."), 8), event(_corrected("s2", None), 9)]
    standing = standing_summary([*FIRST, *corrections, *events_of(second, 10)])
    assert standing is not None
    by_id = {one.claim_id: one for one in standing.claims()}
    assert (by_id["r3"].text, by_id["r3"].corrected_by) == ("Both agreed.", "par_tutor")
    assert "s2" not in by_id
    assert "s3" in by_id


def test_what_was_withdrawn_is_shown_no_more_and_a_later_version_is() -> None:
    withdrawn = SummaryWithdrawn(summary_id="sum_1", summary_version=1, reason="consent_revoked")
    assert standing_summary([*FIRST, event(withdrawn, 9)]) is None
    second = document(version=2, replaces=1)
    assert standing_summary([*FIRST, event(withdrawn, 9), *events_of(second, 10)]) == second


def test_who_takes_consent_back_is_left_out_at_once() -> None:
    consent = {"consent_id": "cns_1", "participant_id": BEN, "decided_by": BEN}
    revoked = ConsentRevoked(purpose=Purpose.SIGNALS, stopped_tracks=[], **consent)
    other = ConsentRevoked(purpose=Purpose.VIDEO, stopped_tracks=[], **consent)
    standing = standing_summary([*FIRST, event(other, 8), event(revoked, 9)])
    assert standing is not None
    assert BEN not in standing.model_dump_json()
    assert [one.participant_id for one in standing.learners] == [ADA]
    granted = ConsentGranted(purpose=Purpose.SIGNALS, basis="own", **consent)
    assert standing_summary([*FIRST, event(revoked, 9), event(granted, 10)]) == document()
