"""What a decision lets see: which events, whose data, and on whose behalf one may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lessons.events import LearningEvent
from lessons.policy.conditions import Condition
from lessons.policy.situation import Situation

_EVERYTHING = frozenset(
    {
        Condition.ALWAYS,
        Condition.OWN_NODE,
        Condition.OWN_CHARGE,
        Condition.OWN_COURSE,
        Condition.OWN_LESSON,
        Condition.ONE_TO_ONE,
    }
)
_SUBJECTS_ONLY = frozenset({Condition.OWN_DATA, Condition.OWN_CHILD, Condition.ONESELF})
_NOT_TEACHING = _SUBJECTS_ONLY | {
    Condition.ONE_TO_ONE,
    Condition.GROUP_HIDES_OTHERS,
    Condition.NO_PERSONAL_DATA,
}


@dataclass(frozen=True, slots=True)
class Access:
    """An allowed action, and how much of the target it shows.

    Attributes:
        condition: the cell of the matrix that allowed it.
        subjects: participants whose own data are seen; None means everybody's.
        shared: whether what others do in front of the whole lesson is seen beside them.
        teaching: participants whose way of teaching is seen, which is one's own; None means
            everybody's, as for a platform, which asks for its people.
    """

    condition: Condition
    subjects: frozenset[str] | None = None
    shared: bool = True
    teaching: frozenset[str] | None = None

    def sees(self, event: LearningEvent) -> bool:
        """Tell whether the event may be read."""
        tutor = event.data.teaching_of(event.subject)
        if tutor is not None and self.teaching is not None and tutor not in self.teaching:
            return False
        if event.data.for_teachers and self.condition in _NOT_TEACHING:
            return False
        if self.subjects is None or event.subject in self.subjects:
            return True
        readers = event.data.readers()
        if readers is None:
            return self.shared or event.subject is None
        return not readers.isdisjoint(self.subjects)

    def sees_passing(self, message: Mapping[str, Any]) -> bool:
        """Tell whether a message that is never stored may be read, such as a partial caption."""
        participant_id = message.get("participant_id")
        return participant_id is None or self.shared or self.covers(participant_id)

    def covers(self, subject: str | None) -> bool:
        """Tell whether the caller may read about, or write in the name of, this participant."""
        return self.subjects is None or subject in self.subjects


def access_of(condition: Condition, situation: Situation) -> Access:
    """Return what a condition that holds lets a person see in this situation."""
    own = frozenset({situation.participant_id} if situation.participant_id else ())
    return replace(_access_of(condition, situation, own), teaching=own)


def _access_of(condition: Condition, situation: Situation, own: frozenset[str]) -> Access:
    if condition in _EVERYTHING:
        return Access(condition)
    if condition is Condition.GROUP_HIDES_OTHERS:
        return Access(condition, None if situation.is_one_to_one else own)
    if condition is Condition.SAME_BREAKOUT:
        in_a_lesson = situation.target.lesson_id is not None
        return Access(condition, situation.breakout_members if in_a_lesson else frozenset())
    if condition is Condition.OWN_CHILD:
        return Access(condition, situation.child_participants, shared=False)
    if condition in _SUBJECTS_ONLY:
        return Access(condition, own, shared=False)
    if condition is Condition.NO_PERSONAL_DATA:
        return Access(condition, own)
    return Access(condition, frozenset(), shared=False)
