"""Who reads which sentence, and under whose key each is sealed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lessons.summary import LearnerSummary, SummaryDocument, assembled, parted
from lessons.summary.views import seen_by, without_people
from tests.unit.lessons.summary.summaries import ADA, BEN, TUTOR, claim, document

TAUGHT = claim("t1", text="{par_tutor} said: “Add the tops”.", speaker=TUTOR)


def _ids(summary: SummaryDocument) -> list[str]:
    return [one.claim_id for one in summary.claims()]


def test_what_a_tutor_taught_is_for_all_to_read_and_sealed_under_the_tutors_key() -> None:
    whole = document(homework=[claim("h1"), TAUGHT, claim("h2")])
    lesson, parts = parted(whole)
    assert "Add the tops" not in lesson.model_dump_json()
    (own,) = (part for part in parts if part.participant_id == TUTOR)
    assert [one.claim.claim_id for one in own.claims] == ["t1"]
    assert assembled(lesson, parts) == whole
    assert [one.claim_id for one in seen_by(whole, [ADA], []).homework] == ["h1", "t1", "h2"]
    erased = assembled(lesson, [part for part in parts if part is not own])
    assert [one.claim_id for one in erased.homework] == ["h1", "h2"]


def test_a_learner_reads_what_is_the_lessons_and_their_own_in_its_order() -> None:
    seen = seen_by(document(), [ADA], [])
    assert _ids(seen) == ["s1", "s3", "a1", "r2", "r3", "n2"]
    assert ([one.participant_id for one in seen.learners], seen.reflections) == ([ADA], [])
    assert seen_by(document(), None, None) == document()
    assert len(seen_by(document(), None, [TUTOR]).reflections) == 1


def test_of_who_refuses_nothing_is_told_and_none_of_their_words() -> None:
    shown = without_people(document(homework=[TAUGHT]), [TUTOR, BEN])
    assert _ids(shown) == ["s1", "s3", "a1", "r2", "r3", "n2"]
    assert shown.reflections == []


def test_a_learner_has_no_sentence_in_somebody_elses_words() -> None:
    with pytest.raises(ValidationError, match="another person"):
        LearnerSummary(participant_id=ADA, observed=True, claims=[TAUGHT])
