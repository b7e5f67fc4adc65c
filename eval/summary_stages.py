"""The product's own summary work with a stopwatch at every stage, and what it takes of memory.

Everything is done by the code that serves: the relay finds the lesson that ended, the queue gives
the job out, `LessonSummaries` reads, writes and stores, in the writing room and with the models of
one process. Each of them only tells the stopwatch when it begins and ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Self

import psutil

from features.reading.material import Material
from features.reading.parts import Objective
from features.segmentation import Spoken, WorksheetProblem
from lessons.records import Lesson
from lessons.store import Database
from lessons.summary import Reflection, SummaryDocument
from models.embeddings.interface import Array, Encoder
from models.reading.lesson_reading import LessonReading
from models.segments.card import shipped_card
from models.segments.interface import Segment
from models.segments.network import shipped_rows
from models.segments.segmenter import Segmenter
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import Draft
from models.summaries.language_model import ChatModel
from models.summaries.writing import SummaryName
from models.talk_moves.exchanges import ExchangeReader, ExchangeReading
from models.talk_moves.interface import Exchange, MoveProbabilities, TalkMoveModel, Turn
from serving.reading.models import InProcessModels
from serving.summaries.lesson_summaries import LessonSummaries
from serving.summaries.writing_room import WritingRoom, WritingTools

SAMPLE_SECONDS = 0.02
MIB = 2**20


@dataclass(slots=True)
class Stopwatch:
    """Seconds of each stage; of a stage that begins anew, all of them together."""

    seconds: dict[str, float] = field(default_factory=dict)
    _marked: float = field(default_factory=time.perf_counter)

    def restart(self) -> None:
        """Let the first stage begin now."""
        self.seconds.clear()
        self._marked = time.perf_counter()

    def mark(self, stage: str) -> None:
        """Let a stage end now that began when the one before ended."""
        now = time.perf_counter()
        self.add(stage, now - self._marked)
        self._marked = now

    def add(self, stage: str, seconds: float) -> None:
        """Add to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    @contextmanager
    def within(self, stage: str, rest: str) -> Iterator[None]:
        """Time a part of another stage, from which its time is taken away."""
        begun = time.perf_counter()
        yield
        spent = time.perf_counter() - begun
        self.add(stage, spent)
        self.add(rest, -spent)


