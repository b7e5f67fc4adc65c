"""Signals claim what can be observed, with evidence, and never an emotion."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lessons.events import EngagementSignal
from lessons.events.affect import affect_label_in


def _signal(**changes: Any) -> dict[str, Any]:
    return {**EngagementSignal.example, **changes}


@pytest.mark.parametrize(
    "state", ["bored", "Happy", "is_frustrated", "very-anxious", "emotion:joy", "confused"]
)
def test_a_state_that_names_an_emotion_is_refused_and_says_why(state: str) -> None:
    with pytest.raises(ValidationError, match="names an emotion, and Lectern infers none"):
        EngagementSignal.model_validate(_signal(state=state))


@pytest.mark.parametrize("state", ["contributing", "following", "idle", "away"])
def test_an_observable_state_needs_evidence(state: str) -> None:
    EngagementSignal.model_validate(_signal(state=state))
    with pytest.raises(ValidationError, match="needs evidence"):
        EngagementSignal.model_validate(_signal(state=state, evidence=[]))


def test_not_enough_evidence_is_an_answer() -> None:
    EngagementSignal.model_validate(_signal(state="not_enough_evidence", evidence=[]))


def test_a_signal_names_who_made_it_and_how_sure_it_is() -> None:
    for field in ("confidence", "model", "model_version", "evidence"):
        incomplete = {name: value for name, value in _signal().items() if name != field}
        with pytest.raises(ValidationError, match=field):
            EngagementSignal.model_validate(incomplete)
    with pytest.raises(ValidationError):
        EngagementSignal.model_validate(_signal(confidence=1.01))


def test_words_that_only_hold_an_emotion_are_no_emotion() -> None:
    assert affect_label_in("contributing") is None
    assert affect_label_in("flowchart, address, workflow") is None
    assert affect_label_in("BOREDOM_score") == "boredom"
