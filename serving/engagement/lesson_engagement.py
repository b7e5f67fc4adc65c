"""What is inferred in one lesson: its events go in, claims about its learners come out.

There is no clock and no store in here, so a lesson can be gone through again, and is after every
restart: whatever counts stands in its ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from features.engagement import FEATURES, WINDOW_MS, LearnerWindow, LessonFeatures
from lessons.engagement_record import Contests
from lessons.events import (
    EngagementNudge,
    EngagementNudgeAnswered,
    EngagementSignal,
    EventDraft,
    LearningEvent,
    LessonEnded,
)
from lessons.events.lesson_plan import LessonPlanItemStarted
from lessons.events.privacy import ConsentGranted, ConsentRevoked
from lessons.privacy.consent import Purpose
from lessons.roles import Role
from models.engagement.baseline import BaselineModel
from models.engagement.decision import Judgement, evidence_of
from models.engagement.nudges import Nudge, NudgePolicy, NudgeRules
from models.engagement.observations import not_heard_observations, observations_of
from serving.engagement.drafts import (
    Grounds,
    MadeBy,
    grounds_of,
    measured_draft,
    nudge_draft,
    profile_draft,
    question_draft,
    signal_draft,
)
from serving.engagement.learner_state import LearnerState
from serving.engagement.topics import Topics
from serving.engagement.wire import Array, Estimates

PROFILE_MS = 300_000
MEASURED_MS = 60_000
MOST_CLOSED = 6 * 720
"""Windows that are closed one by one after a pause: six hours. What lies before is left out."""


class LessonEngagement:
    """One live lesson.

    Args:
        rules: of nudges, as the tenant has set them.
        baseline: says how strongly an observation speaks for a state.
        roles: of the lesson's participants, as far as they are known.

    Attributes:
        sequence: of the last event that was taken.
        next_end_ms: end of the next window to close.
        ended_ms: when the lesson ended; None while it goes on.
        topics: what was said and is still to be compared with the objective.
        consents_changed: whether a decision on signals came since somebody looked.
        strangers: subjects of events whose roles are not known.
    """

    def __init__(
        self,
        lesson_id: str,
        rules: NudgeRules,
        baseline: BaselineModel,
        roles: Mapping[str, Role],
    ) -> None:
        self.sequence = 0
        self.next_end_ms = WINDOW_MS
        self.ended_ms: int | None = None
        self.consents_changed = True
        self.topics = Topics()
        self.strangers: set[str] = set()
        self._features = LessonFeatures(lesson_id, roles)
        self._baseline = baseline
        self._nudges = NudgePolicy(rules)
        self._contests = Contests()
        self._learners: dict[str, LearnerState] = {}
        self._known = set(roles)
        self._expected_quiet_ms = 0
        self._signals: dict[str, LearningEvent] = {}
        self._not_heard_ms: Mapping[str, int] = {}
        self._left_out: frozenset[str] = frozenset()
        self._cleared_ms: dict[str, int] = {}
        self._refused: set[str] = set()

    @property
    def learners(self) -> Collection[str]:
        """Ids of the learners who were seen so far."""
        return self._learners.keys()

    def know(self, roles: Mapping[str, Role]) -> None:
        """Take the roles of participants, such as of one who has just been added."""
        for participant_id, role in roles.items():
            self._features.know(participant_id, role)
        self._known |= roles.keys() | self.strangers
        self.strangers.clear()

    def take(self, event: LearningEvent, arrived_ms: float | None = None) -> None:
        """Take the next event of the ledger.

        Args:
            arrived_ms: when it arrived, on the lesson clock; None where that was long ago.
        """
        self.sequence = event.ledgersequence
        self._features.take(event, arrived_ms)
        self._contests.take(event)
        self.topics.take(event)
        if event.subject is not None and event.subject not in self._known:
            self.strangers.add(event.subject)
        self._take_own(event)
        data = event.data
        if isinstance(data, LessonPlanItemStarted):
            self._expected_quiet_ms = data.expected_quiet_ms or 0
        elif isinstance(data, LessonEnded):
            self.ended_ms = event.lessontimems
        elif isinstance(data, ConsentRevoked | ConsentGranted) and data.purpose is Purpose.SIGNALS:
            self.consents_changed = True
            self._decided(data.participant_id, event, granted=isinstance(data, ConsentGranted))

    def _decided(self, who: str, event: LearningEvent, *, granted: bool) -> None:
        """Begin anew with a learner who consents, and keep nothing of one who does not."""
        self.forget(who)
        self._cleared_ms[who] = event.lessontimems
        if granted:
            self._refused.discard(who)
        else:
            self._refused.add(who)

    def _take_own(self, event: LearningEvent) -> None:
        """Take what this or another process has said in the lesson, and what people answered."""
        data, who = event.data, event.subject or ""
        if isinstance(data, EngagementSignal):
            self._signals[who] = event
            self._learner(who).follow(data)
        elif isinstance(data, EngagementNudge):
            self._nudges.given(data.nudge_id, who, data.reason, event.lessontimems)
        elif isinstance(data, EngagementNudgeAnswered):
            self._nudges.answered(data.nudge_id, data.answer)

    def forget(self, participant_id: str) -> None:
        """Drop everything that was inferred about a learner, such as when consent is taken back."""
        self._learners.pop(participant_id, None)
        self._signals.pop(participant_id, None)

    def leave_out(self, participant_ids: Collection[str]) -> None:
        """Say nothing of these, who do not consent; what was kept of them is dropped."""
        self._left_out = frozenset(participant_ids)
        for participant_id in participant_ids:
            self._features.forget(participant_id)
            self.forget(participant_id)

    def take_similarity(self, caption_id: str, similarity: float) -> None:
        """Take how near something that was said lies to the objective, in -1..1."""
        self._features.take_similarity(caption_id, similarity)

    def close(self, until_ms: int) -> list[LearnerWindow]:
        """Close every window that has ended; return the last one of each learner.

        Those before it, after a pause, are counted and not judged: nobody could act on it.
        """
        last_end_ms = until_ms - until_ms % WINDOW_MS
        self.next_end_ms = max(self.next_end_ms, last_end_ms - MOST_CLOSED * WINDOW_MS)
        windows: list[LearnerWindow] = []
        while self.next_end_ms <= last_end_ms:
            closed = self._features.close(self.next_end_ms)
            windows = [one for one in closed if one.participant_id not in self._refused]
            for window in windows:
                who = window.participant_id
                self._learner(who).close(window, self._cleared_ms.get(who))
            self.next_end_ms += WINDOW_MS
        return windows

    def stack(self, windows: Sequence[LearnerWindow], history: int) -> Array:
        """Return what a model reads of these learners, shape (learners, history, features)."""
        if not windows:
            return np.empty((0, history, len(FEATURES)), dtype=np.float32)
        return np.stack([self._learner(one.participant_id).history(history) for one in windows])

    def judge(self, windows: Sequence[LearnerWindow], estimates: Estimates) -> list[EventDraft]:
        """Judge the learners' newest windows; return what is to be told."""
        by = MadeBy(estimates.model, estimates.version)
        drafts: list[EventDraft] = []
        for window, row in zip(windows, estimates.probabilities, strict=True):
            learner = self._learner(window.participant_id)
            judgement = learner.judge(window, row)
            if learner.is_due(judgement):
                drafts.append(signal_draft(judgement, self._grounds(window, judgement), by))
        return drafts + self._nudge(windows, by) + self._profiles(windows, by)

    def measure(self) -> list[EventDraft]:
        """Return what is counted for those who teach: questions as they are answered, and talk."""
        end_ms = self.next_end_ms - WINDOW_MS
        drafts = [question_draft(question) for question in self._features.questions()]
        if end_ms > 0 and end_ms % MEASURED_MS == 0:
            measured = self._features.participation(end_ms, MEASURED_MS, self._left_out)
            self._not_heard_ms = measured.not_heard_ms
            drafts.append(measured_draft(measured))
        return drafts

    def end(self, by: MadeBy) -> list[EventDraft]:
        """Return the profiles of the whole lesson, once it is over."""
        end_ms = self.next_end_ms - WINDOW_MS
        return [
            draft for who in self._learners if (draft := self._profile(who, end_ms, by)) is not None
        ]

    def _learner(self, participant_id: str) -> LearnerState:
        return self._learners.setdefault(participant_id, LearnerState())

    def _grounds(self, window: LearnerWindow, judgement: Judgement) -> Grounds:
        strengths = self._baseline.strengths(window.values)
        return grounds_of(judgement, observations_of(window, judgement.state, strengths))

    def _nudge(self, windows: Sequence[LearnerWindow], by: MadeBy) -> list[EventDraft]:
        uncontested = {
            window.participant_id: (window, judgement)
            for window in windows
            if (judgement := self._learner(window.participant_id).judgement) is not None
            and not self._is_contested(window.participant_id)
        }
        if not uncontested:
            return []
        end_ms = windows[0].end_ms
        judgements = [judgement for _, judgement in uncontested.values()]
        not_heard = {who: ms for who, ms in self._not_heard_ms.items() if who in uncontested}
        nudge = self._nudges.consider(end_ms, judgements, self._expected_quiet_ms, not_heard)
        if nudge is None:
            return []
        window, _ = uncontested[nudge.participant_id]
        grounds = self._nudge_grounds(nudge, window)
        return [nudge_draft(nudge, grounds, end_ms, by)] if grounds else []

    def _nudge_grounds(self, nudge: Nudge, window: LearnerWindow) -> Grounds:
        if nudge.reason == "not_heard":
            return Grounds(not_heard_observations(window), (), nudge.since_ms, window.end_ms)
        strengths = self._baseline.strengths(window.values)
        seen = observations_of(window, nudge.reason, strengths)
        evidence = evidence_of(window, nudge.reason)
        return Grounds(seen, evidence, nudge.since_ms, window.end_ms)

    def _is_contested(self, participant_id: str) -> bool:
        signal = self._signals.get(participant_id)
        return signal is not None and self._contests.leave_out(signal)

    def _profiles(self, windows: Sequence[LearnerWindow], by: MadeBy) -> list[EventDraft]:
        found = [
            self._profile(window.participant_id, window.end_ms, by)
            for window in windows
            if window.end_ms % PROFILE_MS == 0
        ]
        return [draft for draft in found if draft is not None]

    def _profile(self, participant_id: str, end_ms: int, by: MadeBy) -> EventDraft | None:
        learner = self._learner(participant_id)
        if learner.first_ms is None or learner.first_ms >= end_ms:
            return None
        profile = learner.profile.profile()
        return profile_draft(participant_id, learner.first_ms, end_ms, profile, by)
