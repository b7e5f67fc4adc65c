"""The page `docs/engagement-features.md`, made from the catalogue of the features."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from features.engagement.catalogue import FEATURES, Modality

_INTRODUCTION = """\
# What is looked at for engagement

Every five seconds of a lesson, these numbers are computed for each learner from the lesson's
events, and nothing else is: no emotion, no picture, no key that was pressed. A signal names those
that it rests on (`observations[].name`), and which events are behind them.

This page is made from `features/engagement/catalogue.py`: `python -m features.engagement.page >
docs/engagement-features.md`.

A name ends in the span that it looks back on (`_5s`, `_30s`, `_120s`, `_300s`, `_600s`) or in its
unit. Spans that begin before the learner came are cut there. Times since something are at most ten
minutes; for what never happened, they count from when the learner came.

**Missing is missing, never 0.** A browser that counts and finds nothing gives zeros; one that never
told anything, or fell silent 20 seconds ago, gives nothing. Of a tool that nobody in the lesson has
used, of speech without a microphone, and of a camera that was not looked at, nothing is known.
"""

_TITLES = {
    Modality.INTERACTION: "What the learner does in the browser and with the lesson's tools",
    Modality.SPEECH: "What the learner says",
    Modality.CAMERA: "What the camera showed, only where tenant and consent both say so",
    Modality.CONTEXT: "What the lesson is doing, and who is there",
}


def features_page() -> str:
    """Return the whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_tables()])


def _tables() -> Iterator[str]:
    for modality in Modality:
        yield f"## {_TITLES[modality]}\n"
        yield "| name | unit | meaning |"
        yield "|---|---|---|"
        for one in FEATURES:
            if one.modality is modality:
                yield f"| `{one.name}` | {one.unit} | {one.meaning} |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write(features_page())
