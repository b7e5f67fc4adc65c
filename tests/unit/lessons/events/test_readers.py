"""Who may read an event, as far as its type says."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.events import DATA_TYPES, EventData


def _readers(name: str, **changes: Any) -> frozenset[str] | None:
    data = {**DATA_TYPES[name].example, **changes}
    return DATA_TYPES[name].model_validate(data).readers()


def test_a_new_type_is_for_its_subject_and_those_who_teach_until_it_says_otherwise() -> None:
    assert EventData.shared is False


@pytest.mark.parametrize(
    "name",
    [
        "poll.answered",
        "assessment.started",
        "assessment.item_answered",
        "assessment.submitted",
        "assessment.graded",
        "homework.completed",
        "attention.blurred",
        "attention.idle",
        "activity.counted",
        "content.opened",
        "milestone.reached",
        "engagement.signal",
        "webhook.disabled",
    ],
)
def test_what_a_learner_did_alone_is_nobody_elses(name: str) -> None:
    assert _readers(name) == frozenset()


@pytest.mark.parametrize("name", ["caption.final", "hand.raised", "poll.opened", "breakout.left"])
def test_what_everybody_sees_is_everybodys(name: str) -> None:
    assert _readers(name) is None


def test_a_message_is_for_whom_it_was_written() -> None:
    assert _readers("chat.posted") is None
    assert _readers("chat.posted", to="people", recipient_ids=["par_2"]) == frozenset({"par_2"})
    assert _readers("chat.posted", to="instructors") == frozenset()
    assert _readers("chat.posted", to="room", room_id="room-1") == frozenset()


def test_results_are_for_learners_once_they_were_shown() -> None:
    assert _readers("poll.results", shown_to_learners=True) is None
    assert _readers("poll.results", shown_to_learners=False) == frozenset()


def test_homework_is_for_whom_it_was_set() -> None:
    assert _readers("homework.assigned", participant_ids=None) is None
    assert _readers("homework.assigned", participant_ids=["par_2"]) == frozenset({"par_2"})


def test_consent_is_for_whom_it_is_about() -> None:
    assert _readers("consent.granted", participant_id="par_2") == frozenset({"par_2"})
    assert _readers("consent.revoked", participant_id="par_2") == frozenset({"par_2"})


@pytest.mark.parametrize(
    "name", ["segment.closed", "talk_move.observed", "comprehension.observed", "summary.created"]
)
def test_what_was_read_out_of_a_lesson_is_not_every_learners(name: str) -> None:
    assert _readers(name) == frozenset()
