"""One row of numbers for each utterance: cues, pauses, who speaks, and how far the lesson is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from features.segmentation.cues import CUES, cues_of
from features.segmentation.spoken import Array, Spoken

_TIMES = (
    "pause before",
    "pause after",
    "duration",
    "words",
    "tutor speaks",
    "speaker changes",
    "rows so far",
    "hours so far",
    "beginning",
)

FEATURES = (*CUES, *_TIMES)
"""Names of the columns of `row_features`."""

_BEGINNING_ROWS = 40.0


def row_features(spoken: Sequence[Spoken], before: int = 0, began_ms: int | None = None) -> Array:
    """Return what is known of utterances in order of time, shape (utterances, features).

    A row reads its own utterance and its neighbours' times and speakers; none looks further ahead
    than the next utterance, so all but the last row stay as they are when the lesson goes on.

    Args:
        before: how many utterances the lesson had before these.
        began_ms: when the lesson's first utterance began; None: these are the lesson's first.
    """
    if not spoken:
        return np.zeros((0, len(FEATURES)), np.float32)
    began = spoken[0].start_ms if began_ms is None else began_ms
    cues = np.stack([cues_of(each.text) for each in spoken])
    return np.concatenate([cues, _times(spoken, before, began)], axis=1)


def _times(spoken: Sequence[Spoken], before: int, began_ms: int) -> Array:
    start = np.array([each.start_ms for each in spoken]) / 1_000
    end = np.array([each.end_ms for each in spoken]) / 1_000
    pause = np.maximum(np.append(0.0, start[1:] - end[:-1]), 0.0)
    words = np.array([len(each.text.split()) for each in spoken])
    tutor = np.array([each.role == "tutor" for each in spoken])
    who = [each.participant_id for each in spoken]
    changes = np.array([False, *(one != other for one, other in pairwise(who))])
    row = before + np.arange(len(spoken))
    columns = (
        np.log1p(pause),
        np.log1p(np.append(pause[1:], 0.0)),
        np.log1p(np.maximum(end - start, 0.0)),
        np.log1p(words),
        tutor,
        changes,
        np.log1p(row),
        np.maximum(start - began_ms / 1_000, 0.0) / 3_600,
        np.exp(-row / _BEGINNING_ROWS),
    )
    return np.stack(columns, axis=1).astype(np.float32)
