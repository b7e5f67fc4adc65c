"""Talk moves, uptake, focusing and on task against people who rated them, on a folder of data.

    lectern eval talk FOLDER                  what ships
    lectern eval talk FOLDER --moves MODEL    talk moves by a model of your own, for research

FOLDER holds `talkmoves/`, `uptake/` and `funneling_focusing/`, or some of them, as they are
published. The files of talk moves name no transcript: their intervals are over pieces of 250
neighbouring sentences, those of exchanges over transcripts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from eval.data import data_folder
from lessons.errors import NotFound
from models.talk_moves.exchanges import FOLDER, ExchangeModel
from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, Role, TalkMoveModel
from models.talk_moves.loading import RULES, load_exchanges, load_talk_moves
from training.exchange_scores import score_exchanges
from training.move_scores import Figure, score_moves
from training.talk_sets import (
    FIELD,
    FOCUSING_FOLDER,
    MOVES_FOLDER,
    UPTAKE_FOLDER,
    LabelledExchange,
    read_focusing,
    read_moves,
    read_uptake,
)

PUBLISHED = {
    ("tutor", "macro-F1"): "0.768, RoBERTa-base",
    ("tutor", "micro-F1 without none"): "0.764, RoBERTa-base",
    ("learner", "macro-F1"): "0.671, RoBERTa-base",
    ("learner", "micro-F1 without none"): "0.716, RoBERTa-base",
    ("exchanges", "uptake Spearman"): "0.54, unsupervised pJSD",
    ("exchanges", "focusing Pearson"): "0.76, RoBERTa",
}
"""What the authors of the data report on their own held-out parts."""

CHUNK = 2_048
ROLES: dict[Role, tuple[str, ...]] = {"tutor": TEACHER_MOVES, "learner": STUDENT_MOVES}


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one set.

    Attributes:
        per_second: turns or exchanges that one core tells in a second.
    """

    title: str
    kind: str
    figures: dict[str, Figure]
    per_second: float


def measure(folder: Path, moves: str = RULES, exchanges: Path = FOLDER) -> list[Measured]:
    """Measure on whatever sets a folder holds, on one core.

    Raises:
        NotFound: it holds none.
        InvalidInput, Unavailable: the data or a model cannot be used.
    """
    torch.set_num_threads(1)
    found = []
    if (folder / MOVES_FOLDER).is_dir():
        model = load_talk_moves(moves)
        found += [_moves(folder, role, model) for role in ROLES]
    rated = [
        each
        for name, read in ((UPTAKE_FOLDER, read_uptake), (FOCUSING_FOLDER, read_focusing))
        if (folder / name).is_dir()
        for each in read(folder)
    ]
    if rated:
        found.append(_exchanges(rated, load_exchanges(exchanges)))
    if not found:
        raise NotFound(
            f"{folder} holds no set that can be measured on.",
            field=FIELD,
            fix=f"Give a folder with {MOVES_FOLDER}/, {UPTAKE_FOLDER}/ or {FOCUSING_FOLDER}/.",
        )
    return found


def show(found: Sequence[Measured], console: Console) -> None:
    """Print the figures beside the published ones."""
    for each in found:
        table = Table(title=f"{each.title}; {each.per_second:.0f} a second on one core")
        for heading in ("figure", "here (95 %)", "published"):
            table.add_column(heading)
        for name, figure in each.figures.items():
            table.add_row(name, str(figure), PUBLISHED.get((each.kind, name), ""))
        console.print(table)
    console.print(
        "Exchanges of transcripts that the model was fitted on are left out. Files of talk moves "
        "name no transcript: on sentences that a network was fitted on its figures say nothing; "
        "its card has what was measured on others."
    )


def main() -> None:
    """Measure what ships on the development data, and print."""
    try:
        show(measure(data_folder()), Console(width=110))
    except NotFound as absent:
        sys.exit(str(absent))


def _moves(folder: Path, role: Role, model: TalkMoveModel) -> Measured:
    labelled = read_moves(folder, role)
    names = ROLES[role]
    told: list[int] = []
    began = time.process_time()
    for start in range(0, len(labelled), CHUNK):
        turns = [one.turn for one in labelled[start : start + CHUNK]]
        told += [names.index(each.move) for each in model.classify(turns)]
    speed = len(labelled) / (time.process_time() - began)
    labels = np.asarray([one.label for one in labelled])
    figures = score_moves(labels, np.asarray(told), names)
    title = f"Talk moves, {role}: {len(labelled)} sentences, {model.name} {model.version}"
    return Measured(title, role, figures, speed)


def _exchanges(rated: list[LabelledExchange], model: ExchangeModel) -> Measured:
    unseen = [each for each in rated if each.transcript not in model.fitted_on]
    seen = "" if unseen else "; IT WAS FITTED ON THEM"
    rated = unseen or rated
    began = time.process_time()
    values = model.values([each.exchange for each in rated])
    speed = len(rated) / (time.process_time() - began)
    lessons = len({each.transcript for each in rated})
    title = f"{len(rated)} exchanges of {lessons} transcripts, {model.name} {model.version}{seen}"
    return Measured(title, "exchanges", score_exchanges(rated, values), speed)


if __name__ == "__main__":
    main()
