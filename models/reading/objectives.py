"""Objectives that a lesson addressed: by what was said, by its plan and exercises, by marks.

What was said is compared with an objective's title by sentence embeddings. A cosine alone says
little, so it is calibrated (`training/fit_objective_likeness.py`), and an utterance counts for the
objective that it lies nearest to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.reading.material import Material
from features.reading.parts import Objective, Utterance
from features.reading.words import content_words
from lessons.summary import Citation, CoveredObjective
from models.embeddings.interface import Array, Encoder

WINDOW_UTTERANCES = 3
"""Utterances that are read together: one alone is often about nothing."""

OFFSET = 0.279
"""Cosine at which talk is as likely about the objective as not; for all-MiniLM-L6-v2."""
SLOPE = 27.8
"""How fast that changes with the cosine."""

LEAST_LIKENESS = 0.9
"""Calibrated likeness from which an utterance counts as being about an objective: on lessons left
out of the fit, with nine wrong lessons to each right one, 94 % of what is told then is right."""

LEAST_ALONE = 0.05
"""Likeness that it must have by itself: what only stands beside such talk is not about it."""

FEWEST_WORDS = 2
"""Content words without which an utterance is about nothing."""

MOST_CITED = 12
"""Utterances that are cited for an objective, the likest ones."""

Likeness = NDArray[np.float64]
"""Calibrated, of shape (utterances, objectives), 0..1."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a lesson's talk was about.

    Attributes:
        covered: objectives with what shows them.
        of_row: the objective of each utterance, None where it is about none.
    """

    covered: tuple[CoveredObjective, ...]
    of_row: tuple[str | None, ...]


def addressed_objectives(
    material: Material, objectives: Sequence[Objective], encoder: Encoder | None
) -> Addressed:
    """Return the objectives that the lesson addressed, in their order.

    Without an encoder only plan, exercises and marks tell. A planned item tells nothing by itself,
    unless it was done: what was planned and never taught is not covered.
    """
    said = material.utterances
    likeness = likeness_of(said, objectives, encoder)
    rows = _rows(likeness)
    of_row = tuple(None if row is None else objectives[row].objective_id for row in rows)
    covered = [
        one
        for column, objective in enumerate(objectives)
        if (one := _covered(material, objective, likeness[:, column], of_row)) is not None
    ]
    return Addressed(tuple(covered), of_row)


def likeness_of(
    said: Sequence[Utterance], objectives: Sequence[Objective], encoder: Encoder | None
) -> Likeness:
    """Return how likely each utterance, with those around it, is about each objective.

    It is 0 for an utterance that is likely enough about none. So what says too little is never
    read, and by itself only what counts if it is near enough alone: reading is what takes time.
    """
    likeness: Likeness = np.zeros((len(said), len(objectives)))
    telling = [row for row, one in enumerate(said) if _tells(one)]
    if encoder is None or not telling or not objectives:
        return likeness
    titles = encoder.encode([one.title for one in objectives])
    around = _calibrated(encoder.encode([_window(said, row) for row in telling]) @ titles.T)
    near = around.max(axis=1) >= LEAST_LIKENESS
    rows = np.array(telling)[near]
    alone = _calibrated(encoder.encode([said[row].text for row in rows]) @ titles.T)
    likeness[rows] = np.where(alone < LEAST_ALONE, 0.0, around[near])
    return likeness


def _tells(one: Utterance) -> bool:
    return len(content_words(one.text, one.language)) >= FEWEST_WORDS


def _window(said: Sequence[Utterance], row: int) -> str:
    around = WINDOW_UTTERANCES // 2
    return " ".join(one.text for one in said[max(0, row - around) : row + around + 1])


def _calibrated(cosines: Array) -> Likeness:
    likeness: Likeness = 1.0 / (1.0 + np.exp(-SLOPE * (cosines.astype(np.float64) - OFFSET)))
    return likeness


def _rows(likeness: Likeness) -> list[int | None]:
    """Return the column of each row's likest objective, None where none is likely enough."""
    if likeness.shape[1] == 0:
        return [None] * len(likeness)
    best = likeness.argmax(axis=1)
    return [
        int(column) if likeness[row, column] >= LEAST_LIKENESS else None
        for row, column in enumerate(best)
    ]


def _covered(
    material: Material,
    objective: Objective,
    likeness: NDArray[np.float64],
    of_row: Sequence[str | None],
) -> CoveredObjective | None:
    name = objective.objective_id
    talk = [row for row, about in enumerate(of_row) if about == name]
    worked = [one.event_id for one in material.answers if one.objective_id == name]
    done = [
        event_id
        for item in material.plan
        if name in item.objective_ids and item.outcome == "done"
        for event_id in item.event_ids
    ]
    marks = [one.event_id for one in material.marked if one.objective_id == name]
    if not (talk or worked or marks or done):
        return None
    cited = _talk_citations(material.utterances, talk, likeness)
    events = [*marks, *done, *worked][:MOST_CITED]
    if events:
        cited.append(_event_citation(material, events))
    how = "talked_about" if talk else "practised" if worked else "marked"
    return CoveredObjective(
        objective_id=name,
        title=objective.title,
        time_spent_ms=sum(
            material.utterances[row].end_ms - material.utterances[row].start_ms for row in talk
        ),
        similarity=float(likeness[talk].max()) if talk else 0.0,
        how=how,
        citations=cited,
    )


def _talk_citations(
    said: Sequence[Utterance], rows: Sequence[int], likeness: NDArray[np.float64]
) -> list[Citation]:
    likest = sorted(sorted(rows, key=lambda row: -likeness[row])[:MOST_CITED])
    return [
        Citation(
            caption_ids=[said[row].caption_id],
            start_ms=said[row].start_ms,
            end_ms=said[row].end_ms,
        )
        for row in likest
    ]


def _event_citation(material: Material, event_ids: Sequence[str]) -> Citation:
    wanted = frozenset(event_ids)
    times = [one.lessontimems for one in material.events if one.id in wanted]
    return Citation(event_ids=list(event_ids), start_ms=min(times), end_ms=max(times))
