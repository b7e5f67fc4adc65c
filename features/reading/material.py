"""The material of a summary: what of a lesson's events it may rest on, in whatever order they came.

Pure. Corrected captions are read as corrected, captions that a captioner superseded are left out,
and of who refuses signals nothing is read; of who refuses captions, nothing that they said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.reading.answers import ANSWER_TYPES, answers_of
from features.reading.parts import (
    Answer,
    ChatMessage,
    HomeworkItem,
    MarkedObjective,
    Person,
    PlanItem,
    Question,
    RaisedHand,
    Utterance,
    speaker_role,
    word_confidences,
)
from features.reading.plans import homework_of, marked_of, plan_of
from features.reading.questions import questions_of
from features.reading.talk import talk_ms_of, turns_of
from lessons.captions import CAPTION_TYPES, Caption, captions_of, shown
from lessons.events import (
    CaptionFinal,
    ChatPosted,
    ConsentGranted,
    ConsentRevoked,
    HandRaised,
    HomeworkAssigned,
    LearningEvent,
    LessonPlanItemCompleted,
    LessonPlanItemStarted,
    ObjectiveCovered,
    ParticipantJoined,
    RoleChanged,
    SpeakingStopped,
)
from lessons.privacy.consent import ParticipantConsent, Purpose
from lessons.records import Participant
from lessons.roles import Role

MATERIAL_TYPES = (
    *CAPTION_TYPES,
    *ANSWER_TYPES,
    SpeakingStopped.type,
    ChatPosted.type,
    HandRaised.type,
    HomeworkAssigned.type,
    LessonPlanItemStarted.type,
    LessonPlanItemCompleted.type,
    ObjectiveCovered.type,
    ParticipantJoined.type,
    RoleChanged.type,
    ConsentGranted.type,
    ConsentRevoked.type,
)
"""The types of events that are read."""


class LessonMaterial:
    """Takes the events of one lesson, live or after it.

    Args:
        roll: who is in the lesson, heard or not; joins and captions add to it.
        consents: what holds for participants now; it goes before what events say of consent.
    """

    def __init__(
        self,
        roll: Iterable[Participant] = (),
        consents: Mapping[str, ParticipantConsent] | None = None,
    ) -> None:
        self._roll = tuple(roll)
        self._consents = consents or {}
        self._events: dict[str, LearningEvent] = {}

    def take(self, event: LearningEvent) -> None:
        """Take an event, once or more often; other types than `MATERIAL_TYPES` change nothing."""
        if event.type in _READ:
            self._events[event.id] = event

    def material(self) -> Material:
        """Return what the events taken so far tell."""
        events = sorted(self._events.values(), key=lambda event: event.ledgersequence)
        refused = _Refusals(events, self._consents)
        unheard = refused.of(Purpose.CAPTIONS) | refused.of(Purpose.SIGNALS)
        return Material(
            events=tuple(event for event in events if event.subject not in refused.silent),
            people=_people(self._roll, events, refused.silent),
            captions=tuple(
                caption
                for caption in shown(captions_of(events))
                if caption.participant_id not in unheard
            ),
        )


@dataclass(frozen=True)
class Material:
    """What a lesson's events tell, without those who refuse to be told of.

    Attributes:
        events: of `MATERIAL_TYPES`, in the order of the ledger.
        people: on the roll or heard, by their ids.
        captions: as they stand, in time.
    """

    events: tuple[LearningEvent, ...]
    people: tuple[Person, ...]
    captions: tuple[Caption, ...]

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        """What was said, in time."""
        roles = {one.participant_id: one.role for one in self.people}
        finals = {
            event.data.caption_id: event.id
            for event in self.events
            if isinstance(event.data, CaptionFinal)
        }
        return tuple(
            Utterance(
                caption_id=one.caption_id,
                event_id=finals.get(one.caption_id, one.caption_id),
                revision=one.revision,
                participant_id=one.participant_id,
                role=roles.get(one.participant_id, speaker_role(one.role)),
                start_ms=one.start_ms,
                end_ms=one.end_ms,
                text=one.text,
                confidence=None if one.corrected_by else one.confidence,
                language=one.language,
                confidences=word_confidences(one.text, one.words),
            )
            for one in self.captions
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Questions that anybody asked aloud, and who answered after how long."""
        return questions_of(self.captions, self.utterances)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Answers to items and polls, in time; a mark holds where it differs."""
        return answers_of(self.events, self._ids)

    @cached_property
    def plan(self) -> tuple[PlanItem, ...]:
        """Items of the plan that were taken up, in time."""
        return plan_of(self.events)

    @cached_property
    def marked(self) -> tuple[MarkedObjective, ...]:
        """Objectives that those who teach marked as covered."""
        return marked_of(self.events)

    @cached_property
    def homework(self) -> tuple[HomeworkItem, ...]:
        """Homework as events set it."""
        return homework_of(self.events)

    @cached_property
    def chats(self) -> tuple[ChatMessage, ...]:
        """Messages whose text is known, in time."""
        found = [
            ChatMessage(event.id, event.subject, event.lessontimems, event.data.text)
            for event in self.events
            if isinstance(event.data, ChatPosted) and event.data.text and event.subject
        ]
        return tuple(sorted(found, key=lambda one: one.at_ms))

    @cached_property
    def hands(self) -> tuple[RaisedHand, ...]:
        """Who asked for the floor, in time."""
        found = [
            RaisedHand(event.id, event.subject, event.lessontimems)
            for event in self.events
            if isinstance(event.data, HandRaised) and event.subject
        ]
        return tuple(sorted(found, key=lambda one: one.at_ms))

    @cached_property
    def talk_ms(self) -> Mapping[str, int]:
        """For how long each person spoke, by voice activity and captions; silence is left out."""
        return talk_ms_of(self.events, self.utterances)

    @cached_property
    def turns(self) -> Mapping[str, int]:
        """How often each person took the floor; 0 for who never did."""
        return turns_of(self.utterances, [one.participant_id for one in self.people])

    @property
    def duration_ms(self) -> int:
        """The last moment on the lesson clock that an event tells of."""
        return max(
            [
                *(event.lessontimems for event in self.events if event.type not in _AFTER),
                *(one.end_ms for one in self.captions),
            ],
            default=0,
        )

    @property
    def _ids(self) -> frozenset[str]:
        return frozenset(one.participant_id for one in self.people)


_READ = frozenset(MATERIAL_TYPES)

_AFTER = frozenset(
    {
        *ANSWER_TYPES,
        HomeworkAssigned.type,
        ObjectiveCovered.type,
        ConsentGranted.type,
        ConsentRevoked.type,
    }
)
"""What may come long after the lesson."""


class _Refusals:
    """Who refuses what, as the newest word on it says."""

    def __init__(
        self, events: Sequence[LearningEvent], consents: Mapping[str, ParticipantConsent]
    ) -> None:
        self._refused: dict[Purpose, set[str]] = {}
        for event in events:
            data = event.data
            if isinstance(data, ConsentRevoked):
                self._refused.setdefault(data.purpose, set()).add(data.participant_id)
            elif isinstance(data, ConsentGranted):
                self._refused.setdefault(data.purpose, set()).discard(data.participant_id)
        self._consents = consents

    def of(self, purpose: Purpose) -> frozenset[str]:
        told = {one for one in self._refused.get(purpose, ()) if one not in self._consents}
        known = {one for one, consent in self._consents.items() if not consent.permits(purpose)}
        return frozenset(told | known)

    @cached_property
    def silent(self) -> frozenset[str]:
        """Of whom nothing at all is told."""
        return self.of(Purpose.SIGNALS)


def _people(
    roll: Iterable[Participant], events: Iterable[LearningEvent], silent: frozenset[str]
) -> tuple[Person, ...]:
    known: dict[str, tuple[str, Role]] = {}
    for event in events:
        data = event.data
        if isinstance(data, ParticipantJoined):
            known[data.participant_id] = (data.name, data.role)
        elif isinstance(data, CaptionFinal):
            known.setdefault(data.participant_id, (data.participant_name, data.role))
        elif isinstance(data, RoleChanged) and data.participant_id in known:
            known[data.participant_id] = (known[data.participant_id][0], data.role)
    for one in roll:
        known[one.id] = (one.name, one.role)
    return tuple(
        Person(who, name, speaker_role(role))
        for who, (name, role) in sorted(known.items())
        if who not in silent
    )
