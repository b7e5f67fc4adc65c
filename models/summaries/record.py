"""What claims may cite: everything that was said in a lesson or happened in it, by its id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from features.reading.parts import Person
from features.reading.talk import captioned_share
from lessons.summary import Citation, Heard
from models.reading.lesson_reading import LessonReading
from models.summaries.coherence import COHERENT, coherence_of
from models.summaries.quoting import LEAST_CONFIDENCE

ItemKind = Literal["caption", "answer", "homework", "plan", "marked", "chat", "hand"]

MINUTE_MS = 60_000
NEAR_BEFORE_MS = 15_000
ENOUGH_CAPTIONED = 0.8
"""Share of the teaching that captions must tell, before anything counts as not said."""

NEAR_AFTER_MS = 30_000
"""How far from what a learner says an answer of theirs on the platform is about the same."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be cited.

    Attributes:
        item_id: id of a caption or an event.
        kind: `caption`: what somebody said; the others are events.
        participant_id: who said or did it; None for what is nobody's.
        role: theirs in the lesson.
        text: what was said, answered, assigned or planned.
        start_ms: on the lesson clock.
        end_ms: the same.
        correct: of an answer, whether it was right; None where nobody says.
        outcome: of an item of the plan, what became of it.
        answers_item: of an answer, the exercise that it is to.
        confidence: of a caption, the mean of its words'; None where a person typed it.
        confidences: of each word of a caption, where they are known.
        language: of a caption, ISO 639-1.
    """

    item_id: str
    kind: ItemKind
    participant_id: str | None
    role: str
    text: str
    start_ms: int
    end_ms: int
    correct: bool | None = None
    outcome: str | None = None
    answers_item: str | None = None
    confidence: float | None = None
    confidences: tuple[float, ...] = ()
    language: str | None = None


class LessonRecord:
    """Everything that a claim about one lesson may cite."""

    def __init__(
        self,
        people: Iterable[Person],
        items: Iterable[Item],
        language: str,
        titles: Mapping[str, str],
        minutes: Mapping[str, int],
        spoke: Collection[str],
        captioned_share: float,
    ) -> None:
        """Put it together.

        Args:
            people: everybody who was there.
            items: what can be cited.
            language: BCP 47 tag of the lesson.
            titles: of the objectives, by id.
            minutes: that were spent on each objective, by id.
            spoke: who was heard to speak, whether captions tell what they said or not.
            captioned_share: of the time that those who teach spoke, in 0..1.
        """
        self.people = {person.participant_id: person for person in people}
        self.items = {item.item_id: item for item in items}
        self.language = language
        self.titles = titles
        self.minutes = minutes
        self.spoke = frozenset(spoke)
        self.captioned_share = captioned_share

    @cached_property
    def said(self) -> Sequence[Item]:
        """What was said, in time."""
        captions = (item for item in self.items.values() if item.kind == "caption")
        return sorted(captions, key=lambda item: (item.start_ms, item.item_id))

    def has_seen(self, participant_id: str) -> bool:
        """Tell whether somebody did anything: said, answered, asked, or spoke without captions."""
        return participant_id in self.spoke or any(
            item.participant_id == participant_id for item in self.items.values()
        )

    @property
    def tells_the_talk(self) -> bool:
        """Whether enough of the teaching was heard, and well enough, to say what was not said."""
        well_heard = self.mean_confidence >= LEAST_CONFIDENCE and not self.misheard
        return self.captioned_share >= ENOUGH_CAPTIONED and well_heard

    @property
    def heard(self) -> Heard:
        """How much captions tell of what was said."""
        if self.misheard:
            return "badly"
        return "well" if self.tells_the_talk else "partly"

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {item.item_id: place for place, item in enumerate(self.said)}

    def before(self, item: Item, number: int = 1) -> Sequence[Item]:
        """Return what was said right before a caption."""
        place = self._places[item.item_id]
        return self.said[max(0, place - number) : place]

    def after(self, item: Item, number: int = 1) -> Sequence[Item]:
        """Return what was said right after a caption."""
        place = self._places[item.item_id]
        return self.said[place + 1 : place + 1 + number]

    def answers_near(self, item: Item) -> Sequence[Item]:
        """Return the platform's answers of the speaker around the time of a caption."""
        return [
            answer
            for answer in self._answers
            if answer.participant_id == item.participant_id
            and item.start_ms - NEAR_BEFORE_MS <= answer.start_ms <= item.end_ms + NEAR_AFTER_MS
        ]

    @cached_property
    def mean_confidence(self) -> float:
        """How well the lesson was heard as a whole."""
        told = [item.confidence for item in self.said if item.confidence is not None]
        return sum(told) / len(told) if told else 1.0

    @cached_property
    def coherence(self) -> float | None:
        """How well the words hang together that were heard in the lesson's language, in nats.

        None where there are too few of them to tell, or nothing is known of the language.
        """
        language = self.language.split("-")[0]
        heard = (
            item.text
            for item in self.said
            if item.confidence is not None and item.language == language
        )
        return coherence_of(heard, language)

    @property
    def misheard(self) -> bool:
        """Whether the words that were heard hang together too little to have been said."""
        return self.coherence is not None and self.coherence < COHERENT

    @cached_property
    def _answers(self) -> Sequence[Item]:
        return [item for item in self.items.values() if item.kind == "answer"]

    def citation(self, cites: Sequence[str]) -> Citation:
        """Return ids as a citation, with the span that they cover."""
        items = [self.items[cite] for cite in cites]
        return Citation(
            caption_ids=[item.item_id for item in items if item.kind == "caption"],
            event_ids=[item.item_id for item in items if item.kind != "caption"],
            start_ms=min(item.start_ms for item in items),
            end_ms=max(item.end_ms for item in items),
        )


