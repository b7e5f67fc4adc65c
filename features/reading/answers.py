"""Answers to items of exercises and polls, with what their marks say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from features.engagement.exercises import is_right
from features.reading.parts import Answer
from lessons.events import (
    AssessmentGraded,
    AssessmentItemAnswered,
    AssessmentSubmitted,
    LearningEvent,
    PollAnswered,
    PollOpened,
    PollResults,
)

ANSWER_TYPES = (
    AssessmentItemAnswered.type,
    AssessmentSubmitted.type,
    AssessmentGraded.type,
    PollOpened.type,
    PollAnswered.type,
    PollResults.type,
)

_Place = tuple[str, str | None, str, int]
"""Whose answer, in which assessment, to which item, at which attempt."""


def answers_of(events: Iterable[LearningEvent], people: Collection[str]) -> tuple[Answer, ...]:
    """Return the answers of these people, in time; what was marked is as right as its mark.

    Args:
        events: in the order of the ledger.
    """
    events = list(events)
    polls = {
        event.data.poll_id: event.data for event in events if isinstance(event.data, PollOpened)
    }
    solved = _solved(events)
    found = _Answers()
    for event in events:
        data, who = event.data, event.subject
        if who is None or who not in people:
            continue
        if isinstance(data, AssessmentItemAnswered):
            place = (who, data.assessment_id, data.item_id, data.attempt)
            found.put(place, _answered(who, data, event))
        elif isinstance(data, PollAnswered) and data.poll_id in polls:
            place = (who, None, data.poll_id, 1)
            found.put(place, _voted(who, data, polls[data.poll_id], solved, event))
        elif isinstance(data, AssessmentSubmitted | AssessmentGraded):
            _mark(found, who, data, event)
    return tuple(sorted(found.by_place.values(), key=lambda one: (one.at_ms, one.event_id)))


class _Answers:
    """Answers by their places, and which try at each item was the last one."""

    def __init__(self) -> None:
        self.by_place: dict[_Place, Answer] = {}
        self._last: dict[tuple[str, str | None, str], _Place] = {}

    def put(self, place: _Place, answer: Answer) -> None:
        self.by_place[place] = answer
        self._last[place[:3]] = max(place, self._last.get(place[:3], place))

    def last_try(self, who: str, assessment_id: str | None, item_id: str) -> _Place:
        """Return the place of the last try at an item, or where the first would have its own."""
        return self._last.get((who, assessment_id, item_id), (who, assessment_id, item_id, 1))


def _solved(events: Iterable[LearningEvent]) -> dict[str, list[int]]:
    """Return the right options of each poll, as its opening or its results tell."""
    solved: dict[str, list[int]] = {}
    for event in events:
        data = event.data
        if isinstance(data, PollOpened | PollResults) and data.correct_options is not None:
            solved[data.poll_id] = data.correct_options
    return solved


def _answered(who: str, data: AssessmentItemAnswered, event: LearningEvent) -> Answer:
    return Answer(
        event_id=event.id,
        participant_id=who,
        at_ms=event.lessontimems,
        assessment_id=data.assessment_id,
        item_id=data.item_id,
        attempt=data.attempt,
        response=data.response,
        correct=is_right(data),
        duration_ms=data.duration_ms,
        objective_id=data.objective_id,
        hints=data.hints,
    )


def _voted(
    who: str,
    data: PollAnswered,
    poll: PollOpened,
    solved: dict[str, list[int]],
    event: LearningEvent,
) -> Answer:
    right = solved.get(data.poll_id)
    chosen = [poll.options[one] for one in data.options if one < len(poll.options)]
    return Answer(
        event_id=event.id,
        participant_id=who,
        at_ms=event.lessontimems,
        assessment_id=None,
        item_id=data.poll_id,
        attempt=1,
        response=", ".join(chosen) or None,
        correct=None if right is None else set(data.options) == set(right),
        duration_ms=data.response_time_ms,
        objective_id=poll.objective_id,
        hints=0,
    )


def _mark(
    found: _Answers,
    who: str,
    data: AssessmentSubmitted | AssessmentGraded,
    event: LearningEvent,
) -> None:
    for item in data.items:
        # An attempt at the whole may hold several tries at one item: the last one was marked.
        place = found.last_try(who, data.assessment_id, item.item_id)
        right = item.score >= item.max_score
        objective = item.objective_id or data.objective_id
        known = found.by_place.get(place)
        if known is not None:
            marked = replace(known, correct=right, objective_id=known.objective_id or objective)
        else:
            marked = Answer(
                event_id=event.id,
                participant_id=who,
                at_ms=event.lessontimems,
                assessment_id=data.assessment_id,
                item_id=item.item_id,
                attempt=data.attempt,
                response=None,
                correct=right,
                duration_ms=None,
                objective_id=objective,
                hints=0,
            )
        found.put(place, marked)
