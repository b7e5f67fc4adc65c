"""Polls: a question with fixed options, put to everybody."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Count, Milliseconds, Name

MAX_OPTIONS = 50


class PollOpened(EventData):
    """A question with fixed options was put to the lesson."""

    type = "poll.opened"
    shared = True
    by_teachers = True
    example: ClassVar = {
        "poll_id": "poll-7",
        "question": "Which is larger?",
        "options": ["2/3", "3/5"],
        "correct_options": [0],
    }

    poll_id: Name = Field(description="The platform's id of the poll")
    question: str = Field(min_length=1, max_length=2_000, description="As the learners read it")
    options: list[Annotated[str, Field(max_length=500)]] = Field(
        min_length=2, max_length=MAX_OPTIONS, description="The answers to choose from"
    )
    correct_options: list[Count] | None = Field(
        default=None,
        max_length=MAX_OPTIONS,
        description="Indexes into `options`. Learners read it at once: to tell them only later, "
        "leave it out here and send it with the results",
    )
    objective_id: Name | None = Field(
        default=None, description="Id of the objective that it is about"
    )

    @model_validator(mode="after")
    def _correct_options_exist(self) -> Self:
        for index in self.correct_options or ():
            if not 0 <= index < len(self.options):
                raise ValueError(f"correct_options names option {index}, which is not there")
        return self


class PollAnswered(EventData):
    """The subject answered a poll."""

    type = "poll.answered"
    needs_subject = True
    example: ClassVar = {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200}

    poll_id: Name = Field(description="The poll that was answered")
    options: list[Count] = Field(
        max_length=MAX_OPTIONS, description="Indexes into the poll's `options`"
    )
    response_time_ms: Milliseconds | None = Field(
        default=None, description="From the poll's opening to the answer"
    )


class PollClosed(EventData):
    """No more answers are taken."""

    type = "poll.closed"
    shared = True
    by_teachers = True
    example: ClassVar = {"poll_id": "poll-7"}

    poll_id: Name = Field(description="The poll that was closed")


class PollResults(EventData):
    """The answers were counted, and shown where `shown_to_learners` says so."""

    type = "poll.results"
    shared = True
    by_teachers = True
    example: ClassVar = {
        "poll_id": "poll-7",
        "counts": [9, 4],
        "respondents": 13,
        "shown_to_learners": True,
    }

    poll_id: Name = Field(description="The poll that was counted")
    counts: list[Count] = Field(
        min_length=2, max_length=MAX_OPTIONS, description="Answers per option, in its order"
    )
    respondents: Count = Field(description="How many people answered")
    correct_options: list[Count] | None = Field(
        default=None, max_length=MAX_OPTIONS, description="Indexes of the right answers, if any"
    )
    shown_to_learners: bool = Field(
        default=False, description="Whether the learners saw it; if not, they do not read it here"
    )

    @model_validator(mode="after")
    def _no_option_has_more_answers_than_people(self) -> Self:
        if max(self.counts) > self.respondents:
            raise ValueError("counts has an option with more answers than respondents")
        return self

    def readers(self) -> frozenset[str] | None:
        """Return None, for everybody, where the learners were shown the results."""
        return None if self.shown_to_learners else frozenset()


POLLS = Family(
    "polls",
    "Polls",
    "A poll from its opening to its results. An answer is for those who teach and for the learner "
    "who gave it; the results carry counts only.",
    posted=(PollOpened, PollAnswered, PollClosed, PollResults),
)
