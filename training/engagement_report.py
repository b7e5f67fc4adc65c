"""What training an engagement model measured, as tables that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.engagement.temporal import Comparison, Gain
from training.engagement_scores import NEEDS, Scores

WARNING = (
    "Every figure here is from a simulator: programs of behaviour that we wrote. None of them is "
    "an accuracy on children, which has not been measured."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Scores of several models, or of one under several conditions."""

    title: str
    rows: Mapping[str, Scores]


def table_lines(table: Table) -> Iterator[str]:
    """Yield one table in Markdown."""
    yield f"\n{table.title}:\n"
    headings = ["", "learners", "macro-F1", *(f"PR-AUC {need}" for need in NEEDS), "ECE"]
    yield f"| {' | '.join(headings)} |"
    yield "|---" * len(headings) + "|"
    for name, scores in table.rows.items():
        cells = [name, str(scores.learners), scores.macro_f1, *scores.needs.values()]
        yield f"| {' | '.join(map(str, [*cells, scores.calibration_error]))} |"


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield what promotion rests on."""
    yield "\nMacro-F1 of the temporal model above the baseline's (95 % over learners):\n"
    yield "| learners held out | gain |"
    yield "|---|---|"
    yield f"| of known kinds | {_told(comparison.held_out)} |"
    yield f"| of unseen kinds | {_told(comparison.unseen)} |"
    for modality, each in comparison.missing.items():
        yield f"| both, {modality} missing | {_told(each)} |"


def _told(gain: Gain) -> str:
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def report(data: str, comparison: Comparison | None, verdict: str, tables: Sequence[Table]) -> str:
    """Return everything in Markdown; the warning comes first.

    Args:
        data: what both models were fitted on, and their versions.
        verdict: which model serves and why.
    """
    lines = [
        WARNING,
        f"\nFitted on {data}.",
        *(comparison_lines(comparison) if comparison else ()),
        f"\nHence {verdict}.",
    ]
    for table in tables:
        lines += table_lines(table)
    return "\n".join(lines) + "\n"
