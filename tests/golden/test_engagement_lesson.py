"""A scripted lesson of twelve minutes in virtual time: what is told of each learner, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from features.engagement import WINDOW_MS
from lessons.events import (
    ActivityCounted,
    AssessmentItemAnswered,
    AttentionBlurred,
    AttentionFocused,
    ChatPosted,
    EngagementNudge,
    EngagementProfile,
    EngagementSignal,
    EventDraft,
    LearningEvent,
    LessonPlanItemStarted,
    ParticipantJoined,
    ParticipantLeft,
    ParticipationMeasured,
)
from lessons.events.privacy import ConsentRevoked
from lessons.roles import Role
from models.engagement.nudges import NudgeRules
from serving.engagement.lesson_engagement import LessonEngagement
from serving.engagement.wire import Estimates
from tests.ledger_events import LESSON_ID, Told, appended, event
from tests.unit.serving.engagement.telling_model import telling_model

ADA, BEN, CLEO, TINA = "par_ada", "par_ben", "par_cleo", "par_tina"
MINUTE_MS = 60_000
LENGTH_MS = 12 * MINUTE_MS
ROLES = {ADA: Role.LEARNER, BEN: Role.LEARNER, CLEO: Role.LEARNER, TINA: Role.INSTRUCTOR}


def typing(who: str, start_ms: int, end_ms: int, keys: int = 12) -> Iterator[Told]:
    """A browser that tells every five seconds what it counted."""
    for at_ms in range(start_ms, end_ms, WINDOW_MS):
        buckets = [{"key_presses": keys}]
        data = ActivityCounted.model_validate({"start_ms": at_ms, "buckets": buckets})
        yield who, at_ms + WINDOW_MS, data


def answer(who: str, at_ms: int, *, correct: bool, item: str) -> Told:
    told = dict(AssessmentItemAnswered.example) | {"item_id": item, "correct": correct}
    return who, at_ms, AssessmentItemAnswered.model_validate(told)


def script() -> list[Told]:
    """Ada works and gets stuck, Ben looks at something else and goes, Cleo takes consent back."""
    things: list[Told] = [
        (
            None,
            1_000,
            LessonPlanItemStarted(item_id="i", title="Fractions", mode="individual_work"),
        ),
        *(
            (who, 2_000, ParticipantJoined(participant_id=who, name=who, role=role))
            for who, role in ROLES.items()
        ),
        *typing(ADA, 5_000, LENGTH_MS),
        *typing(BEN, 5_000, 2 * MINUTE_MS),
        *typing(CLEO, 5_000, LENGTH_MS),
        (BEN, 2 * MINUTE_MS, AttentionBlurred(surface="tab")),
        (BEN, 3 * MINUTE_MS, AttentionFocused(surface="tab")),
        *typing(BEN, 3 * MINUTE_MS, 5 * MINUTE_MS),
        (BEN, 5 * MINUTE_MS, ParticipantLeft(participant_id=BEN, reason="connection lost")),
        *(
            answer(ADA, 4 * MINUTE_MS + number * 8_000, correct=False, item="item-1")
            for number in range(5)
        ),
        answer(ADA, 9 * MINUTE_MS, correct=True, item="item-1"),
        (CLEO, 90_000, ChatPosted.model_validate(dict(ChatPosted.example))),
        (
            CLEO,
            6 * MINUTE_MS,
            ConsentRevoked.model_validate(
                dict(ConsentRevoked.example) | {"participant_id": CLEO, "purpose": "signals"}
            ),
        ),
    ]
    return sorted(things, key=lambda thing: thing[1])


@dataclass
class Lesson:
    """One process after another that follows the lesson, and the ledger that they share."""

    things: list[Told]
    ledger: list[LearningEvent] = field(default_factory=list)
    written: dict[str, EventDraft] = field(default_factory=dict)
    doubles: list[str] = field(default_factory=list)

    def process(self) -> LessonEngagement:
        """A process that begins: it goes through what stands in the ledger."""
        engagement = LessonEngagement(LESSON_ID, NudgeRules(), telling_model(), ROLES)
        for one in self.ledger:
            engagement.take(one)
        if self.ledger:
            engagement.close(self.ledger[-1].lessontimems // WINDOW_MS * WINDOW_MS)
        return engagement

    def run(self, engagement: LessonEngagement, until_ms: int) -> LessonEngagement:
        """Let the lesson go on, window by window."""
        model = telling_model()
        for end_ms in range(engagement.next_end_ms, until_ms + 1, WINDOW_MS):
            while self.things and self.things[0][1] <= end_ms:
                self._append(event(*self.things.pop(0), len(self.ledger) + 1), engagement)
            windows = engagement.close(end_ms)
            stacked = engagement.stack(windows, model.history)
            estimates = Estimates(model.probabilities(stacked), model.name, model.version)
            for draft in [*engagement.judge(windows, estimates), *engagement.measure()]:
                if draft.id in self.written:
                    self.doubles.append(draft.id)
                    continue
                self.written[draft.id] = draft
                self._append(appended(draft, len(self.ledger) + 1), engagement)
        return engagement

    def _append(self, one: LearningEvent, engagement: LessonEngagement) -> None:
        self.ledger.append(one)
        engagement.take(one)

    def signals(self, who: str) -> list[EngagementSignal]:
        return [
            draft.data
            for draft in self.written.values()
            if draft.subject == who and isinstance(draft.data, EngagementSignal)
        ]

    def states(self, who: str) -> list[tuple[str, int]]:
        """Each state and since when it held, without repetitions."""
        return list(dict.fromkeys((one.state, one.since_ms) for one in self.signals(who)))

    def nudges(self) -> list[tuple[str | None, str]]:
        return [
            (draft.subject, draft.data.reason)
            for draft in self.written.values()
            if isinstance(draft.data, EngagementNudge)
        ]


@pytest.fixture(scope="module")
def whole() -> Lesson:
    """The lesson without any interruption."""
    lesson = Lesson(script())
    lesson.run(lesson.process(), LENGTH_MS)
    return lesson


def named(states: Sequence[tuple[str, int]]) -> list[str]:
    return [state for state, _ in states]


def test_each_learner_is_told_of_as_the_script_has_it(whole: Lesson) -> None:
    ada, ben = whole.states(ADA), whole.states(BEN)
    assert named(ada)[-3:] == ["working", "stuck", "working"]
    stuck_ms = dict(ada)["stuck"]
    third_wrong_ms = 4 * MINUTE_MS + 16_000
    assert third_wrong_ms - WINDOW_MS <= stuck_ms <= third_wrong_ms + 3 * WINDOW_MS
    assert named(ben)[-4:] == ["working", "tab_hidden", "working", "away"]


def test_the_right_answer_ends_being_stuck_within_a_minute(whole: Lesson) -> None:
    again_ms = whole.states(ADA)[-1][1]
    assert 9 * MINUTE_MS <= again_ms <= 9 * MINUTE_MS + 30_000


def test_no_tile_is_stale_and_none_flaps(whole: Lesson) -> None:
    for who in (ADA, BEN):
        ends = [one.end_ms for one in whole.signals(who)]
        assert max(later - earlier for earlier, later in pairwise(ends)) <= 30_000
        changes = [since_ms for _, since_ms in whole.states(who)]
        assert min(later - earlier for earlier, later in pairwise(changes)) >= 20_000


def test_every_claim_says_what_it_rests_on(whole: Lesson) -> None:
    known = {one.id for one in whole.ledger}
    for who in ROLES:
        for one in whole.signals(who):
            named_events = {each for part in one.evidence for each in part.event_ids}
            assert named_events <= known
            assert one.state == "unknown" or one.observations or named_events
            assert (one.model, one.model_version) == ("test-rules", "1")
    stuck = next(one for one in whole.signals(ADA) if one.state == "stuck")
    assert stuck.observations[0].name == "wrong_streak"
    assert stuck.observations[0].text.endswith("wrong answers in a row.")


def test_after_consent_was_taken_back_nothing_more_is_told(whole: Lesson) -> None:
    told = [draft for draft in whole.written.values() if draft.subject == CLEO]
    assert told
    assert max(draft.lesson_time_ms or 0 for draft in told) <= 6 * MINUTE_MS
    later = [
        draft.data
        for draft in whole.written.values()
        if isinstance(draft.data, ParticipationMeasured) and draft.data.end_ms > 6 * MINUTE_MS
    ]
    assert later
    assert not any(CLEO in one.talk_ms or CLEO in one.not_heard_ms for one in later)


def test_nudges_are_few_and_the_stuck_go_first(whole: Lesson) -> None:
    assert whole.nudges()[0] == (ADA, "stuck")
    assert set(whole.nudges()) <= {(ADA, "stuck"), (BEN, "away")}
    first = next(d for d in whole.written.values() if isinstance(d.data, EngagementNudge))
    third_wrong_ms = 4 * MINUTE_MS + 16_000
    begun_ms = third_wrong_ms // WINDOW_MS * WINDOW_MS
    assert (first.lesson_time_ms or 0) - begun_ms >= 120_000


def test_profiles_come_every_five_minutes(whole: Lesson) -> None:
    found = [
        (draft.subject, draft.data.end_ms, draft.data)
        for draft in whole.written.values()
        if isinstance(draft.data, EngagementProfile)
    ]
    assert {(who, end_ms) for who, end_ms, _ in found} == {
        (who, end_ms) for who in (ADA, BEN) for end_ms in (300_000, 600_000)
    } | {(CLEO, 300_000)}
    ada = next(data for who, end_ms, data in found if (who, end_ms) == (ADA, 600_000))
    assert ada.practice is not None
    assert ada.practice.estimate > 0.8
    assert ada.responsiveness is None  # Nothing was asked.


@pytest.mark.parametrize("restart_ms", [65_000, 265_000, 400_000, 545_000])
def test_a_restart_in_mid_lesson_doubles_nothing_and_changes_nothing(
    whole: Lesson, restart_ms: int
) -> None:
    lesson = Lesson(script())
    lesson.run(lesson.process(), restart_ms)
    lesson.run(lesson.process(), LENGTH_MS)
    assert lesson.doubles == []
    assert lesson.nudges() == whole.nudges()
    for who in (ADA, BEN):
        assert named(lesson.states(who)) == named(whole.states(who))
        for state, since_ms in whole.states(who):
            near = [at_ms for name, at_ms in lesson.states(who) if name == state]
            assert min(abs(at_ms - since_ms) for at_ms in near) <= 3 * WINDOW_MS


def test_two_processes_beside_each_other_write_nothing_twice() -> None:
    lesson = Lesson(script())
    one = lesson.run(lesson.process(), 120_000)
    other = lesson.process()
    before = len(lesson.ledger)
    lesson.run(one, 300_000)
    for each in lesson.ledger[before:]:
        other.take(each)
    other.close(300_000)
    ids = [draft.id for draft in lesson.written.values()]
    assert len(ids) == len(set(ids))
    lesson.run(other, 330_000)
    assert lesson.doubles == []
