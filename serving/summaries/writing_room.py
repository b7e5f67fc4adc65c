"""What summaries are read and written with in one process; loaded when the first one is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from features.reading.material import Material
from features.reading.parts import Objective
from lessons.errors import InvalidInput, Unavailable
from lessons.records import Lesson
from lessons.summary import Reflection, SummaryDocument
from models.embeddings.interface import Encoder
from models.embeddings.loading import load_encoder
from models.reading.cut import ModelSegments
from models.reading.lesson_reading import LessonReading
from models.reading.reading import LessonFacts, LessonReader
from models.reading.talk import TalkReader
from models.segments.segmenter import shipped_segmenter
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import SummaryWriter
from models.summaries.selection import choose_entailment, choose_writer
from models.summaries.verification import EntailmentModel
from models.summaries.writing import SummaryName, summarise
from models.talk_moves.exchanges import ExchangeModel
from models.talk_moves.loading import load_exchanges, load_talk_moves
from serving.settings import Settings

logger = logging.getLogger(__name__)

LANGUAGE = "en"
"""In which summaries are written; there are templates for no other language yet."""


@dataclass(frozen=True, slots=True)
class WritingTools:
    """What writes, and what judges entailment beside the verifier's own checks, if anything."""

    writer: SummaryWriter = field(default_factory=ExtractiveWriter)
    entailment: EntailmentModel | None = None


def tools_of(settings: Settings) -> WritingTools:
    """Return the tools that an installation's settings name.

    Raises:
        InvalidInput, Unavailable: as `choose_writer` and `choose_entailment`.
    """
    key = settings.summary_endpoint_key
    return WritingTools(
        choose_writer(
            settings.summary_model,
            settings.summary_endpoint_url,
            settings.summary_endpoint_model,
            key.get_secret_value() if key else None,
        ),
        choose_entailment(settings.summary_entailment_model),
    )


class WritingRoom:
    """Reads and writes, one lesson at a time; its calls compute, so threads make them.

    Args:
        tools: makes what is written with, when the first summary is due.
    """

    def __init__(self, tools: Callable[[], WritingTools] = WritingTools) -> None:
        self._lock = threading.Lock()
        self._readers: tuple[LessonReader, TalkReader] | None = None
        self._make_tools = tools
        self._tools: WritingTools | None = None

    def read(
        self,
        lesson: Lesson,
        material: Material,
        objectives: Sequence[Objective],
        past: Sequence[Reflection],
    ) -> LessonReading:
        """Read a lesson."""
        facts = LessonFacts(lesson.id, lesson.title, LANGUAGE, tuple(objectives), tuple(past))
        with self._lock:
            reader, talk = self._loaded()
            return reader.read(material, facts, talk.read(material))

    def write(self, reading: LessonReading, name: SummaryName) -> SummaryDocument:
        """Write what was read, and leave out what the record does not support."""
        with self._lock:
            if self._tools is None:
                self._tools = self._make_tools()
            return summarise(reading, self._tools.writer, name, self._tools.entailment)

    def _loaded(self) -> tuple[LessonReader, TalkReader]:
        if self._readers is None:
            cut = ModelSegments(shipped_segmenter())
            reader = LessonReader(_encoder(), cut, cut.models)
            self._readers = reader, TalkReader(load_talk_moves(), _exchanges())
        return self._readers


def _encoder() -> Encoder | None:
    try:
        return load_encoder()
    except (InvalidInput, Unavailable) as error:
        # Plan, exercises and marks tell of objectives all the same.
        logger.warning("talk is compared with no objectives: %s", error)
        return None


def _exchanges() -> ExchangeModel | None:
    try:
        return load_exchanges()
    except (InvalidInput, Unavailable) as error:
        # Moves, questions, waits and turns are told all the same.
        logger.warning("reflections tell of neither uptake nor focusing questions: %s", error)
        return None
