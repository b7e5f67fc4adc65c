"""Questions put to the group by those who teach, how long everybody waited, and who answered."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from statistics import median

from features.engagement.roster import Roster
from features.engagement.talk import Talk
from features.languages.asking import questions_in
from features.languages.language_words import words_if_known
from lessons.captions import Caption
from lessons.events import CaptionFinal, QuestionAsked

LONGEST_WAIT_MS = 15_000
"""Who has not answered by then does not answer this question."""

SETTLE_MS = 5_000
"""Captions and chat of an answer may come this late; until then another may have been first."""

EARLY_MS = 500
"""Who begins this long before the question has ended answers it."""

BREATH_MS = 700
"""Speech that ends within this is still the question: voice activity ends later than words do."""

REMEMBERED_MS = 10 * 60_000
"""For how long it counts which questions a learner answered."""


@dataclass(slots=True)
class Question:
    """One question, times in ms on the lesson clock.

    Attributes:
        goes_on_ms: when whoever asked went on within the same caption; None: they did not.
        wait_ms: until anybody spoke or answered; None: nobody did in time, or it is not known yet.
        settled_ms: the end of the window in which the wait was known.
        answers: the first answer of each learner within the longest wait.
    """

    asker: str
    caption_id: str
    asked_at_ms: float
    goes_on_ms: float | None
    wait_ms: float | None = None
    answered_by: str | None = None
    settled_ms: float = 0.0
    answers: dict[str, float] = field(default_factory=dict)

    @property
    def data(self) -> QuestionAsked:
        """The question as an event's data."""
        return QuestionAsked(
            caption_id=self.caption_id,
            asked_at_ms=round(self.asked_at_ms),
            wait_ms=None if self.wait_ms is None else round(self.wait_ms),
            answered_by=self.answered_by,
        )


class Questions:
    """Finds questions in captions and waits for what follows.

    Args:
        roster: who teaches and who learns.
        talk: who spoke when.
    """

    def __init__(self, roster: Roster, talk: Talk) -> None:
        self._roster = roster
        self._talk = talk
        self._open: list[Question] = []
        self._written: defaultdict[str, list[float]] = defaultdict(list)
        self.settled: list[Question] = []

    def take_caption(self, data: CaptionFinal) -> None:
        """Look for a question in what somebody who teaches said; of several the last one counts."""
        words = words_if_known(data.language)
        asked = questions_in(data.text, words) if words else []
        if not asked:
            return
        end = asked[-1].end
        self._open.append(
            Question(
                data.participant_id,
                data.caption_id,
                time_of(data, end),
                time_of(data, end, after=True) if data.text[end:].strip() else None,
            )
        )

    def take_answer(self, participant_id: str, at_ms: float) -> None:
        """Take that a learner wrote, voted or raised a hand."""
        insort(self._written[participant_id], at_ms)

    def is_open(self, end_ms: float) -> bool:
        """Tell whether a question waits for its answer at a moment."""
        return any(
            question.asked_at_ms < end_ms <= question.asked_at_ms + LONGEST_WAIT_MS
            and self._first(question) is None
            for question in self._open
        )

    def last_asked_ms(self, end_ms: float) -> float | None:
        """Return when the last question before a moment was asked; None: none was."""
        asked = [
            question.asked_at_ms
            for question in (*self.settled[-20:], *self._open)
            if question.asked_at_ms < end_ms
        ]
        return max(asked, default=None)

    def settle(self, end_ms: float) -> list[Question]:
        """Return the questions whose wait is known by now; each is returned once."""
        done: list[Question] = []
        waiting: list[Question] = []
        for question in self._open:
            first = self._first(question)
            until = question.asked_at_ms + LONGEST_WAIT_MS if first is None else first[0]
            (done if end_ms >= until + SETTLE_MS else waiting).append(question)
        self._open = waiting
        for question in done:
            question.settled_ms = end_ms
            self._close(question)
        self.settled += done
        return done

    def of_span(self, start_ms: float, end_ms: float) -> list[Question]:
        """Return the settled questions that were asked in a span, newest first."""
        newest = takewhile(lambda one: one.settled_ms >= start_ms, reversed(self.settled))
        return [one for one in newest if start_ms <= one.asked_at_ms < end_ms]

    def answered_shares(self, came_ms: Sequence[float], end_ms: float) -> list[float]:
        """Return which share of the questions of the last ten minutes each learner answered.

        NaN where none has been asked since they came, at `came_ms`.
        """
        lately = self.of_span(end_ms - REMEMBERED_MS, end_ms)
        if not lately:
            return [float("nan")] * len(came_ms)
        return [
            _answered_share(who, [one for one in lately if one.asked_at_ms >= came])
            for who, came in zip(self._roster.learners, came_ms, strict=True)
        ]

    def _close(self, question: Question) -> None:
        for _, learner in self._roster.told_of:
            at_ms = self._answer_of(question, learner)
            if at_ms is not None:
                question.answers[learner] = at_ms
        first = self._first(question)
        if first is not None:
            at_ms, who = first
            question.wait_ms = max(0.0, at_ms - question.asked_at_ms)
            question.answered_by = who

    def _first(self, question: Question) -> tuple[float, str | None] | None:
        """Return who was first after a question and when; nobody's name for those who teach."""
        answers: list[tuple[float, str | None]] = [
            (at_ms, learner)
            for _, learner in self._roster.told_of
            if (at_ms := self._answer_of(question, learner)) is not None
        ]
        answers += [(at_ms, None) for at_ms in self._taught_on(question)]
        in_time = question.asked_at_ms + LONGEST_WAIT_MS
        answers = [answer for answer in answers if answer[0] <= in_time]
        return min(answers, key=lambda answer: answer[0], default=None)

    def _answer_of(self, question: Question, learner: str) -> float | None:
        asked_at = question.asked_at_ms
        times = [at_ms for at_ms in self._written.get(learner, ()) if at_ms >= asked_at][:1]
        spoke = self._talk.of(learner).next_start(asked_at, EARLY_MS)
        if spoke is not None:
            times.append(spoke)
        first = min(times, default=None)
        return first if first is not None and first <= asked_at + LONGEST_WAIT_MS else None

    def _taught_on(self, question: Question) -> list[float]:
        """Return when those who teach spoke again."""
        times = [] if question.goes_on_ms is None else [question.goes_on_ms]
        after = question.asked_at_ms + BREATH_MS
        for teacher in self._roster.teaching:
            spans = self._talk.of(teacher)
            if spans.goes_on(after):
                times.append(question.asked_at_ms)
            elif (start := spans.next_start(after, 0.0)) is not None:
                times.append(start)
        return times


def _answered_share(participant_id: str, asked: list[Question]) -> float:
    if not asked:
        return float("nan")
    return sum(participant_id in one.answers for one in asked) / len(asked)


def median_wait_ms(questions: list[Question]) -> float | None:
    """Return the median wait of those that anybody spoke after; None where there is none."""
    waits = [one.wait_ms for one in questions if one.wait_ms is not None]
    return median(waits) if waits else None


def time_of(data: CaptionFinal | Caption, character: int, *, after: bool = False) -> float:
    """Return when a character of a caption's text was reached, or when the word after it began.

    By the words' times where there are as many words as the text has, else by length.
    """
    number = len(data.text[:character].split())
    if len(data.words) == len(data.text.split()):
        words = data.words
        return words[number].start_ms if after else words[max(0, number - 1)].end_ms
    share = character / len(data.text)
    return data.start_ms + share * (data.end_ms - data.start_ms)
