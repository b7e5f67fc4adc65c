"""A baseline whose rules are a test's own, so that no training changes what is expected of it."""

from __future__ import annotations

from models.engagement.baseline import BaselineModel, BaselineWeights, Rule
from models.engagement.states import (
    AWAY,
    PARTICIPATING,
    READING_OR_THINKING,
    STATES,
    STUCK,
    TAB_HIDDEN,
    WORKING,
)

SURE = 0.95
RULES = (
    Rule(feature="connected", bound="at_most", value=0.0, state=AWAY, probability=SURE),
    Rule(feature="hidden_for_s", bound="at_least", value=4.0, state=TAB_HIDDEN, probability=SURE),
    Rule(feature="wrong_streak", bound="at_least", value=3.0, state=STUCK, probability=SURE),
    Rule(
        feature="since_chat_s", bound="at_most", value=10.0, state=PARTICIPATING, probability=SURE
    ),
    Rule(feature="keys_30s", bound="at_least", value=2.0, state=WORKING, probability=SURE),
    Rule(
        feature="since_input_s",
        bound="at_least",
        value=20.0,
        state=READING_OR_THINKING,
        probability=0.8,
    ),
)


def telling_model(name: str = "test-rules", version: str = "1") -> BaselineModel:
    """Return a model that says what its first rule that fires says."""
    features = [rule.feature for rule in RULES]
    nothing = dict.fromkeys(STATES, [0.0] * len(features))
    speaking = [1.0 if feature == "wrong_streak" else 0.0 for feature in features]
    return BaselineModel(
        BaselineWeights(
            name=name,
            version=version,
            data="none: rules of a test",
            features=features,
            logarithmic=[False] * len(features),
            mean=[0.0] * len(features),
            deviation=[1.0] * len(features),
            bias=dict.fromkeys(STATES, 0.0),
            weights=nothing | {STUCK: speaking},
            absent=nothing,
            rules=list(RULES),
            temperature=1.0,
        )
    )
