"""Lessons of any length as a live lesson leaves them in the ledger: events, and when each commits.

A block of a lesson is one of the lessons that were written for measurement (`labelled_lessons.py`),
said by other people with other numbers, with sentences of a second one (`spoken_lessons.py`) among
it. Blocks of the same origin come again after some twenty minutes, so the talk is more alike than
that of real lessons; but no sentence of more than a few words comes twice, for what is read once
only would cost less. The same seed gives the same lesson.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from eval.labelled_lessons import LabelledLesson, labelled_lessons
from eval.spoken_lessons import spoken_lessons
from features.reading.parts import Objective, Person
from lessons.events import (
    AssessmentItemAnswered,
    CaptionFinal,
    CaptionWord,
    ChatPosted,
    EngagementSignal,
    EventDraft,
    HandRaised,
    HomeworkAssigned,
    LessonPlanItemCompleted,
    LessonPlanItemStarted,
    PollAnswered,
    PollOpened,
    SpeakingStarted,
    SpeakingStopped,
)
from lessons.events.data import EventData
from lessons.records import Participant

MINUTE_MS = 60_000
WORD_MS = 340
PAUSES_MS = (600, 4_000)
"""Between two utterances; with it somebody speaks about nine times a minute."""

FINAL_AFTER_MS = 900
"""From the end of an utterance to its final caption."""

ASIDES = 0.35
"""Chance that a tutor's sentence is followed by one of the second lesson."""

OPENERS = ("", "", "", "Okay. ", "Let's see. ", "So, listen. ", "Now then. ", "Look here. ")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
MESSAGES = ("I don't get number two.", "done with the page", "is it twelve?", "same here", "ok")
ITEMS = 3
"""Exercises of a block, each answered by every learner."""

CHANCE_RIGHT = 0.7
SIGNAL_MS = 30_000
"""How often each learner's engagement is told at least."""

FEW_WORDS = 3
"""So much is said over and over in real lessons as well."""

SEED = 20_261_126

_NUMBER = re.compile(rf"\b(?:{'|'.join(NUMBERS)})\b")


@dataclass(frozen=True, slots=True)
class Played:
    """An event, and when on the lesson clock it reaches the ledger."""

    at_ms: int
    draft: EventDraft


def played_lesson(people: Sequence[Participant], minutes: int, seed: int = SEED) -> list[Played]:
    """Return the events of a lesson, in the order in which they commit.

    Args:
        people: who is in it: first who teaches, then at least one learner.
    """
    length_ms = minutes * MINUTE_MS
    lesson = _Lesson(people, Random(seed))
    while lesson.now_ms < length_ms:
        lesson.play_block()
    played = [*lesson.played, *_signals(people[1:], length_ms)]
    return sorted((one for one in played if one.at_ms < length_ms), key=lambda one: one.at_ms)


def objectives_taught() -> list[Objective]:
    """Return the objectives of all lessons that blocks are made of."""
    return [one for lesson in _written() for one in lesson.reading.objectives]


def varied(text: str, numbers: dict[str, str], names: dict[str, str]) -> str:
    """Return a text with other numbers and other people's names."""
    found = _NUMBER.sub(lambda match: numbers[match.group()], text)
    for name, other in names.items():
        found = re.sub(rf"\b{name}\b", other, found)
    return found


def _written() -> list[LabelledLesson]:
    return [*labelled_lessons("tuning"), *labelled_lessons("held_out")]


