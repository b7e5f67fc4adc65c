"""Words for emotions and inner states, which no signal and no model of Lectern may claim.

Source: Regulation (EU) 2024/1689 (AI Act), Article 5(1)(f): no inference of emotions in education.
"""

from __future__ import annotations

import re

AFFECT_LABELS: frozenset[str] = frozenset(
    """
    affect affection amused anger angry annoyed anxiety anxious arousal ashamed attracted bored
    boredom calm confident confused confusion contempt contented curious delighted depressed
    depression disappointed disgust disgusted distress distressed emotion emotional embarrassed
    enjoyment enthusiasm enthusiastic excited excitement fear feeling flow
    frustrated frustration guilt guilty happiness happy hopeful hopeless irritated joy joyful lonely
    mood nervous overwhelmed panic pleased pride proud relaxed relieved sad sadness satisfied
    sentiment shame shy stress stressed surprise surprised tense unhappy upset valence worried
    """.split()  # noqa: SIM905 - a word list reads better as words
)
"""Lower case, one word each."""

_WORD = re.compile(r"[a-z]+")


def affect_label_in(text: str) -> str | None:
    """Return the first word of `text` that names an emotion, or None.

    Words are told apart by anything that is no letter, so `is_bored` and `very-sad` are found.
    """
    words = _WORD.findall(text.lower())
    return next((word for word in words if word in AFFECT_LABELS), None)
