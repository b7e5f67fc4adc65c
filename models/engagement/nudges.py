"""Nudges to those who teach: few, calm, whoever is stuck before whoever is idle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lessons.lesson_context import LessonContext
from models.engagement.decision import Judgement
from models.engagement.states import AWAY, DRIFTING, PARTICIPATING, STUCK, WORKING

Reason = Literal["stuck", "drifting", "away", "not_heard"]
Answer = Literal["dismissed", "helpful", "wrong"]

RANK: Mapping[str, int] = MappingProxyType({"stuck": 0, "drifting": 1, "away": 2, "not_heard": 3})
"""Which goes first. Teachers see the idle by themselves, and miss those who struggle (EDM 2025)."""

KEPT_FOR_STUCK = 1 / 3
"""Part of a lesson's budget that nobody's idleness uses up."""

REST_MS = 90_000
"""Least time between two nudges of a lesson."""

AGAIN_MS = 600_000
"""Least time before the same is said of the same learner again, where nobody answered."""

NOT_HEARD_MS = 900_000
"""How long nobody heard of a learner before that is worth a word."""

_BUSY = (WORKING, PARTICIPATING)
"""Of whom a tile says this, a nudge says nothing else."""

_OF_KIND: Mapping[str, Reason] = MappingProxyType(
    {STUCK: "stuck", DRIFTING: "drifting", AWAY: "away"}
)


@dataclass(frozen=True, slots=True)
class NudgeRules:
    """What a tenant allows.

    Attributes:
        per_lesson: the most nudges of one lesson; 0 means none.
        after_s: how long a need is seen at least before it leads to one.
    """

    per_lesson: int = 6
    after_s: int = 120


@dataclass(frozen=True, slots=True)
class Nudge:
    """A word to those who teach about one learner."""

    nudge_id: str
    participant_id: str
    reason: Reason
    since_ms: int


@dataclass(frozen=True, slots=True)
class _Given:
    participant_id: str
    reason: str
    at_ms: int


class NudgePolicy:
    """Decides on the nudges of one lesson, at most one at a time."""

    def __init__(self, rules: NudgeRules) -> None:
        self._rules = rules
        self._given: dict[str, _Given] = {}
        self._unwanted: set[tuple[str, str]] = set()

    def given(self, nudge_id: str, participant_id: str, reason: str, at_ms: int) -> None:
        """Take a nudge that stands in the ledger, such as one from before a restart."""
        self._given[nudge_id] = _Given(participant_id, reason, at_ms)

    def answered(self, nudge_id: str, answer: Answer) -> None:
        """Take what somebody who teaches answered: what was not wanted is not said again."""
        known = self._given.get(nudge_id)
        if known is not None and answer != "helpful":
            self._unwanted.add((known.participant_id, known.reason))

    def consider(
        self,
        now_ms: int,
        judgements: Iterable[Judgement],
        expected_quiet_ms: int = 0,
        not_heard_ms: Mapping[str, int] = MappingProxyType({}),
    ) -> Nudge | None:
        """Return the nudge that is due, if one is, and count it as given.

        Args:
            now_ms: on the lesson clock.
            judgements: the newest of every learner of whom something may be inferred.
            expected_quiet_ms: how long the task at hand lets learners be quiet.
            not_heard_ms: how long nobody has heard of a learner.
        """
        if not self._may_speak(now_ms):
            return None
        patience_ms = self._rules.after_s * 1000 + expected_quiet_ms
        due = [
            nudge
            for judgement in judgements
            for nudge in _reasons(judgement, not_heard_ms, now_ms, patience_ms)
            if self._is_wanted(nudge, now_ms)
        ]
        if not due:
            return None
        first = min(due, key=lambda one: (RANK[one.reason], one.since_ms, one.participant_id))
        self.given(first.nudge_id, first.participant_id, first.reason, now_ms)
        return first

    def _may_speak(self, now_ms: int) -> bool:
        if len(self._given) >= self._rules.per_lesson:
            return False
        last = max((one.at_ms for one in self._given.values()), default=None)
        return last is None or now_ms - last >= REST_MS

    def _is_wanted(self, nudge: Nudge, now_ms: int) -> bool:
        key = (nudge.participant_id, nudge.reason)
        if key in self._unwanted or nudge.nudge_id in self._given:
            return False
        if nudge.reason != "stuck" and self._idle_budget_is_used():
            return False
        same = [one for one in self._given.values() if (one.participant_id, one.reason) == key]
        return all(now_ms - one.at_ms >= AGAIN_MS for one in same)

    def _idle_budget_is_used(self) -> bool:
        idle = sum(one.reason != "stuck" for one in self._given.values())
        return idle >= self._rules.per_lesson - round(self._rules.per_lesson * KEPT_FOR_STUCK)


def _reasons(
    judgement: Judgement, not_heard_ms: Mapping[str, int], now_ms: int, patience_ms: int
) -> list[Nudge]:
    """Return what could be said about a learner now."""
    found: list[Nudge] = []
    who, need = judgement.participant_id, judgement.need
    on_break = judgement.context is LessonContext.BREAK
    reason, since_ms = _OF_KIND[need.kind], need.since_ms
    holds = need.is_clear and now_ms - since_ms >= patience_ms and judgement.state not in _BUSY
    if holds and (reason == "stuck" or not on_break):
        found.append(Nudge(_id(who, reason, since_ms), who, reason, since_ms))
    silent_ms = not_heard_ms.get(who, 0)
    if silent_ms >= max(NOT_HEARD_MS, patience_ms) and not on_break:
        since_ms = now_ms - silent_ms
        found.append(Nudge(_id(who, "not_heard", since_ms), who, "not_heard", since_ms))
    return found


def _id(participant_id: str, reason: str, since_ms: int) -> str:
    """Name a nudge by what it is about, so that a restart in between says it once."""
    return f"nudge:{participant_id}:{reason}:{since_ms}"