class _Lesson:
    """A lesson while it is made up, block by block."""

    def __init__(self, people: Sequence[Participant], chance: Random) -> None:
        self._tutor, self._learners = people[0], people[1:]
        self._chance = chance
        self._written = _written()
        self._spoken = [*spoken_lessons("tuning"), *spoken_lessons("report")]
        self._heard = set[str]()
        self._blocks = self._said = 0
        self.now_ms = 0
        self.played: list[Played] = []

    def play_block(self) -> None:
        """Teach one objective: talk, exercises, a poll, and some homework."""
        written = self._written[self._blocks % len(self._written)].reading
        objective = self._chance.choice(written.objectives)
        item = f"item-{self._blocks}"
        started = LessonPlanItemStarted(
            item_id=item, title=objective.title, objective_ids=[objective.objective_id]
        )
        self._tell(self.now_ms, started)
        self._talk()
        self._exercises(item, objective.objective_id)
        self._poll(objective.objective_id)
        self._tell(self.now_ms, LessonPlanItemCompleted(item_id=item, outcome="done"))
        homework = HomeworkAssigned(
            homework_id=item, title=f"Worksheet {self._blocks + 1}", objective_ids=[]
        )
        self._tell(self.now_ms, homework)
        self._blocks += 1

    def _talk(self) -> None:
        written = self._written[self._blocks % len(self._written)].reading
        asides = self._spoken[self._blocks % len(self._spoken)].sentences
        cast, names = self._cast(written.people)
        numbers = dict(zip(NUMBERS, self._chance.sample(NUMBERS, len(NUMBERS)), strict=True))
        for said in written.utterances:
            who = cast[said.participant_id]
            opener = self._chance.choice(OPENERS) if who is self._tutor else ""
            self._say(who, opener + varied(said.text, numbers, names))
            if who is self._tutor and self._chance.random() < ASIDES:
                self._say(who, varied(self._chance.choice(asides), numbers, {}))

    def _cast(self, written: Sequence[Person]) -> tuple[dict[str, Participant], dict[str, str]]:
        """Return who says whose lines, and what those are called who say them."""
        cast: dict[str, Participant] = {}
        for place, one in enumerate(written, self._blocks):
            learner = self._learners[place % len(self._learners)]
            cast[one.participant_id] = self._tutor if one.role == "tutor" else learner
        return cast, {one.name: cast[one.participant_id].name for one in written}

    def _say(self, who: Participant, text: str) -> None:
        self._said += 1
        if text in self._heard and len(text.split()) > FEW_WORDS:
            text = f"{text} That is line {self._said}."
        self._heard.add(text)
        start_ms = self.now_ms
        words = [
            CaptionWord(
                text=word,
                start_ms=start_ms + WORD_MS * place,
                end_ms=start_ms + WORD_MS * place + WORD_MS - 60,
                confidence=round(self._chance.uniform(0.82, 0.99), 3),
            )
            for place, word in enumerate(text.split())
        ]
        end_ms = words[-1].end_ms
        utterance = f"utt-{self._said}"
        self._tell(start_ms, SpeakingStarted(utterance_id=utterance, start_ms=start_ms), who)
        stopped = SpeakingStopped(utterance_id=utterance, start_ms=start_ms, end_ms=end_ms)
        self._tell(end_ms, stopped, who)
        final = CaptionFinal(
            caption_id=f"cap_{self._said}",
            track_id=f"trk_{who.id}",
            participant_id=who.id,
            participant_name=who.name,
            role=who.role,
            revision=1,
            start_ms=start_ms,
            end_ms=end_ms,
            text=text,
            words=words,
            confidence=round(sum(word.confidence for word in words) / len(words), 4),
            language="en",
            engine="faster-whisper",
            model="small.en",
            finalised_at_ms=end_ms + FINAL_AFTER_MS,
            speech_end_ms=end_ms,
        )
        draft = EventDraft(final, start_ms, who.id, id=final.caption_id)
        self.played.append(Played(end_ms + FINAL_AFTER_MS, draft))
        self.now_ms = end_ms + self._chance.randint(*PAUSES_MS)

    def _exercises(self, assessment: str, objective: str) -> None:
        """Let every learner answer, a message or a raised hand now and then; talk goes on."""
        for number in range(ITEMS):
            for learner in self._learners:
                at_ms = max(0, self.now_ms - self._chance.randrange(MINUTE_MS))
                answered = AssessmentItemAnswered(
                    assessment_id=assessment,
                    item_id=f"q{number}",
                    response=str(self._chance.randrange(20)),
                    correct=self._chance.random() < CHANCE_RIGHT,
                    duration_ms=self._chance.randrange(4_000, 60_000),
                    objective_id=objective,
                )
                self._tell(at_ms, answered, learner)
        self._tell(self.now_ms, HandRaised(), self._chance.choice(self._learners))
        text = self._chance.choice(MESSAGES)
        posted = ChatPosted(
            message_id=f"message-{assessment}", to="everyone", characters=len(text), text=text
        )
        self._tell(self.now_ms, posted, self._chance.choice(self._learners))

    def _poll(self, objective: str) -> None:
        poll = f"poll-{self._blocks}"
        opened = PollOpened(
            poll_id=poll,
            question="Which one is it?",
            options=["the first", "the second"],
            correct_options=[0],
            objective_id=objective,
        )
        self._tell(self.now_ms, opened)
        for learner in self._learners:
            chosen = [0] if self._chance.random() < CHANCE_RIGHT else [1]
            took_ms = self._chance.randrange(2_000, 20_000)
            answered = PollAnswered(poll_id=poll, options=chosen, response_time_ms=took_ms)
            self._tell(self.now_ms + took_ms, answered, learner)

    def _tell(self, at_ms: int, data: EventData, who: Participant | None = None) -> None:
        name = f"played-{len(self.played)}"
        subject = None if who is None else who.id
        self.played.append(Played(at_ms, EventDraft(data, at_ms, subject, id=name)))


def _signals(learners: Sequence[Participant], length_ms: int) -> Iterator[Played]:
    """Yield what the live loop tells of engagement: other rows of the same ledger."""
    for at_ms in range(SIGNAL_MS, length_ms, SIGNAL_MS):
        span = {"start_ms": at_ms - 5_000, "end_ms": at_ms, "since_ms": at_ms - SIGNAL_MS}
        data = EngagementSignal.model_validate({**EngagementSignal.example, **span})
        for who in learners:
            draft = EventDraft(data, at_ms, who.id, id=f"signal-{who.id}-{at_ms}")
            yield Played(at_ms, draft)
