"""A lesson as the extractive writer looks at it: its record, its quotable sentences, its words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from features.languages.language_words import LanguageWords
from features.reading.parts import Answer, Person
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.summaries.quoting import Sentence, sentences_of
from models.summaries.record import LessonRecord, record_of
from models.summaries.templates import Templates
from models.summaries.tokens import tokens_of


class LessonView:
    """One lesson, looked at once.

    Args:
        words: of the language that is written in.
        templates: the same.
    """

    def __init__(self, reading: LessonReading, words: LanguageWords, templates: Templates) -> None:
        self.reading = reading
        self.words = words
        self.templates = templates

    @cached_property
    def record(self) -> LessonRecord:
        """What can be cited."""
        return record_of(self.reading)

    @cached_property
    def sentences(self) -> Sequence[Sentence]:
        """What was heard well enough to quote, in time."""
        return sentences_of(self.reading, self.words)

    @cached_property
    def learners(self) -> Sequence[Person]:
        """The learners of the lesson."""
        return [person for person in self.reading.people if person.role == "learner"]

    def segments(self) -> Sequence[tuple[ReadSegment | None, Sequence[Sentence]]]:
        """Return each stretch with its sentences; the whole lesson where nobody cut it."""
        if not self.reading.segments:
            return [(None, self.sentences)]
        places = {one.caption_id: row for row, one in enumerate(self.reading.utterances)}
        rows = [(places[each.utterance.caption_id], each) for each in self.sentences]
        return [
            (segment, [each for row, each in rows if segment.first <= row <= segment.last])
            for segment in self.reading.segments
        ]

    def said_by(self, participant_id: str) -> Sequence[Sentence]:
        """Return what somebody said and can be quoted."""
        return [one for one in self.sentences if one.utterance.participant_id == participant_id]

    def answers_by(self, participant_id: str) -> Sequence[Answer]:
        """Return somebody's answers that were marked right or wrong, in time."""
        return [one for one in self._answers_by(participant_id) if one.correct is not None]

    def unmarked_by(self, participant_id: str) -> Sequence[Answer]:
        """Return somebody's answers of which nobody says whether they were right, in time."""
        return [one for one in self._answers_by(participant_id) if one.correct is None]

    def _answers_by(self, participant_id: str) -> Sequence[Answer]:
        own = (one for one in self.reading.answers if one.participant_id == participant_id)
        return sorted(own, key=lambda answer: (answer.at_ms, answer.event_id))

    def names_somebody(self, sentence: Sentence) -> bool:
        """Tell whether a person of the lesson is named in a sentence: it is not for all to read."""
        return any(token.text in self._names for token in tokens_of(sentence.text, self.words))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(
            token.text
            for person in self.reading.people
            for token in tokens_of(person.name, self.words)
        )
