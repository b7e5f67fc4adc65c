"""The product's own summary work with a stopwatch at every stage, and what it takes of memory.

Everything is done by the code that serves: the relay finds the lesson that ended, the queue gives
the job out, `LessonSummaries` reads, writes and stores. Only the room in which a lesson is read is
put together here, of the same parts, so that each can be timed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

import psutil

from features.reading.material import Material
from features.reading.parts import Objective
from lessons.records import Lesson
from lessons.store import Database
from lessons.summary import Reflection, SummaryDocument
from models.embeddings.interface import Array, Encoder
from models.embeddings.loading import load_encoder
from models.reading.cut import ModelSegments
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.reading.reading import LessonFacts, LessonReader
from models.reading.talk import TalkReader
from models.segments.segmenter import shipped_segmenter
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import Draft
from models.summaries.writing import SummaryName, summarise
from models.talk_moves.loading import load_exchanges, load_talk_moves
from serving.summaries.lesson_summaries import LessonSummaries
from serving.summaries.writing_room import LANGUAGE, WritingRoom

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

    def __init__(self, encoder: Encoder, watch: Stopwatch) -> None:
        self.name, self.version, self.dimension = encoder.name, encoder.version, encoder.dimension
        self.texts: list[str] = []
        self._encoder, self._watch = encoder, watch

    def encode(self, texts: Sequence[str]) -> Array:
        """See `Encoder`."""
        self.texts += texts
        with self._watch.within("encoding", "rest of reading"):
            return self._encoder.encode(texts)


class TimedSegments:
    """Cuts a lesson into segments, and its time counts."""

    def __init__(self, cut: ModelSegments, watch: Stopwatch) -> None:
        self._cut, self._watch = cut, watch

    def __call__(self, material: Material) -> Sequence[ReadSegment]:
        """See `SegmentReader`."""
        with self._watch.within("segments", "rest of reading"):
            return self._cut(material)


class TimedWriter(ExtractiveWriter):
    """The extractive writer, and its time counts."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def write(self, reading: LessonReading) -> Draft:
        """See `SummaryWriter`."""
        with self._watch.within("writing", "verifying"):
            return super().write(reading)


class TimedRoom(WritingRoom):
    """A writing room of one lesson.

    Attributes:
        texts: what was given to the encoder.
        loaded_mib: resident memory once the models were there.
    """

    def __init__(self, watch: Stopwatch, memory: MemoryWatch) -> None:
        super().__init__()
        self._watch, self._memory = watch, memory
        self.texts: Sequence[str] = ()
        self.loaded_mib = 0.0

    def read(
        self,
        lesson: Lesson,
        material: Material,
        objectives: Sequence[Objective],
        past: Sequence[Reflection],
    ) -> LessonReading:
        """See `WritingRoom`."""
        watch = self._watch
        watch.mark("reading the ledger")
        encoder = TimedEncoder(load_encoder(), watch)
        cut = ModelSegments(shipped_segmenter())
        talk = TalkReader(load_talk_moves(), load_exchanges())
        reader = LessonReader(encoder, TimedSegments(cut, watch), cut.models)
        self.loaded_mib = self._memory.restart()
        watch.mark("loading models")
        facts = LessonFacts(lesson.id, lesson.title, LANGUAGE, tuple(objectives), tuple(past))
        told = talk.read(material)
        watch.mark("moves and uptake")
        reading = reader.read(material, facts, told)
        watch.mark("rest of reading")
        self.texts = encoder.texts
        return reading

    def write(self, reading: LessonReading, name: SummaryName) -> SummaryDocument:
        """See `WritingRoom`."""
        self._watch.mark("sealing and storing")
        document = summarise(reading, TimedWriter(self._watch), name)
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
