"""Off-task minutes in a real log of a computer laboratory, found from input counts and windows.

    python -m eval.off_task_minutes              the figures
    python -m eval.off_task_minutes --ablation   and what each group of features is worth

The log is EPM's (`epm/epm_events.csv.gz` under `LECTERN_DATA`): first-year students of engineering
at computers, nobody's live lesson and no children. Off task is a minute that was at least half
`Other` or `Blank` by the titles of the windows; the title, the activity and the exercise are never
features. Everything is cross-validated by learner; see training/off_task_model.py. Figures are for
minutes of all learners and, beside them, for learners that nothing was designed on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.data import data_folder
from lessons.errors import NotFound
from training.activity_log import COUNTED, ActivityLog, Flags, Floats, read_activity_log
from training.activity_minutes import Minutes, Pieces, cut_into_minutes
from training.log_as_events import window_values
from training.off_task_model import (
    GROUPS,
    MinuteChances,
    boosted_chances,
    off_task_chances,
    window_chances,
)
from training.rare_event_scores import RareEventScore, score_rare_events
from training.spell_features import Counts, told_counts

TARGET = 0.45
DESIGNED_ON = 3
"""Features were designed looking at learners whose number divides by this, and at no others."""

ALMOST_WHOLE_S = 30.0
"""Minutes of which less was seen are easier than others: somebody comes or goes."""

KEYS_AND_CLICKS = ("keystroke", "mouse_click_left", "mouse_click_right")
_STARTING_POINT = "the minute's counts, boosted (starting point)"
_FULLER = "spells, their past and the others"
_BOTH = "spells, their past, the others and the product's features"
_PRODUCT = "the product's features"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ablation", action="store_true", help="leave groups of features out")
    arguments = parser.parse_args()
    try:
        log = read_activity_log(data_folder() / "epm" / "epm_events.csv.gz")
    except NotFound as absent:
        sys.exit(str(absent))
    minutes, pieces = cut_into_minutes(log)
    print_rule(minutes, pieces, log)
    print_scores("Off-task minutes", models(log, minutes, pieces))
    if arguments.ablation:
        print_scores(f"{_BOTH}; {Counts.DRAWN}; without", ablations(log, minutes, pieces))


def models(
    log: ActivityLog, minutes: Minutes, pieces: Pieces
) -> Iterator[tuple[str, MinuteChances]]:
    """Yield every model with its chances, one by one: they take minutes."""
    hours = (minutes.end_s - minutes.began_s)[:, None] / 3_600
    yield "time in the lesson alone", boosted_chances(minutes, hours)
    for counts in (Counts.EVEN, Counts.DRAWN):
        counted = counts_of_minutes(minutes, pieces, told_counts(log, pieces, counts))
        yield f"{_STARTING_POINT}; {counts}", boosted_chances(minutes, counted)
    for counts in (Counts.OVER, Counts.DRAWN):
        values = window_values(log, minutes, pieces, counts)
        alone, with_past = window_chances(minutes, values)
        yield f"{_PRODUCT}, last window; {counts}", alone
        yield f"{_PRODUCT}, with their past; {counts}", with_past
        yield f"{_FULLER}; {counts}", off_task_chances(log, counts)
        yield f"{_BOTH}; {counts}", off_task_chances(log, counts, values)
    yield f"{_FULLER}; {Counts.EVEN}", off_task_chances(log, Counts.EVEN)
    yield (
        f"{_FULLER}, fitted on shuffled labels",
        off_task_chances(log, Counts.OVER, shuffled=True),
    )


def ablations(
    log: ActivityLog, minutes: Minutes, pieces: Pieces
) -> Iterator[tuple[str, MinuteChances]]:
    """Yield the fullest model without each group of features in turn."""
    values = window_values(log, minutes, pieces, Counts.DRAWN)
    for group in GROUPS:
        yield group, off_task_chances(log, Counts.DRAWN, values, without=group)


def counts_of_minutes(minutes: Minutes, pieces: Pieces, told: Floats) -> Floats:
    """Return what was told of the pieces of each minute, shape (minutes, kinds)."""
    return np.column_stack(
        [np.bincount(pieces.minute, kind, len(minutes.end_s)) for kind in told.T]
    )


def found_by_rule(minutes: Minutes, silent: Flags) -> tuple[float, float]:
    """Return precision and recall of a rule."""
    hits = (silent & minutes.off_task).sum()
    return float(hits / max(silent.sum(), 1)), float(hits / max(minutes.off_task.sum(), 1))


def print_rule(minutes: Minutes, pieces: Pieces, log: ActivityLog) -> None:
    """Print what "no key and no click for 60 s" finds, which is what others ship."""
    counted = counts_of_minutes(minutes, pieces, told_counts(log, pieces, Counts.EVEN))
    inputs = counted[:, [COUNTED.index(name) for name in KEYS_AND_CLICKS]].sum(axis=1)
    precision, recall = found_by_rule(minutes, inputs < 0.5)
    Console(width=150).print(
        f"{len(np.unique(log.learner))} learners, {log.attendance[-1] + 1} attendances, "
        f"{len(minutes.end_s)} minutes, {minutes.off_task.mean():.3f} of them off task.\n"
        f"No key and no click for 60 s: precision {precision:.2f}, recall {recall:.2f}."
    )


def print_scores(title: str, rows: Iterator[tuple[str, MinuteChances]]) -> None:
    """Print average precision and precision at half recall of every model."""
    table = Table(title=f"{title} (95 % bootstrap intervals over learners)")
    for heading in ("model", "AP", "precision at 50 %", "AUC", "AP, undesigned", "AP, >= 30 s"):
        table.add_column(heading)
    for name, found in rows:
        minutes = found.minutes
        everybody = np.ones(len(found.chance), np.bool_)
        score = _score(found, everybody)
        table.add_row(
            name,
            str(score.average_precision),
            str(score.precision),
            f"{score.auc:.3f}",
            str(_score(found, minutes.learner % DESIGNED_ON > 0).average_precision),
            str(_score(found, minutes.seen_s >= ALMOST_WHOLE_S).average_precision),
        )
        print(f"{name}: {score.average_precision}", flush=True)
    Console(width=170).print(table)
    print(f"Target: AP >= {TARGET} with causal features.")


def _score(found: MinuteChances, rows: Flags) -> RareEventScore:
    minutes = found.minutes
    return score_rare_events(minutes.learner[rows], minutes.off_task[rows], found.chance[rows])


if __name__ == "__main__":
    main()
