"""Fits the model that divides lessons, cross-validates it by lesson, and writes what ships.

    python -m training.train_segments --data FOLDER                    validate and print
    python -m training.train_segments --data FOLDER --search           and choose weights, nested
    python -m training.train_segments --data FOLDER --write            and replace what ships
    python -m training.train_segments --data FOLDER --output OTHER     and write the model there

The folder has LessonLink's layout (`lessonlink.csv.gz`, `problems_ocr.json`). Without `--search`
weights of decoding are those of `segment_validation.START`, and a run takes some minutes of one
core; with it they are chosen on inner folds by six networks more, which takes some times as long.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from features.segmentation import FEATURES
from lessons.errors import LecternError
from models.segments.card import DecodingWeights, SegmentCard, lesson_mark
from models.segments.network import WORDS_READ
from models.segments.segmenter import Segmenter
from training.lesson_link import LinkedLesson, read_lesson_link
from training.segment_fit import EPOCHS, SegmentModel, fit_model, made_ready, read_lesson
from training.segment_habits import count_habits
from training.segment_network import ServedNetwork
from training.segment_report import report
from training.segment_validation import cross_validate
from training.temporal_fit import strip_notes

FOLDER = Path(__file__).parents[1] / "models" / "segments"
NAME = "cues-and-words-semi-markov"
LICENCE = "Apache-2.0"
LARGEST_DIFFERENCE = 1e-3
"""Between what torch and onnxruntime say; more, and nothing is written."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What ships, and what was measured.

    Attributes:
        network: the ONNX file's content.
        text: the figures in Markdown.
    """

    card: SegmentCard
    network: bytes
    text: str


def train(
    lessons: Sequence[LinkedLesson], epochs: int = EPOCHS, *, search: bool = False
) -> Trained:
    """Cross-validate, then fit on all lessons what ships.

    Raises:
        ArithmeticError: onnxruntime says something else than torch.
    """
    began = time.monotonic()

    def told(step: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {step}", flush=True)

    validation = cross_validate(lessons, epochs, told, search=search)
    text = report(validation)
    told("network on all lessons")
    card, network = fit_all(lessons, epochs, validation.weights, validation.weights_without)
    return Trained(card, network, text)


def fit_all(
    lessons: Sequence[LinkedLesson],
    epochs: int,
    weights: DecodingWeights,
    weights_without: DecodingWeights,
) -> tuple[SegmentCard, bytes]:
    """Fit what ships on all lessons, and see that what serves says the same.

    Raises:
        ArithmeticError: onnxruntime says something else than torch.
    """
    model = fit_model(lessons, [read_lesson(lesson) for lesson in lessons], epochs)
    network = exported(model)
    card = SegmentCard(
        name=NAME,
        version=version_of(network, weights, weights_without),
        data=f"{len(lessons)} lessons of LessonLink (Wang et al. 2024), Apache-2.0",
        licence=LICENCE,
        sha256=hashlib.sha256(network).hexdigest(),
        features=list(FEATURES),
        mean=model.fitted.mean.round(6).tolist(),
        deviation=model.fitted.deviation.round(6).tolist(),
        vocabulary=list(model.places),
        common=dict(model.common),
        weights=weights,
        weights_without=weights_without,
        habits=count_habits(lessons),
        fitted_on=sorted(lesson_mark(lesson.lesson_id) for lesson in lessons),
    )
    check_parity(model, Segmenter(card, network), lessons[0])
    return card, network


def version_of(network: bytes, *weights: DecodingWeights) -> str:
    """Return a name of the content: other weights of decoding are another version as well."""
    content = network + "".join(each.model_dump_json() for each in weights).encode()
    return f"lessonlink-{hashlib.sha256(content).hexdigest()[:8]}"


def exported(model: SegmentModel) -> bytes:
    """Return the network as ONNX: utterances of some lessons in, logits out."""
    return onnx_of(ServedNetwork(model.fitted.network).eval())


def onnx_of(served: ServedNetwork) -> bytes:
    """Return a network as ONNX, any number of lessons and rows at once."""
    axes = {0: torch.export.Dim("lessons", min=1), 1: torch.export.Dim("rows", min=1)}
    shape = (2, 40)
    example = (
        torch.zeros(*shape, len(FEATURES)),
        torch.zeros(*shape, WORDS_READ, dtype=torch.int64),
        torch.ones(*shape),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segments.onnx"
        program = torch.onnx.export(
            served,
            example,
            input_names=["scaled", "words", "there"],
            output_names=["logits"],
            dynamic_shapes=(axes, axes, axes),
            dynamo=True,
            verbose=False,
        )
        if program is None:
            raise RuntimeError("torch exported nothing")
        program.save(str(path), external_data=False)
        strip_notes(path)
        return path.read_bytes()


def check_parity(model: SegmentModel, served: Segmenter, lesson: LinkedLesson) -> None:
    """Let what serves pass where it says the same as what was fitted.

    Raises:
        ArithmeticError: it does not.
    """
    expected = model.fitted.scores(made_ready(lesson, read_lesson(lesson), model.places))
    told = served.network.scores(lesson.spoken)
    difference = float(np.abs(expected.boundary - told.boundary).max())
    if difference > LARGEST_DIFFERENCE:
        raise ArithmeticError(f"onnxruntime differs from torch by {difference:.2g}")


def write(trained: Trained, folder: Path) -> None:
    """Write network and card, and the figures into the page beside them where there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "segments.onnx").write_bytes(trained.network)
    (folder / "segments.json").write_text(trained.card.model_dump_json() + "\n", "utf-8")
    page = folder / "card.md"
    if page.exists():
        begin, end = "<!-- figures -->\n", "<!-- /figures -->"
        head, _, rest = page.read_text("utf-8").partition(begin)
        page.write_text(f"{head}{begin}{trained.text}{end}{rest.partition(end)[2]}", "utf-8")


def main() -> None:
    """Train, print the figures, and write what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train_segments",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", required=True, help="in LessonLink's layout"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of each network (%(default)s)")
    parser.add_argument("--search", action="store_true", help="choose weights on inner folds")
    parser.add_argument("--write", action="store_true", help="replace what ships")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write the model there")
    arguments = parser.parse_args()
    try:
        lessons = read_lesson_link(arguments.data)
    except LecternError as error:
        sys.exit(f"error: {error}")
    trained = train(lessons, arguments.epochs, search=arguments.search)
    print(trained.text)
    if arguments.write:
        write(trained, FOLDER)
    if arguments.output:
        write(trained, arguments.output)


if __name__ == "__main__":
    main()
