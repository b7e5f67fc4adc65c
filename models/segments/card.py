"""The card of the segment model: what it reads, what decoding weighs, and what it was fitted on."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput


class Durations(BaseModel):
    """A log-normal distribution of how many utterances a segment has."""

    model_config = ConfigDict(frozen=True)

    mean: float
    deviation: float = Field(gt=0)


class DecodingWeights(BaseModel):
    """How much each kind of evidence counts; chosen by cross-validation on lessons.

    Attributes:
        boundary: of the network's logit that a segment begins at a row.
        threshold: added to it at every boundary; below 0 makes boundaries rarer.
        duration: of the logarithm of how likely a segment's length is.
        label: of the network's log-probabilities of what each row is part of.
        fit: of the words that a row shares with a problem.
        fit_expected: what a row of any problem is expected to share, taken off.
        number: of a problem's number, said where the segment begins.
        change: of how likely a kind of segment follows another.
        order: of how likely a problem follows another.
    """

    model_config = ConfigDict(frozen=True)

    boundary: float
    threshold: float
    duration: float
    label: float
    fit: float
    fit_expected: float
    number: float
    change: float
    order: float


class Habits(BaseModel):
    """How lessons are built, counted in the training data.

    Attributes:
        durations: of segments that are first, talk, an unknown problem, and a known one.
        changes: chances that talk, an unknown and a known problem follow each, rows sum to 1.
        lasts: chances that the lesson's last segment is each of them.
        forward: chance that the next problem comes later on the worksheet.
        step: by how many problems it goes on, on average.
    """

    model_config = ConfigDict(frozen=True)

    durations: tuple[Durations, Durations, Durations, Durations]
    changes: tuple[
        tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]
    ]
    lasts: tuple[float, float, float]
    forward: float = Field(gt=0, lt=1)
    step: float = Field(gt=1)


class SegmentCard(BaseModel):
    """What belongs to the network `segments.onnx`.

    Attributes:
        mean, deviation: of the features, to scale them by.
        vocabulary: words and pairs in the order of the network's table.
        common: how often content words are said, in a million; rarer ones are left out.
        weights, weights_without: where the worksheet is known, and where it is not.
        fitted_on: `lesson_mark` of every lesson that it saw.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    data: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    sha256: str
    features: list[str] = Field(min_length=1)
    mean: list[float]
    deviation: list[float]
    vocabulary: list[str] = Field(min_length=1)
    common: dict[str, float]
    weights: DecodingWeights
    weights_without: DecodingWeights
    habits: Habits
    fitted_on: list[str]


def lesson_mark(lesson_id: str) -> str:
    """Return 12 hexadecimal digits that tell lessons apart without naming them."""
    return hashlib.sha256(lesson_id.encode()).hexdigest()[:12]


def shipped_card() -> SegmentCard:
    """Return the card that comes with Lectern.

    Raises:
        InvalidInput: its file is damaged.
    """
    text = files("models.segments").joinpath("segments.json").read_text("utf-8")
    try:
        return SegmentCard.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(
            f"There is no card of a segment model in it: {error}",
            field="segments.json",
            fix="Write it with `python -m training.train_segments --write`.",
        ) from error
