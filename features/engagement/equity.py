"""How the talk is shared out, and who has not been heard for long."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from features.engagement.questions import median_wait_ms
from features.engagement.roster import Roster
from features.engagement.speech import Speech
from features.engagement.table import Held, LearnerTable, Since
from lessons.events import ParticipationMeasured

HEARD = (Since.TALK, Since.CHAT, Since.HAND, Since.POLL, Since.ANSWER)
"""By what the others hear of a learner."""


def measure_participation(
    table: LearnerTable,
    roster: Roster,
    speech: Speech,
    span: tuple[int, int],
    left_out: Collection[str],
) -> ParticipationMeasured:
    """Return how a span of the lesson went for everybody together.

    Args:
        span: its start and end on the lesson clock, in ms.
        left_out: participants who did not consent to it: nothing tells of them.
    """
    start_ms, end_ms = span
    learners = [one for _, one in roster.told_of]
    silent = {*left_out, *roster.refused}
    people = [one for one in (*roster.teaching, *learners) if one not in silent]
    talk = {one: round(speech.talk.of(one).within(start_ms, end_ms)) for one in people}
    total = sum(talk.values())
    taught = sum(talk[one] for one in roster.teaching if one in talk)
    asked = speech.questions.of_span(start_ms, end_ms)
    wait_ms = median_wait_ms(asked)
    return ParticipationMeasured(
        start_ms=start_ms,
        end_ms=end_ms,
        tutor_talk_share=taught / total if total else None,
        talk_ms={one: spoken for one, spoken in talk.items() if spoken},
        not_heard_ms=_not_heard_ms(table, roster, end_ms, left_out),
        wait_time_ms_median=None if wait_ms is None else round(wait_ms),
        questions=len(asked),
    )


def _not_heard_ms(
    table: LearnerTable, roster: Roster, end_ms: int, left_out: Collection[str]
) -> dict[str, int]:
    came = table.held[Held.JOINED_MS]
    last = np.fmax(came, np.fmax.reduce(table.last[list(HEARD)], axis=0))
    here = np.isnan(table.held[Held.LEFT_MS])
    return {
        one: max(0, round(end_ms - last[column]))
        for column, one in roster.told_of
        if here[column] and one not in left_out
    }
