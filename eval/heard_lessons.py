"""The labelled lessons as a recogniser hears them: spoken by flite, in better and worse places.

Tuning lessons have other voices than those that are held out. Each turn is said by itself, cut by
voice activity as the live path cuts it, and becomes captions with the confidence that the engine
gives them. Samples are float32, shape (n,), 16 kHz.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from numpy.random import Generator

from eval.caption_replay import live_frames
from eval.labelled_lessons import labelled_lessons
from eval.listening_conditions import SEED, Samples, far_field, telephone, with_babble
from eval.spoken_lessons import VOICES, speak
from eval.word_error_rate import utterances
from features.reading.parts import Utterance, word_confidences
from models.captions.interface import CaptionEngine, Hypothesis
from models.reading.lesson_reading import LessonReading
from serving.live.caption_drafts import mean_confidence

Half = Literal["tuning", "held_out"]
_VOICES: dict[Half, tuple[str, ...]] = {"tuning": VOICES["tuning"], "held_out": VOICES["report"]}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lesson is heard.

    Attributes:
        decibels: how much louder a speaker is than the voices around; None: nobody else speaks.
    """

    name: str
    decibels: float | None = None
    room: bool = False
    telephone: bool = False


PLACES = (
    Place("quiet"),
    Place("telephone", telephone=True),
    Place("room", room=True),
    Place("voices, 15 dB", decibels=15),
    Place("voices, 10 dB", decibels=10),
    Place("voices, 5 dB", decibels=5),
    Place("voices, 0 dB", decibels=0),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody says at once in a lesson, and its sound."""

    lesson: str
    utterance: Utterance
    voice: str
    samples: Samples


@dataclass(frozen=True, slots=True)
class HeardLesson:
    """A lesson as it was heard.

    Attributes:
        heard: with the recogniser's captions.
        said: the same captions, each with all the words of the turn that it is of.
    """

    heard: LessonReading
    said: LessonReading


@dataclass(frozen=True, slots=True)
class Hearing:
    """The lessons of one half in one place.

    Attributes:
        references, hypotheses: what was said and what was heard, turn by turn.
    """

    lessons: Sequence[HeardLesson]
    references: Sequence[str]
    hypotheses: Sequence[str]

    @property
    def confidence(self) -> float:
        """Mean of the captions' confidence; 0 where nothing was heard."""
        told = [one.confidence or 0.0 for each in self.lessons for one in each.heard.utterances]
        return float(np.mean(told)) if told else 0.0


def spoken_turns(half: Half) -> list[Turn]:
    """Have the turns of a half's lessons said, a tutor in one voice and learners in another.

    Raises:
        Unavailable: flite is not installed.
    """
    tutor, learner = _VOICES[half]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        return [
            Turn(lesson.name, one, voice, speak(one.text, voice, file))
            for lesson in labelled_lessons(half)
            for one in lesson.reading.utterances
            for voice in (tutor if one.role == "tutor" else learner,)
        ]


def hear(half: Half, turns: Sequence[Turn], place: Place, engine: CaptionEngine) -> Hearing:
    """Put a half's turns in a place, and let an engine hear them."""
    windows = [utterances(live_frames(samples), final=True) for samples in _in_place(turns, place)]
    heard = iter(engine.transcribe([window for cut in windows for window in cut]))
    found = [list(islice(heard, len(cut))) for cut in windows]
    return Hearing(
        [_heard(lesson.reading, lesson.name, turns, found) for lesson in labelled_lessons(half)],
        [turn.utterance.text for turn in turns],
        [" ".join(one.text for one in hypotheses) for hypotheses in found],
    )


def _in_place(turns: Sequence[Turn], place: Place) -> Iterator[Samples]:
    generator = np.random.default_rng(SEED)
    for turn in turns:
        yield np.asarray(_moved(turn, turns, place, generator), np.float32)


def _moved(turn: Turn, turns: Sequence[Turn], place: Place, generator: Generator) -> Samples:
    samples = turn.samples
    if place.room:
        samples = far_field(samples, generator)
    if place.decibels is not None:
        others = [other.samples for other in turns if other.voice != turn.voice]
        samples = with_babble(samples, others, generator, place.decibels)
    return telephone(samples) if place.telephone else samples


def _heard(
    reading: LessonReading, name: str, turns: Sequence[Turn], found: Sequence[Sequence[Hypothesis]]
) -> HeardLesson:
    own = [(turn, each) for turn, each in zip(turns, found, strict=True) if turn.lesson == name]
    captions = [(turn, one) for turn, each in own for one in captions_of(turn.utterance, each)]
    return HeardLesson(
        heard=replace(reading, utterances=tuple(one for _, one in captions)),
        said=replace(
            reading,
            utterances=tuple(replace(one, text=turn.utterance.text) for turn, one in captions),
        ),
    )


def captions_of(turn: Utterance, found: Sequence[Hypothesis]) -> Iterator[Utterance]:
    """Give a turn's captions; a window in which no word was heard leaves none."""
    for number, hypothesis in enumerate(found):
        if hypothesis.words:
            yield replace(
                turn,
                caption_id=f"{turn.caption_id}-{number}",
                event_id=f"{turn.event_id}-{number}",
                text=hypothesis.text,
                confidence=mean_confidence(hypothesis.words),
                confidences=word_confidences(hypothesis.text, hypothesis.words),
                start_ms=turn.start_ms + number,
            )
