from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lessons.learning_record import Evidence, ObjectiveRecord
from models.mastery.reinforcement import (
    Estimate,
    ReasonKind,
    Status,
    reasons_for,
    status_of,
    weak_prerequisites,
)
from models.mastery.tracing import mastery_model, monday_of

START = datetime(2026, 9, 7, 10, tzinfo=UTC)  # a Monday
MODEL = mastery_model(None)


def evidence(outcomes: list[float | None], *, kind: str = "answer") -> list[Evidence]:
    return [
        Evidence.model_validate(
            {
                "objective_id": "obj_1",
                "lesson_id": "les_1",
                "response": f"answer/{number}",
                "event_id": f"evt_{number}",
                "sequence": number + 1,
                "kind": kind if outcome is not None or kind != "answer" else "practice",
                "outcome": outcome,
                "occurred_at": START + timedelta(minutes=number),
                "lesson_time_ms": number,
            }
        )
        for number, outcome in enumerate(outcomes)
    ]


def estimate(pieces: list[Evidence], *, days_later: float = 0.0) -> Estimate:
    traced = MODEL.trace(pieces)
    practised = [each for each in pieces if each.kind != "covered"]
    answers = [each.outcome for each in pieces if each.outcome is not None]
    record = ObjectiveRecord(
        person_id="per_1",
        objective_id="obj_1",
        covered=len(pieces) - len(practised),
        covered_at=None,
        practised=len(practised),
        practised_at=practised[-1].occurred_at if practised else None,
        evidence_for=sum(outcome >= 0.5 for outcome in answers),
        evidence_against=sum(outcome < 0.5 for outcome in answers),
        knowledge=traced.knowledge,
    )
    return Estimate(
        record,
        MODEL.mastery(traced.knowledge, START + timedelta(days=days_later)),
        MODEL.masteries([traced.knowledge])[0],
        pieces[::-1],
    )


def kinds(found: Estimate) -> set[ReasonKind]:
    return {reason.kind for reason in reasons_for(found)}


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], Status.NOT_ENOUGH_EVIDENCE),
        ([0.0, 0.0], Status.NOT_ENOUGH_EVIDENCE),
        ([None] * 5, Status.NOT_ENOUGH_EVIDENCE),
        ([0.0] * 5, Status.NEEDS_REINFORCEMENT),
        ([1.0] * 9, Status.MASTERED),
        ([0.0, 1.0, 1.0, 1.0], Status.DEVELOPING),
    ],
)
def test_where_a_learner_stands(outcomes: list[float | None], status: Status) -> None:
    assert status_of(estimate(evidence(outcomes))) is status


def test_wrong_answers_are_named_with_their_events() -> None:
    found = estimate(evidence([1.0, 0.0, 0.0, 0.0]))
    reason = next(r for r in reasons_for(found) if r.kind is ReasonKind.RECENT_MISTAKES)
    assert [each.event_id for each in reason.evidence] == ["evt_3", "evt_2", "evt_1"]
    assert reason.text == "3 of the latest 4 answers were wrong."


def test_what_was_known_and_long_not_practised_fades() -> None:
    pieces = evidence([1.0] * 8)
    assert kinds(estimate(pieces)) == set()
    assert kinds(estimate(pieces, days_later=120)) == {ReasonKind.FADING}


def test_covered_and_never_practised_is_said() -> None:
    found = estimate(evidence([None], kind="covered"))
    assert kinds(found) == {ReasonKind.NOT_PRACTISED}
    assert status_of(found) is Status.NOT_ENOUGH_EVIDENCE


def test_weak_prerequisites_are_those_that_need_work_themselves() -> None:
    statuses = {"a": Status.NEEDS_REINFORCEMENT, "b": Status.MASTERED}
    assert weak_prerequisites("c", {"c": ["a", "b", "d"]}, statuses) == ["a"]


def test_weeks_hold_what_was_believed_after_their_last_answer() -> None:
    pieces = evidence([1.0, 1.0, 0.0])
    moved = pieces[2].model_copy(update={"occurred_at": START + timedelta(days=8)})
    traced = MODEL.trace([*pieces[:2], moved])
    assert [(week.week.isoformat(), week.answers) for week in traced.weeks] == [
        ("2026-09-07", 2),
        ("2026-09-14", 1),
    ]
    assert traced.weeks[1].knowledge == traced.knowledge
    assert monday_of(START) == START.date()