def record_of(reading: LessonReading) -> LessonRecord:
    """Return what claims about a lesson that was read may cite."""
    return LessonRecord(
        reading.people,
        [*_said(reading), *_done(reading), *_set(reading)],
        reading.language,
        {objective.objective_id: objective.title for objective in reading.objectives}
        | {covered.objective_id: covered.title for covered in reading.covered},
        {
            covered.objective_id: round(covered.time_spent_ms / MINUTE_MS)
            for covered in reading.covered
        },
        [who for who, spoken_ms in reading.talk_ms.items() if spoken_ms],
        captioned_share(
            reading.talk_ms,
            reading.utterances,
            [one.participant_id for one in reading.people if one.role == "tutor"],
        ),
    )


def _said(reading: LessonReading) -> Iterator[Item]:
    for one in reading.utterances:
        who, span = one.participant_id, (one.start_ms, one.end_ms)
        yield Item(
            one.caption_id,
            "caption",
            who,
            one.role,
            one.text,
            *span,
            confidence=one.confidence,
            confidences=one.confidences,
            language=one.language.split("-")[0],
        )
    for chat in reading.chats:
        span = (chat.at_ms, chat.at_ms)
        role = _role(reading, chat.participant_id)
        yield Item(chat.event_id, "chat", chat.participant_id, role, chat.text, *span)


def _done(reading: LessonReading) -> Iterator[Item]:
    for answer in reading.answers:
        yield Item(
            answer.event_id,
            "answer",
            answer.participant_id,
            _role(reading, answer.participant_id),
            answer.response or "",
            answer.at_ms,
            answer.at_ms,
            correct=answer.correct,
            answers_item=answer.item_id,
        )
    for hand in reading.hands:
        role = _role(reading, hand.participant_id)
        yield Item(hand.event_id, "hand", hand.participant_id, role, "", hand.at_ms, hand.at_ms)


def _set(reading: LessonReading) -> Iterator[Item]:
    """Give what those who teach planned, marked and set."""
    for planned in reading.plan:
        span = (planned.start_ms, planned.end_ms or planned.start_ms)
        for event_id in planned.event_ids:
            yield Item(
                event_id, "plan", None, "tutor", planned.title, *span, outcome=planned.outcome
            )
    titles = {objective.objective_id: objective.title for objective in reading.objectives}
    for marked in reading.marked:
        title = titles.get(marked.objective_id, marked.objective_id)
        yield Item(marked.event_id, "marked", None, "tutor", title, marked.at_ms, marked.at_ms)
    for homework in reading.homework:
        text = ". ".join(part for part in (homework.title, homework.instructions) if part)
        at_ms = homework.at_ms
        yield Item(homework.event_id, "homework", None, "tutor", text, at_ms, at_ms)


def _role(reading: LessonReading, participant_id: str) -> str:
    roles = (one.role for one in reading.people if one.participant_id == participant_id)
    return next(roles, "other")
