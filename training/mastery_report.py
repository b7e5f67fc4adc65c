"""What a training run measured, as tables that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.mastery.parameters import TracingParameters
from training.prediction_scores import Score


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """How well each model foretold the same answers of held-out learners."""

    title: str
    answers: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Trained:
    """Fitted parameters and everything that was measured.

    Attributes:
        interval: where the truth is known, the share of estimates whose 90 % interval holds what
            the true parameters give, and the mean width of the interval.
    """

    parameters: TracingParameters
    tables: Sequence[ScoreTable]
    interval: tuple[float, float] | None


def report(trained: Trained) -> str:
    """Return the figures in Markdown."""
    lines = [f"Parameters {trained.parameters.version}: {trained.parameters.data}."]
    for table in trained.tables:
        lines += [
            f"\n{table.title} ({table.answers} answers):\n",
            "| next-answer model | AUC (95 % over learners) | log loss |",
            "|---|---|---|",
        ]
        lines += [
            f"| {name} | {each.auc:.3f} ({each.low:.3f} to {each.high:.3f}) | {each.log_loss:.3f} |"
            for name, each in table.scores.items()
        ]
    if trained.interval is not None:
        share, width = trained.interval
        lines.append(
            f"\nOn objectives that nothing was fitted on, the 90 % interval holds the estimate of "
            f"the true parameters in {share:.0%} of the cases; its mean width is {width:.2f}."
        )
    return "\n".join(lines) + "\n"
