"""Whose each sentence of a summary is, whatever its writer says of it."""

from __future__ import annotations

import pytest

from lessons.summary import Claim
from models.reading.lesson_reading import LessonReading
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import Draft, DraftClaim
from models.summaries.writing import SummaryName, summarise
from tests.unit.models.summaries.told_lessons import ADA, BEN, TINA, told

LESSON = told(
    (TINA, "To add fractions we need a common denominator."),
    (ADA, "Because then the parts have the same size."),
    (TINA, "For homework Ben reads page four and five."),
    (BEN, "Because then the parts have the same size."),
)


class Saying:
    """A writer that says one thing."""

    name = "saying"
    version = "1"

    def __init__(self, claim: DraftClaim) -> None:
        self._claim = claim

    def write(self, reading: LessonReading) -> Draft:
        return Draft((self._claim,), "en")


def said(kind: str, text: str, *cites: str, subject: str | None = None) -> Claim | None:
    claim = DraftClaim(kind, text, cites, subject)  # type: ignore[arg-type]
    document = summarise(LESSON, Saying(claim), SummaryName("sum_1"))
    return next(iter(document.claims()), None)


@pytest.mark.parametrize("subject", [None, TINA.participant_id])
def test_a_tutors_words_about_the_lesson_are_the_tutors_and_for_all_to_read(
    subject: str | None,
) -> None:
    quoted = "Tina said: “To add fractions we need a common denominator.”"
    for text in (quoted, "Tina said that we need a common denominator to add fractions."):
        claim = said("taught", text, "c1", subject=subject)
        assert claim is not None
        assert (claim.subject, claim.speaker) == (None, TINA.participant_id)


def test_a_tutors_words_that_name_a_learner_are_for_those_who_teach() -> None:
    claim = said("homework", "Tina said: “For homework Ben reads page four and five.”", "c3")
    assert claim is not None
    assert (claim.subject, claim.speaker) == (TINA.participant_id, TINA.participant_id)


def test_a_learners_words_are_theirs_though_the_writer_named_nobody() -> None:
    claim = said("strong_moment", "“Because then the parts have the same size.”", "c2")
    assert claim is not None
    assert (claim.subject, claim.speaker) == (ADA.participant_id, ADA.participant_id)


def test_words_of_several_people_have_no_one_owner_and_are_not_said() -> None:
    assert said("taught", "“Because then the parts have the same size.”", "c2", "c4") is None
    one = "Ben said: “Because then the parts have the same size.”"
    claim = said("strong_moment", one, "c2", "c4", subject=BEN.participant_id)
    assert claim is not None
    assert claim.owner == BEN.participant_id


def test_titles_are_nobodys_words_and_all_else_in_quotation_marks_is_somebodys() -> None:
    document = summarise(LESSON, ExtractiveWriter(), SummaryName("sum_1"))
    assert document.claims()
    assert all(claim.speaker or claim.title or "“" not in claim.text for claim in document.claims())
