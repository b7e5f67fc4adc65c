"""`lectern eval`: measures what models tell on a folder of labelled data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lessons.errors import InvalidInput

# What a command needs is imported by it: `lectern --help` should not take seconds.

app = typer.Typer(
    help="Measure models on labelled data of your own, against published figures.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(help="Folder of labelled data, one set to a subfolder.")]
Moves = Annotated[str, typer.Option(help="Talk moves: `rules`, or the folder of a model.")]
Exchanges = Annotated[
    Path | None, typer.Option(help="Folder of a model of exchanges. Default: the one that ships.")
]


@app.command()
def talk(folder: Folder, moves: Moves = "rules", exchanges: Exchanges = None) -> None:
    """Measure talk moves, uptake, focusing questions and being on task."""
    with _libraries():
        from eval.talk_moves import measure, show
    from models.talk_moves.exchanges import FOLDER

    show(measure(folder, moves, exchanges or FOLDER), Console(width=110))


@app.command()
def segmentation(folder: Folder) -> None:
    """Measure how lessons are divided and linked to problems, on a folder like LessonLink's."""
    with _libraries():
        from eval.segmentation import measure

    measure(folder)


@app.command()
def meetings(folder: Folder) -> None:
    """Measure ROUGE of what summaries quote, on meetings like QMSum's: a side figure."""
    with _libraries():
        from eval.meeting_summaries import measure

    measure(folder)


@contextmanager
def _libraries() -> Iterator[None]:
    """Say what to install where a library is missing that only measuring needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"Measuring needs `{error.name}`, which is not installed.",
            field="eval",
            fix="Run: pip install 'lectern[embeddings,training]'.",
        ) from error
