"""Engagement on simulated lessons: models against what others ship, on learners held out.

    python -m eval.engagement_simulated [--lessons N] [--seed N]

**Every figure is from a simulator**: programs of behaviour that we wrote, of kinds that the models
were fitted on and of kinds that they never saw. None is an accuracy on children. The lessons are
other ones than training measures on, by another seed. Figures on real logs are those of
`eval/off_task_minutes.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from eval.engagement_alarms import RECALL, Alarms, best_alarms
from eval.engagement_judgements import (
    GROUPS,
    Delays,
    delays,
    judged,
    median_dwell_s,
    nudged,
    unknown_share,
)
from eval.engagement_rivals import LastActivityRule, has_camera, webcam_only
from models.engagement.baseline import shipped_baseline
from models.engagement.decision import Judgement
from models.engagement.nudges import NudgeRules
from models.engagement.selection import choose_model, shipped_temporal
from training.engagement_evaluation import LessonModel, by_missing, told_by
from training.engagement_report import WARNING
from training.engagement_rows import LearnerRows, simulated_rows
from training.engagement_scores import NEEDS, Scores, Told, scores_of
from training.simulated_lessons.programs import TRAINING_PROGRAMS
from training.simulated_lessons.unseen_programs import UNSEEN_PROGRAMS

LESSONS = 24
SEED = 20_261_201
UNBOUNDED = NudgeRules(per_lesson=1_000)
"""What evidence alone would lead to, whatever a tutor would make of so many."""

Rows = Sequence[LearnerRows]
Seen = Sequence[Sequence[Judgement]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Learners to measure on, and others to fit the camera's own model on."""

    known: Rows
    unseen: Rows
    fitted: Rows


def main() -> None:
    """Simulate, measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lessons", type=int, default=LESSONS, help="of each part (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the lessons (%(default)s)")
    arguments = parser.parse_args()
    parts = simulate(arguments.lessons, arguments.seed)
    console = Console(width=170)
    console.print(WARNING)
    console.print(f"As shipped, {choose_model().reason}.")
    models = rivals(parts.fitted)
    for title, rows in _sets(parts).items():
        console.print(
            scores_table(
                title, {name: scores_of(told_by(model, rows)) for name, model in models.items()}
            )
        )
    everybody = [*parts.known, *parts.unseen]
    told = {name: told_by(model, everybody) for name, model in models.items()}
    seen = {name: judged(everybody, each) for name, each in told.items()}
    console.print(alarms_table(told, everybody))
    console.print(signals_table(seen, everybody))
    console.print(nudges_table(seen, everybody))
    for name in ("baseline", "temporal model"):
        missing = by_missing(models[name], everybody)
        console.print(scores_table(f"{name}, by what is missing", missing))


def simulate(lessons: int, seed: int) -> Parts:
    """Return learners of new lessons."""
    return Parts(
        simulated_rows(lessons, TRAINING_PROGRAMS, seed),
        simulated_rows(lessons, UNSEEN_PROGRAMS, seed + 1),
        simulated_rows(lessons, TRAINING_PROGRAMS, seed + 2),
    )


def rivals(fitted: Rows) -> dict[str, LessonModel]:
    """Return the models that are compared, by name."""
    half = len(fitted) // 2
    return {
        "temporal model": shipped_temporal(),
        "baseline": shipped_baseline(),
        "last activity < 60 s": LastActivityRule(),
        "webcam only": webcam_only(fitted[half:], fitted[:half]),
    }


def _sets(parts: Parts) -> dict[str, Rows]:
    everybody = [*parts.known, *parts.unseen]
    return {
        "learners of known kinds": parts.known,
        "learners of unseen kinds": parts.unseen,
        "learners with a camera, of all kinds": [each for each in everybody if has_camera(each)],
    }


def scores_table(title: str, scores: Mapping[str, Scores]) -> Table:
    """Return macro-F1, precision-recall and calibration, with 95 % intervals over learners."""
    table = _table(title, "learners", "macro-F1", *(f"PR-AUC {need}" for need in NEEDS), "ECE")
    for name, each in scores.items():
        cells = [each.learners, each.macro_f1, *each.needs.values(), each.calibration_error]
        table.add_row(name, *map(str, cells))
    return table


def alarms_table(models: Mapping[str, Told], rows: Rows) -> Table:
    """Return the false alarms that each has to take for finding enough of the spells."""
    table = _table(
        f"alarms at {RECALL:.0%} recall of spells worth a nudge, all kinds",
        "threshold", "recall", "false per learner-hour", "spells",
    )  # fmt: skip
    for name, told in models.items():
        best = best_alarms(rows, told)
        table.add_row(name, *(_alarm_cells(best) if best else ("never reached", "", "", "")))
    return table


def _alarm_cells(best: Alarms) -> tuple[str, ...]:
    figures = f"{best.threshold:.2f}", str(best.recall), str(best.false_per_hour)
    return (*figures, str(best.spells))


def signals_table(models: Mapping[str, Seen], rows: Rows) -> Table:
    """Return how late signals come after a change, and how steady they are."""
    columns = [f"{group}: found, p50 s, p90 s" for group in GROUPS]
    table = _table("signals as shown, all kinds", *columns, "dwell, median s", "unknown")
    for name, judgements in models.items():
        found = [delays(rows, judgements, states) for states in GROUPS.values()]
        cells = [_delay_cell(each) for each in found]
        dwell, unknown = median_dwell_s(judgements), unknown_share(judgements)
        table.add_row(name, *cells, f"{dwell:.0f}", f"{unknown:.0%}")
    return table


def _delay_cell(delay: Delays) -> str:
    late = f", {delay.p50_s:.0f}, {delay.p90_s:.0f}" if delay.found else ""
    return f"{delay.found:.0%} of {delay.spells}{late}"


def nudges_table(models: Mapping[str, Seen], rows: Rows) -> Table:
    """Return what the policy's nudges are worth, with its budget and without one."""
    table = _table(
        "nudges, all kinds",
        "a lesson", "about the right learner", "false per learner-hour", "recall of spells",
    )  # fmt: skip
    for name, judgements in models.items():
        for rules, how in ((NudgeRules(), "as they ship"), (UNBOUNDED, "without a budget")):
            given = nudged(rows, judgements, rules)
            cells = [f"{given.per_lesson:.1f}", f"{given.right:.0%}"]
            figures = f"{given.false_per_hour:.2f}", f"{given.recall:.0%}"
            table.add_row(f"{name}, {how}", *cells, *figures)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=f"Simulated {title}", title_justify="left")
    for column in ("", *columns):
        table.add_column(column)
    return table


if __name__ == "__main__":
    main()