class MemoryWatch:
    """The resident memory of this process, looked at all the time, in MiB.

    Attributes:
        peak: most since the last `restart`.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self.peak = self.now()

    def __enter__(self) -> Self:
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def now(self) -> float:
        """Return what it holds now."""
        held: int = self._process.memory_info().rss
        return held / MIB

    def restart(self) -> float:
        """Forget the peak; return what it holds now."""
        self.peak = self.now()
        return self.peak

    def look(self) -> None:
        """Look once."""
        self.peak = max(self.peak, self.now())

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.look()


class TimedEncoder:
    """An encoder whose time counts, and whose texts are kept."""

    def __init__(self, encoder: Encoder, watch: Stopwatch, texts: list[str]) -> None:
        self.name, self.version, self.dimension = encoder.name, encoder.version, encoder.dimension
        self._encoder, self._watch, self._texts = encoder, watch, texts

    def encode(self, texts: Sequence[str]) -> Array:
        """See `Encoder`."""
        self._texts += texts
        with self._watch.within("encoding", "rest of reading"):
            return self._encoder.encode(texts)


class TimedSegmenter(Segmenter):
    """The segmenter that ships, and its time counts."""

    def __init__(self, watch: Stopwatch) -> None:
        card = shipped_card()
        super().__init__(card, shipped_rows(card))
        self._watch = watch

    def segments(
        self,
        utterances: Sequence[Spoken],
        problems: Sequence[WorksheetProblem] = (),
        names: Collection[str] = (),
    ) -> list[Segment]:
        """See `Segmenter`."""
        with self._watch.within("segments", "rest of reading"):
            return super().segments(utterances, problems, names)


class TimedMoves:
    """A model of talk moves whose time counts."""

    def __init__(self, moves: TalkMoveModel, watch: Stopwatch) -> None:
        self.name, self.version = moves.name, moves.version
        self._moves, self._watch = moves, watch

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        """See `TalkMoveModel`."""
        with self._watch.within("moves and uptake", "rest of reading"):
            return self._moves.classify(turns)


class TimedExchanges:
    """A model of exchanges whose time counts."""

    def __init__(self, exchanges: ExchangeReader, watch: Stopwatch) -> None:
        self.name, self.version = exchanges.name, exchanges.version
        self._exchanges, self._watch = exchanges, watch

    def read(self, exchanges: Sequence[Exchange]) -> list[ExchangeReading]:
        """See `ExchangeReader`."""
        with self._watch.within("moves and uptake", "rest of reading"):
            return self._exchanges.read(exchanges)


class TimedModels:
    """The models of a process, each with the stopwatch.

    Attributes:
        texts: what was given to the encoder.
    """

    at_once = 1

    def __init__(self, watch: Stopwatch) -> None:
        self._models, self._watch = InProcessModels(), watch
        self.segmenter = cache(lambda: TimedSegmenter(watch))
        self.texts: list[str] = []

    def talk_moves(self) -> TalkMoveModel:
        """See `ReadingModels`."""
        return TimedMoves(self._models.talk_moves(), self._watch)

    def encoder(self) -> Encoder | None:
        """See `ReadingModels`."""
        encoder = self._models.encoder()
        return None if encoder is None else TimedEncoder(encoder, self._watch, self.texts)

    def exchanges(self) -> ExchangeReader | None:
        """See `ReadingModels`."""
        exchanges = self._models.exchanges()
        return None if exchanges is None else TimedExchanges(exchanges, self._watch)

    def chat(self) -> ChatModel | None:
        """See `ReadingModels`."""
        return None


class TimedWriter(ExtractiveWriter):
    """The extractive writer, and its time counts."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def write(self, reading: LessonReading) -> Draft:
        """See `SummaryWriter`."""
        with self._watch.within("writing", "verifying"):
            return super().write(reading)


class TimedRoom(WritingRoom):
    """The writing room, which tells the stopwatch what it does; for one lesson.

    Attributes:
        loaded_mib: resident memory once the models were there.
    """

    def __init__(self, watch: Stopwatch, memory: MemoryWatch) -> None:
        self._timed = TimedModels(watch)
        super().__init__(lambda: WritingTools(TimedWriter(watch)), self._timed)
        self._watch, self._memory = watch, memory
        self.loaded_mib = 0.0

    @property
    def texts(self) -> Sequence[str]:
        """What was given to the encoder."""
        return self._timed.texts

    def prepare(self) -> None:
        """See `WritingRoom`."""
        self._watch.mark("reading the ledger")
        super().prepare()
        self.loaded_mib = self._memory.restart()
        self._watch.mark("loading models")

    def read(
        self,
        lesson: Lesson,
        material: Material,
        objectives: Sequence[Objective],
        past: Sequence[Reflection],
    ) -> LessonReading:
        """See `WritingRoom`."""
        self._watch.mark("reading the ledger")
        reading = super().read(lesson, material, objectives, past)
        self._watch.mark("rest of reading")
        return reading

    def write(self, reading: LessonReading, name: SummaryName) -> SummaryDocument:
        """See `WritingRoom`."""
        self._watch.mark("sealing and storing")
        document = super().write(reading, name)
        self._watch.mark("verifying")
        return document


class TimedSummaries(LessonSummaries):
    """Writes one summary, and tells the stopwatch when it is begun."""

    def __init__(self, database: Database, room: TimedRoom, watch: Stopwatch) -> None:
        super().__init__(database, room)
        self._watch = watch

    async def write(self, tenant_id: str, lesson_id: str) -> SummaryDocument | None:
        """See `LessonSummaries`."""
        self._watch.mark("waiting in the queue")
        return await super().write(tenant_id, lesson_id)
