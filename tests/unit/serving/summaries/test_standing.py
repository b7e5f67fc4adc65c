"""When a version of a summary is due."""

from __future__ import annotations

from lessons.events import LearningEvent
from serving.summaries.standing import DueSummary, due_summary
from tests.unit.features.reading.told_lessons import ADA, TUTOR, ToldLesson

SUMMARY = {"summary_id": "sum_1", "lesson_id": "les_1", "writer": "w", "writer_version": "1"}


def summarised() -> ToldLesson:
    lesson = ToldLesson()
    lesson.said(TUTOR, 0, 1_000, "Hello.")
    summary = {**SUMMARY, "version": 1}
    lesson.tell("summary.created", 2_000, summary=summary, participant_ids=[ADA], read_up_to=1)
    return lesson


def due(
    events: list[LearningEvent], refusing: tuple[str, ...] = (), unheard: tuple[str, ...] = ()
) -> DueSummary | None:
    return due_summary(events, refusing, unheard)


def test_a_first_version_is_due_even_of_an_empty_lesson() -> None:
    assert due([]) == DueSummary(1, None, withdraws=False)


def test_none_is_due_while_nothing_is_new() -> None:
    lesson = summarised()
    lesson.tell(
        "summary.progressed", 3_000, summary_id="s", summary_version=1, stage="done", share=1
    )
    lesson.consent(ADA, "video", given=False)
    assert due(lesson.events) is None


def test_a_correction_of_a_caption_makes_a_new_one_due_and_leaves_the_old_one_up() -> None:
    lesson = summarised()
    lesson.tell("caption.corrected", 1, caption_id="c", revision=2, text="Hi.", corrected_by=TUTOR)
    assert due(lesson.events) == DueSummary(2, 1, withdraws=False)


def test_what_came_while_a_version_was_being_written_makes_another_one_due() -> None:
    lesson = ToldLesson()
    lesson.said(TUTOR, 0, 1_000, "Hello.")
    lesson.consent(ADA, "signals", given=False)
    summary = {**SUMMARY, "version": 1}
    lesson.tell("summary.created", 2_000, summary=summary, participant_ids=[ADA], read_up_to=1)
    assert due(lesson.events) == DueSummary(2, 1, withdraws=True)


def test_consent_taken_back_withdraws_the_old_one() -> None:
    lesson = summarised()
    lesson.consent(ADA, "captions", given=False)
    assert due(lesson.events) == DueSummary(2, 1, withdraws=True)
    lesson.tell("summary.withdrawn", 1, summary_id="s", summary_version=1, reason="consent_revoked")
    assert due(lesson.events) == DueSummary(2, 1, withdraws=False)


def test_whoever_was_left_out_and_consents_again_makes_one_due_and_leaves_the_old_one_up() -> None:
    lesson = ToldLesson()
    lesson.tell(
        "summary.created",
        0,
        summary={**SUMMARY, "version": 1},
        read_up_to=9,
        refused_signals=[ADA],
        refused_captions=[TUTOR],
    )
    assert due(lesson.events, (ADA,), (TUTOR,)) is None
    assert due(lesson.events, (), (TUTOR,)) == DueSummary(2, 1, withdraws=False)
    assert due(lesson.events, (ADA,), ()) == DueSummary(2, 1, withdraws=False)


def test_consent_of_somebody_who_was_not_left_out_is_no_news() -> None:
    lesson = summarised()
    lesson.consent(ADA, "signals", given=True)
    assert due(lesson.events) is None


def test_a_decision_for_all_lessons_counts_without_an_event() -> None:
    assert due(summarised().events, (TUTOR,)) is None
    assert due(summarised().events, (ADA,)) == DueSummary(2, 1, withdraws=True)


def test_who_lets_no_captions_be_made_any_more_is_cited_no_more() -> None:
    lesson = ToldLesson()
    caption_id = lesson.said(TUTOR, 0, 1_000, "Hello.")
    claim = {
        "claim_id": "c",
        "text": "A greeting was said.",
        "kind": "taught",
        "citations": [{"caption_ids": [caption_id], "start_ms": 0, "end_ms": 1_000}],
        "confidence": 1,
    }
    summary = {**SUMMARY, "version": 1, "next_plan": [claim]}
    lesson.tell("summary.created", 2_000, summary=summary, participant_ids=[ADA], read_up_to=1)
    assert due(lesson.events, unheard=(TUTOR,)) == DueSummary(2, 1, withdraws=True)
    assert due(lesson.events, unheard=(ADA,)) is None
