"""What summaries are read and written with in one process; loaded when the first one is due."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from features.reading.material import Material
from features.reading.parts import Objective
from lessons.records import Lesson
from lessons.summary import Reflection, SummaryDocument
from models.reading.cut import ModelSegments
from models.reading.lesson_reading import LessonReading
from models.reading.reading import LessonFacts, LessonReader
from models.reading.talk import TalkReader
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import SummaryWriter
from models.summaries.language_model import LanguageModelWriter
from models.summaries.selection import choose_entailment, choose_writer
from models.summaries.verification import EntailmentModel
from models.summaries.writing import SummaryName, summarise
from serving.reading.models import InProcessModels, ReadingModels
from serving.settings import Settings

LANGUAGE = "en"
"""In which summaries are written; there are templates for no other language yet."""


@dataclass(frozen=True, slots=True)
class WritingTools:
    """What writes, and what judges entailment beside the verifier's own checks, if anything."""

    writer: SummaryWriter = field(default_factory=ExtractiveWriter)
    entailment: EntailmentModel | None = None


def tools_of(settings: Settings) -> WritingTools:
    """Return the tools that an installation's settings name, but for an instruct model served.

    Raises:
        InvalidInput, Unavailable: as `choose_writer` and `choose_entailment`.
    """
    key = settings.summary_endpoint_key
    return WritingTools(
        choose_writer(
            None if settings.reading_models == "served" else settings.summary_model,
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
        models: that lessons are read with; None: those of this process.
    """

    def __init__(
        self,
        tools: Callable[[], WritingTools] = WritingTools,
        models: ReadingModels | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._models = models or InProcessModels()
        self._make_tools = tools
        self._tools: WritingTools | None = None

    def prepare(self) -> None:
        """See to it that all is there that a summary is made with.

        Raises:
            InvalidInput, Unavailable: it is not; nothing was read yet.
        """
        with self._lock:
            self._readers()
            self._writing()

    def read(
        self,
        lesson: Lesson,
        material: Material,
        objectives: Sequence[Objective],
        past: Sequence[Reflection],
    ) -> LessonReading:
        """Read a lesson.

        Raises:
            Unavailable: the models are served, and away.
        """
        facts = LessonFacts(lesson.id, lesson.title, LANGUAGE, tuple(objectives), tuple(past))
        with self._lock:
            reader, talk = self._readers()
            return reader.read(material, facts, talk.read(material))

    def write(self, reading: LessonReading, name: SummaryName) -> SummaryDocument:
        """Write what was read, and leave out what the record does not support.

        Raises:
            Unavailable: what writes cannot be reached.
        """
        with self._lock:
            tools = self._writing()
            return summarise(reading, tools.writer, name, tools.entailment)

    def _writing(self) -> WritingTools:
        if self._tools is None:
            self._tools = self._make_tools()
        chat = self._models.chat()
        if chat is None:
            return self._tools
        return replace(self._tools, writer=LanguageModelWriter(chat))

    def _readers(self) -> tuple[LessonReader, TalkReader]:
        models = self._models
        cut = ModelSegments(models.segmenter())
        reader = LessonReader(models.encoder(), cut, cut.models)
        return reader, TalkReader(models.talk_moves(), models.exchanges())
