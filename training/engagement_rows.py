"""Rows to train and measure engagement models on, made by the code that makes them live."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.engagement import FEATURES, WINDOW_MS, LearnerWindow, LessonFeatures, Modality
from lessons.events import CaptionFinal
from models.engagement.interface import Array
from training.simulated_lessons.delivery import Arrival
from training.simulated_lessons.lesson import SimulatedLesson, simulate_lesson
from training.simulated_lessons.programs import Program

ALLOWED_LATE_MS = 1_000
"""How long after its end a window is closed: what comes later is late, live as here."""

NO_TRUTH = -1


@dataclass(frozen=True, slots=True)
class LearnerRows:
    """One learner of one lesson, window by window.

    Attributes:
        values: shape (windows, features), NaN where missing.
        truth: shape (windows,), index in `STATES`.
        windows: what the values were taken from, for what reads evidence as well.
        expected_quiet_ms: shape (windows,), quiet that the task expected.
    """

    participant_id: str
    lesson_id: str
    program: str
    group: str
    values: Array
    truth: NDArray[np.int64]
    windows: Sequence[LearnerWindow]
    expected_quiet_ms: NDArray[np.int64]


def simulated_rows(lessons: int, programs: Sequence[Program], seed: int) -> list[LearnerRows]:
    """Simulate lessons with learners of some kinds, and return the rows of every learner."""
    seeds = np.random.SeedSequence(seed).generate_state(lessons)
    return [
        rows
        for number, each in enumerate(seeds)
        for rows in lesson_rows(simulate_lesson(f"{seed}-{number}", programs, int(each)))
    ]


def lesson_rows(lesson: SimulatedLesson) -> Iterator[LearnerRows]:
    """Yield the rows of one lesson's learners: events in, as they come, windows out."""
    by_learner: dict[str, list[LearnerWindow]] = {each: [] for each in lesson.learners}
    for window in lesson_windows(lesson):
        by_learner[window.participant_id].append(window)
    for participant_id, windows in by_learner.items():
        if not windows:
            continue
        places = np.array([window.start_ms // WINDOW_MS for window in windows])
        learner = lesson.learners[participant_id]
        yield LearnerRows(
            participant_id,
            lesson.lesson_id,
            learner.program.name,
            learner.group.value,
            np.stack([window.values for window in windows]),
            lesson.truth[participant_id][places].astype(np.int64),
            windows,
            _quiet(lesson)[places],
        )


def lesson_windows(lesson: SimulatedLesson) -> Iterator[LearnerWindow]:
    """Yield every learner's windows in the order of time: what came by then is known, as live."""
    features = LessonFeatures(lesson.lesson_id)
    arrivals = deque(lesson.arrivals)
    captions = deque(each for each in lesson.arrivals if each.similarity is not None)
    for end_ms in range(WINDOW_MS, lesson.script.end_ms + 1, WINDOW_MS):
        while arrivals and arrivals[0].arrived_ms < end_ms + ALLOWED_LATE_MS:
            arrival = arrivals.popleft()
            features.take(arrival.event, arrival.arrived_ms)
        yield from features.close(end_ms)
        while captions and captions[0].arrived_ms < end_ms:
            _take_similarity(features, captions.popleft())


def _take_similarity(features: LessonFeatures, arrival: Arrival) -> None:
    caption = arrival.event.data
    if isinstance(caption, CaptionFinal) and arrival.similarity is not None:
        features.take_similarity(caption.caption_id, arrival.similarity)


def _quiet(lesson: SimulatedLesson) -> NDArray[np.int64]:
    quiet = np.zeros(lesson.script.end_ms // WINDOW_MS, np.int64)
    for segment in lesson.script.segments:
        quiet[segment.start_ms // WINDOW_MS : segment.end_ms // WINDOW_MS] = (
            segment.expected_quiet_ms
        )
    return quiet


def without(rows: Iterable[LearnerRows], modalities: Iterable[Modality]) -> list[LearnerRows]:
    """Return rows in which some modalities are missing."""
    gone = columns_of(modalities)
    return [replace(each, values=_blanked(each.values, gone)) for each in rows]


def columns_of(modalities: Iterable[Modality]) -> NDArray[np.bool_]:
    """Return which features belong to some modalities, shape (features,)."""
    chosen = set(modalities)
    return np.array([feature.modality in chosen for feature in FEATURES])


def _blanked(values: Array, columns: NDArray[np.bool_]) -> Array:
    blanked = values.copy()
    blanked[:, columns] = np.nan
    return blanked


def histories(values: Array, history: int) -> Array:
    """Return what a model reads at each window, shape (windows, history, features).

    What lies before the lesson is NaN throughout.
    """
    before = np.full((history - 1, values.shape[1]), np.nan, np.float32)
    padded = np.concatenate([before, values])
    views = np.lib.stride_tricks.sliding_window_view(padded, history, axis=0)
    return np.ascontiguousarray(views.transpose(0, 2, 1))
