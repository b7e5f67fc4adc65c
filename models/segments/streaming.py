"""Divides a lesson while it goes on: a segment is told some utterances after it ended."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence

import numpy as np

from features.segmentation import ProblemFit, Spoken, WorksheetProblem
from models.segments.decoding import Evidence, Span
from models.segments.interface import Segment
from models.segments.network import REACH, RowScores
from models.segments.rolling import SETTLING, RollingDecoder
from models.segments.segmenter import Segmenter, Telling

LAG_ROWS = REACH + SETTLING
"""Utterances after a segment's successor began when it is told at the earliest.

In lessons of a tutoring company that is about three minutes. Where it is not clear yet that a
segment is over, it stays open longer.
"""


class StreamingSegmenter:
    """One lesson's segments as they close. What was told never changes.

    Utterances come about in order of time. One that comes late finds its place among the last
    `REACH` rows; one that is later still stands behind those that are decided.

    Args:
        problems, names: see `Segmenter.segments`.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        problems: Sequence[WorksheetProblem] = (),
        names: Collection[str] = (),
    ) -> None:
        self._segmenter, self._problems, self._names = segmenter, tuple(problems), tuple(names)
        self._fit = ProblemFit(problems, segmenter.card.common)
        self._scoring = segmenter.scoring(problems)
        self._decoder = RollingDecoder(self._scoring)
        self._utterances: list[Spoken] = []
        self._scores = RowScores.of(np.zeros((0, 4), np.float32))

    @property
    def utterances(self) -> Sequence[Spoken]:
        """What was taken, in the order that segments' rows count in."""
        return tuple(self._utterances)

    def know(self, names: Collection[str]) -> None:
        """Take further names of people, which make no title either."""
        self._names = tuple(dict.fromkeys((*self._names, *names)))

    def take(self, utterance: Spoken) -> Segment | None:
        """Take the next utterance; return the segment that it lets close, if one does."""
        insort(
            self._utterances, utterance, lo=len(self._scores.boundary), key=lambda one: one.start_ms
        )
        # The newest row's pause after it is not known yet, and reaches so far back.
        self._settle(len(self._utterances) - 1 - REACH)
        span = self._decoder.closed()
        return self._told([span], ended=False)[0] if span else None

    def finish(self) -> list[Segment]:
        """Return what is left: the lesson is over, and nothing more is taken."""
        self._settle(len(self._utterances))
        return self._told(self._decoder.finish(), ended=True)

    def _settle(self, rows: int) -> None:
        """Score rows whose surroundings are all there, up to so many of the lesson."""
        done = len(self._scores.boundary)
        if rows <= done:
            return
        first = max(0, done - REACH)
        # One more than the network reaches: the last row that it reads has a pause after it.
        around = self._utterances[first : rows + REACH + 1]
        before = self._utterances[first - 1] if first else None
        began_ms = self._utterances[0].start_ms
        new = slice(done - first, rows - first)
        scores = self._segmenter.network.scores(around, before, first, began_ms)[new]
        fit, numbers = self._fit.words(around)[new], self._fit.numbers(around)[new]
        self._scores = self._scores.followed_by(scores)
        self._decoder.add(*self._scoring.scores(Evidence(scores, fit, numbers)))

    def _told(self, spans: Sequence[Span], *, ended: bool) -> list[Segment]:
        telling = Telling(self._segmenter, self._utterances, self._problems, self._names)
        return [telling.segment(span, self._scores, ended=ended) for span in spans]
