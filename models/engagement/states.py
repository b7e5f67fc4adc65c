"""What a learner can be seen doing: the states of a model's columns, none of them a feeling."""

from __future__ import annotations

WORKING = "working"
PARTICIPATING = "participating"
READING_OR_THINKING = "reading_or_thinking"
STRUGGLING_PRODUCTIVELY = "struggling_productively"
STUCK = "stuck"
DRIFTING = "drifting"
TAB_HIDDEN = "tab_hidden"
AWAY = "away"

STATES: tuple[str, ...] = (
    WORKING,
    PARTICIPATING,
    READING_OR_THINKING,
    STRUGGLING_PRODUCTIVELY,
    STUCK,
    DRIFTING,
    TAB_HIDDEN,
    AWAY,
)
"""The order of a model's columns. A model spreads its doubt over them."""

UNKNOWN = "unknown"
"""Not enough evidence: what a judgement says instead of a guess; no column of any model."""
