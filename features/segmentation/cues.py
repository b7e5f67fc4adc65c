"""Words that tutors use where one problem ends and another begins. English only.

Patterns were written looking at the lessons of LessonLink (Wang et al. 2024, "Problem-Oriented
Segmentation and Retrieval"); what each is worth is learnt, see training/train_segments.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from features.segmentation.spoken import Array

_NUMBER_WORD = "one|two|three|four|five|six|seven|eight|nine|ten"
_OPENERS = "okay|ok|alright|all right|so|now|right|well|cool|perfect|awesome|great"

_PATTERNS: Mapping[str, str] = {
    "goes on": r"\b(next (one|question|problem|number|up)|mov(e|ing) on"
    r"|(last|another|the other) (one|question|problem))",
    "proposes": r"\blet'?s (see|go|look|do|try|start|move|get|jump|take|talk|begin|work|review)"
    r"|\blet me\b",
    "goes over": r"\b(go(ing)? (over|(back )?to)|start(ing)? with|review|look(ing)? at|pull up"
    r"|jump (in)?to|get(ting)? into|first (one|question|problem))\b",
    "asks for others": r"\b(any(thing)? (other|else|more)|other (ones|questions)"
    r"|another|someone else|wh(ich|at other) one|else (want|wanted))\b",
    "asks whether it is clear": r"\b(any questions?|questions (on|about|with)|makes? sense"
    r"|confus\w*"
    r"|(everyone|everybody|you guys|we) (good|okay|clear|understand)|good with)\b",
    "names a number": r"(\b(questions?|numbers?|problems?|no\.?)|#) ?\.?"
    rf"(#? ?\d{{1,2}}|{_NUMBER_WORD})\b",
    "only a number": rf"^\W*(({_OPENERS}|and|or|for|then|to|number|question|problem|you're|that's"
    r"|it's)\W+)*\d{1,2}\W*$",
    "a small number": r"(?<![\d.,/])\b([1-9]|[1-3]\d)\b(?![.,/%]?\d)",
    "reads a problem": r"\b(which of the following|what (is|are|was) the|in the x\.? ?y"
    r"|according to|(graph|table|figure|equation|function|system|data|circle|line|expression"
    r"|formula|scatter ?plot)s? (above|below|of)|is given by|best (describes|represents)"
    r"|if [a-z] (is|equals)|value of|how many|constants?|shown|represents)\b",
    "asks for somebody": r"\b(any(one|body)|who (wants|would|can|got|else)|volunteer"
    r"|walk (me|us) through|explain|want to (try|do|go|share|take|talk|read|help|start)"
    r"|what did (you|we|everyone)|how did you|thoughts)\b",
    "gives an answer": r"\b(answer|correct|right|choice|exactly|perfect|that's it|(we|you) get"
    r"|equals?|good job|nice|great|awesome|yep|cool)\b",
    "names an option": r"\b(is|be|choice|answer|option|with|it'?s)\W+\(?[a-d]\b",
    "opens": rf"^\W*({_OPENERS})\b",
    "only opens": rf"^\W*({_OPENERS}|yeah|yes)\W*$",
    "takes leave": r"\b(thank(s| you)|bye|see (you|ya)|good luck|have a (great|good|nice)"
    r"|take care|good night)\b",
    "talks of the lesson": r"\b(session|next week|tomorrow|today|feedback|certif\w*|boot ?camp|week"
    r"|hour|out of time|we have time|time (left|for)|run out)\b",
    "talks of the tools": r"\b(shar(e|ing)|screen|timer|minutes?|chat|breakout|link|assess\w*"
    r"|assign\w*|survey|warm|camera|mute|hear|practice|submit|finish|test)\b",
    "greets": r"\b(hi|hello|hey|welcome|how('s| is| are)|everyone|everybody|guys)\b",
    "asks": r"\?",
    "has digits": r"\d",
    "calculates": r"\b(x|y|plus|minus|times|divided|squared?|equation|slope|negative|root|over"
    r"|multipl\w+|subtract|graph|equal\w*)\b",
    "wishes": r"\b((can|could) (we|you)|i (had|have) a question|i (did|do)n't (get|understand|know)"
    r"|i got .{0,12} wrong|can i|do you guys)\b",
}

CUES = tuple(_PATTERNS)
"""Names of the cues, in the order of `cues_of`."""

_COMPILED = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS.values())


def cues_of(text: str) -> Array:
    """Return which cues a text holds: shape (cues,), 1 or 0."""
    return np.array([pattern.search(text) is not None for pattern in _COMPILED], np.float32)
