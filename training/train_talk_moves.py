"""Fits the models of talk: uptake, focusing and on task, which ship, or talk moves, which do not.

    python -m training.train_talk_moves exchanges --output FOLDER
    python -m training.train_talk_moves exchanges --output FOLDER --write    and into models/
    python -m training.train_talk_moves moves --output FOLDER                for research

The data lies under LECTERN_DATA or --data. Uptake and focusing are under the MIT licence. Talk
moves are under CC BY-NC-SA 4.0: what is fitted on them is for research, never ships and is never a
default. Either is fitted on most transcripts and measured on others. A run that was cut off goes on
where it was if it is called again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import torch

from lessons.errors import LecternError
from models.embeddings.loading import DEFAULT
from models.talk_moves.exchanges import FOLDER
from training.exchange_fit import fit_exchanges
from training.move_fit import fit_moves
from training.pair_training import Plan

EPOCHS = {"exchanges": 4.0, "moves": 1.0}
BATCH = {"exchanges": 16, "moves": 64}
DEFAULT_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def main() -> None:
    """Fit, print the figures, and write what was asked for."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    output: Path = arguments.output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    data = (arguments.data or Path(os.environ.get("LECTERN_DATA") or DEFAULT_DATA)).resolve()
    plan = Plan(
        epochs=arguments.epochs or EPOCHS[arguments.task],
        batch=BATCH[arguments.task],
        minutes=arguments.minutes,
        state=output.with_suffix(".state"),
        resting=arguments.resting_layers,
    )
    fit = fit_exchanges if arguments.task == "exchanges" else fit_moves
    try:
        measured = fit(data, plan, arguments.encoder, output)
    except LecternError as error:
        sys.exit(f"error: {error}")
    print("\n".join(f"{name}: {figure}" for name, figure in measured.items()))
    if arguments.write:
        shutil.copytree(output, FOLDER, dirs_exist_ok=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.train_talk_moves",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=("exchanges", "moves"))
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="data (LECTERN_DATA)")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", required=True, help="where the model goes"
    )
    parser.add_argument("--write", action="store_true", help="replace what ships (exchanges)")
    parser.add_argument("--encoder", default=DEFAULT, help=f"name, hub id or folder ({DEFAULT})")
    parser.add_argument("--epochs", type=float, help="passes over the data (4, moves: 1)")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="end a fit after so long"
    )
    parser.add_argument(
        "--resting-layers", type=int, default=0, help="lowest layers to leave as they are (0)"
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (1)")
    arguments = parser.parse_args()
    if arguments.task == "moves" and arguments.write:
        parser.error("talk moves never ship: leave --write out")
    return arguments


if __name__ == "__main__":
    main()
