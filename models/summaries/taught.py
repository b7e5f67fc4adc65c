"""What was taught, segment by segment, and which objectives that covered."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.summary import CoveredObjective, mention
from models.summaries.interface import DraftClaim
from models.summaries.lesson_view import LessonView
from models.summaries.quoting import Sentence, most_telling, stretches_with
from models.summaries.record import MINUTE_MS
from models.summaries.templates import quotable

QUOTED_A_SEGMENT = 2
QUOTED_UNCUT = 6
"""Quotations of a segment, and of a lesson that nobody cut into segments."""

MOST_CITED = 50
NOT_TEACHING = (
    "plans",
    "omissions",
    "unreal",
    "small_talk",
    "homework",
    "praise",
    "next",
    "confirmations",
)
"""Cues of what a tutor says without teaching."""


def objectives(view: LessonView) -> Iterator[DraftClaim]:
    """Say of each objective that it was worked on, and for how long."""
    for covered in view.reading.covered:
        minutes = round(covered.time_spent_ms / MINUTE_MS)
        marked = covered.how == "marked"
        said = (
            view.templates.say("objective_marked", title=quotable(covered.title))
            if marked
            else view.templates.say(
                "objective_covered", title=quotable(covered.title), number=minutes
            )
        )
        yield DraftClaim(
            "objective_covered", said, _cited(covered), objective_id=covered.objective_id
        )


def taught(view: LessonView) -> Iterator[DraftClaim]:
    """Quote what those who teach said of each segment's matter."""
    segments = [
        (segment, [one for one in sentences if _teaches(one, view)])
        for segment, sentences in view.segments()
    ]
    others = stretches_with(sentences for _, sentences in segments)
    for segment, sentences in segments:
        number = QUOTED_A_SEGMENT if segment is not None else QUOTED_UNCUT
        for sentence in most_telling(sentences, others, number):
            yield DraftClaim(
                "taught",
                view.templates.say(
                    "taught",
                    who=mention(sentence.utterance.participant_id),
                    quote=quotable(sentence.text),
                    asks=sentence.asks,
                ),
                (sentence.utterance.caption_id,),
                subject=sentence.utterance.participant_id,
                segment_id=segment.segment_id if segment is not None else None,
            )


def _teaches(sentence: Sentence, view: LessonView) -> bool:
    return (
        sentence.utterance.role == "tutor"
        and not any(sentence.has(kind, view.words) for kind in NOT_TEACHING)
        and not view.names_somebody(sentence)
    )


def _cited(covered: CoveredObjective) -> tuple[str, ...]:
    ids = (one for each in covered.citations for one in (*each.caption_ids, *each.event_ids))
    return tuple(dict.fromkeys(ids))[:MOST_CITED]
