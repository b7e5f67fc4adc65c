from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lessons.events import SummaryCreated
from lessons.summary import LearnerSummary, SummaryDocument, assembled, parted
from tests.unit.lessons.summary.summaries import ADA, BEN, claim, document


def test_nothing_is_said_of_a_learner_who_was_not_observed() -> None:
    with pytest.raises(ValidationError, match="not observed"):
        LearnerSummary(participant_id=ADA, observed=False, claims=[claim("c", ADA)])
    with pytest.raises(ValidationError, match="not observed"):
        LearnerSummary(participant_id=ADA, observed=False, answers_right=1)


def test_a_claim_id_stands_for_one_sentence() -> None:
    with pytest.raises(ValidationError, match="same claim_id"):
        document(homework=[claim("r2")])


def test_the_lessons_part_is_about_nobody_and_each_part_about_one() -> None:
    lesson, parts = parted(document())
    assert [one.claim_id for one in lesson.claims()] == ["s1", "s3", "r2", "n2"]
    SummaryCreated(summary=lesson)
    with pytest.raises(ValidationError, match="part_written"):
        SummaryCreated(summary=document())
    for part in parts:
        assert {one.claim.subject for one in part.claims} <= {part.participant_id}


@given(subjects=st.lists(st.sampled_from([None, ADA, BEN]), max_size=12), data=st.data())
def test_parts_put_together_are_the_document(
    subjects: list[str | None], data: st.DataObject
) -> None:
    ranked = [claim(f"x{number}", subject) for number, subject in enumerate(subjects)]
    whole = document(reinforcement=ranked, not_observed=[])
    lesson, parts = parted(whole)
    assert assembled(lesson, data.draw(st.permutations(parts))) == whole


def test_without_a_part_the_others_keep_their_order() -> None:
    lesson, parts = parted(document())
    without = assembled(lesson, [part for part in parts if part.participant_id != BEN])
    assert [one.claim_id for one in without.reinforcement] == ["r2", "r3"]
    assert BEN not in without.model_dump_json()
    assert SummaryDocument.model_validate(without.model_dump()) == without
