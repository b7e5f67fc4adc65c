"""Reading a lesson: its material, and what models and rules say of it, as one whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from features.reading.material import Material
from features.reading.parts import Objective
from lessons.summary import Reflection
from models.embeddings.interface import Encoder
from models.reading import comprehension
from models.reading.comprehension import comprehension_moments
from models.reading.lesson_reading import LessonReading
from models.reading.objectives import addressed_objectives
from models.reading.reflection import reflections_of
from models.reading.segments import SegmentReader, segments_by_plan, with_objectives
from models.reading.talk import NOTHING_TOLD, TalkReading


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """What is known of a lesson besides its events.

    Attributes:
        language: BCP 47 tag in which a summary is to be written.
        objectives: the course's, in its order.
        past: reflections of earlier lessons of the course, the newest first.
    """

    lesson_id: str
    title: str | None = None
    language: str = "en"
    objectives: tuple[Objective, ...] = ()
    past: tuple[Reflection, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonReader:
    """Reads lessons. It keeps nothing between them.

    Attributes:
        encoder: compares talk with objectives; None: only plan, exercises and marks tell.
        segments: cuts a lesson into segments.
        models: versions of the models in `segments`, by name.
    """

    encoder: Encoder | None = None
    segments: SegmentReader = segments_by_plan
    models: dict[str, str] = field(default_factory=dict)

    def read(
        self, material: Material, facts: LessonFacts, talk: TalkReading = NOTHING_TOLD
    ) -> LessonReading:
        """Return all that a writer may rest a sentence on; of an empty lesson, an empty reading.

        Args:
            talk: what models of talk told of the lesson.
        """
        addressed = addressed_objectives(material, facts.objectives, self.encoder)
        return LessonReading(
            lesson_id=facts.lesson_id,
            title=facts.title,
            language=facts.language,
            duration_ms=material.duration_ms,
            people=material.people,
            utterances=material.utterances,
            segments=with_objectives(self.segments(material), addressed.of_row),
            objectives=facts.objectives,
            covered=addressed.covered,
            marked=material.marked,
            moves=talk.moves,
            questions=material.questions,
            answers=material.answers,
            plan=material.plan,
            homework=material.homework,
            chats=material.chats,
            hands=material.hands,
            moments=comprehension_moments(material, addressed.of_row),
            reflections=reflections_of(material, talk, facts.past),
            talk_ms=material.talk_ms,
            models={**self._models(), **talk.models},
        )

    def _models(self) -> dict[str, str]:
        encoder = {} if self.encoder is None else {self.encoder.name: self.encoder.version}
        return {comprehension.NAME: comprehension.VERSION, **encoder, **self.models}
