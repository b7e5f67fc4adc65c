"""Dividing a lesson while it goes on: spans that are told stay as they are."""

from __future__ import annotations

import numpy as np

from models.segments.decoding import Lattice, Scores, Scoring, Span

SETTLING = 8
"""Rows that must have followed a boundary before the span that it ends is told."""


class RollingDecoder:
    """Gives spans as they end; with `finish` they tile all rows.

    What was told is kept, and what follows is decoded as its continuation: the division may differ
    from that of the whole lesson, which knows what came later.
    """

    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring
        self._lattice = Lattice(scoring)
        self._told = 0
        nothing = np.zeros((0, scoring.labels))
        self._rows, self._firsts = nothing, nothing

    def __len__(self) -> int:
        return self._told + len(self._lattice)

    def add(self, rows: Scores, firsts: Scores) -> None:
        """Go on with more rows, as `Scoring.scores` gives them."""
        self._rows = np.concatenate([self._rows, rows])
        self._firsts = np.concatenate([self._firsts, firsts])
        self._lattice.add(rows, firsts)

    def closed(self) -> Span | None:
        """Return the next span that is over, or None: none is, or it is too fresh to tell."""
        path = self._lattice.path(ended=False)
        if len(path) < 2 or path[0].end + SETTLING > len(self._lattice):
            return None
        return self._tell(path[0])

    def finish(self) -> list[Span]:
        """Return the spans of what is left: the lesson is over."""
        shift = self._told
        return [
            Span(span.start + shift, span.end + shift, span.label)
            for span in self._lattice.path(ended=True)
        ]

    def _tell(self, span: Span) -> Span:
        self._rows, self._firsts = self._rows[span.end :], self._firsts[span.end :]
        self._lattice = Lattice(self._scoring, after=span.label, begins=self._firsts[0])
        self._lattice.add(self._rows, self._firsts)
        told = Span(self._told, self._told + span.end, span.label)
        self._told = told.end
        return told
