"""Bad input and odd lessons: clear states, no crash, and no tile that nobody keeps up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from features.engagement import WINDOW_MS
from lessons.events import (
    ActivityCounted,
    CameraObserved,
    EngagementSignal,
    EventDraft,
    HandRaised,
    ParticipantJoined,
    ParticipantLeft,
    ParticipationMeasured,
)
from lessons.roles import Role
from models.engagement.nudges import NudgeRules
from serving.engagement.lesson_engagement import LessonEngagement
from serving.engagement.wire import Estimates
from tests.ledger_events import LESSON_ID, Told, event
from tests.unit.serving.engagement.telling_model import telling_model

ADA = "par_ada"
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
JOINED: Told = (
    ADA,
    1_000,
    ParticipantJoined(participant_id=ADA, name="Ada", role=Role.LEARNER),
)


def counted(start_ms: int, at_ms: int, buckets: int = 1, keys: int = 12) -> Told:
    """What a browser counted, and when it told of it by its own clock."""
    told = {"start_ms": start_ms, "buckets": [{"key_presses": keys}] * buckets}
    return ADA, at_ms, ActivityCounted.model_validate(told)


def follow(arrivals: Iterable[tuple[int, Told]], until_ms: int) -> list[EventDraft]:
    """Go through a lesson whose events arrive at these times; return what is told."""
    engagement, model = (
        LessonEngagement(LESSON_ID, NudgeRules(), telling_model(), {}),
        telling_model(),
    )
    waiting, numbers = sorted(arrivals, key=lambda one: one[0]), count(1)
    drafts: list[EventDraft] = []
    for end_ms in range(WINDOW_MS, until_ms + 1, WINDOW_MS):
        while waiting and waiting[0][0] <= end_ms + 400:
            arrived_ms, told = waiting.pop(0)
            engagement.take(event(*told, next(numbers)), arrived_ms)
        windows = engagement.close(end_ms)
        stacked = engagement.stack(windows, model.history)
        estimates = Estimates(model.probabilities(stacked), model.name, model.version)
        drafts += [*engagement.judge(windows, estimates), *engagement.measure()]
    return drafts


def signals(drafts: Iterable[EventDraft]) -> list[EngagementSignal]:
    return [draft.data for draft in drafts if isinstance(draft.data, EngagementSignal)]


def test_a_client_whose_clock_is_an_hour_ahead_is_put_right() -> None:
    joined = [(1_000, JOINED)]
    skewed = [
        (at_ms + WINDOW_MS, counted(HOUR_MS + at_ms, HOUR_MS + at_ms + WINDOW_MS))
        for at_ms in range(5_000, 2 * MINUTE_MS, WINDOW_MS)
    ]
    assert signals(follow(joined + skewed, 2 * MINUTE_MS))[-1].state == "working"


def test_silence_of_a_browser_is_no_absence_and_a_burst_after_it_no_surprise() -> None:
    arrivals = [(1_000, JOINED)]
    arrivals += [
        (at_ms + WINDOW_MS, counted(at_ms, at_ms + WINDOW_MS)) for at_ms in (5_000, 10_000)
    ]
    # Offline for two minutes; what was counted meanwhile comes at once.
    arrivals.append((150_000, counted(15_000, 135_000, buckets=24)))
    arrivals += [
        (at_ms + WINDOW_MS, counted(at_ms, at_ms + WINDOW_MS))
        for at_ms in range(145_000, 200_000, WINDOW_MS)
    ]
    found = signals(follow(arrivals, 200_000))
    silent = [one for one in found if 60_000 <= one.end_ms <= 140_000]
    assert silent
    assert {one.state for one in silent} == {"unknown"}
    assert found[-1].state == "working"
    ends = [one.end_ms for one in found]
    assert max(later - earlier for earlier, later in pairwise(ends)) <= 30_000


def test_without_anybody_who_teaches_signals_go_on_and_no_talk_is_made_up() -> None:
    arrivals = [
        (1_000, JOINED),
        *((ms, counted(ms - 5_000, ms)) for ms in range(10_000, 70_000, 5_000)),
    ]
    drafts = follow(arrivals, 65_000)
    assert signals(drafts)[-1].state == "working"
    (measured,) = [d.data for d in drafts if isinstance(d.data, ParticipationMeasured)]
    assert (measured.tutor_talk_share, measured.questions) == (None, 0)


def test_who_lost_the_connection_is_away_by_that_and_not_for_ever() -> None:
    gone = ParticipantLeft(participant_id=ADA, reason="connection lost")
    arrivals = [(1_000, JOINED), (30_000, (ADA, 30_000, gone))]
    found = signals(follow(arrivals, 12 * MINUTE_MS))
    away = [one for one in found if one.state == "away"]
    assert away[0].since_ms >= 30_000
    assert away[0].evidence
    assert found[-1].end_ms <= 30_000 + 10 * MINUTE_MS + 30_000  # Then the tile is gone as well.


def test_several_faces_at_one_device_break_nothing() -> None:
    told = dict(CameraObserved.example) | {"faces_most": 3}
    camera = [
        (
            ms,
            (ADA, ms, CameraObserved.model_validate(told | {"start_ms": ms - 5_000, "end_ms": ms})),
        )
        for ms in range(10_000, 60_000, 5_000)
    ]
    assert signals(follow([(1_000, JOINED), *camera], MINUTE_MS))


ANYTHING = st.lists(
    st.tuples(
        st.integers(0, 240_000),
        st.integers(0, 2_000_000_000),
        st.sampled_from(["activity", "hand", "left", "joined"]),
    ),
    max_size=40,
)


@given(ANYTHING)
def test_whatever_arrives_whenever_no_claim_is_out_of_time_or_without_grounds(
    chaos: list[tuple[int, int, str]],
) -> None:
    arrivals = [(1_000, JOINED)]
    for arrived_ms, claimed_ms, what in chaos:
        if what == "activity":
            arrivals.append((arrived_ms, counted(claimed_ms, claimed_ms + WINDOW_MS)))
        elif what == "hand":
            arrivals.append((arrived_ms, (ADA, claimed_ms, HandRaised())))
        elif what == "left":
            left = ParticipantLeft(participant_id=ADA, reason="left")
            arrivals.append((arrived_ms, (ADA, arrived_ms, left)))
        else:
            arrivals.append((arrived_ms, (ADA, arrived_ms, JOINED[2])))
    found = signals(follow(arrivals, 240_000))
    for one in found:
        assert one.end_ms - one.start_ms == WINDOW_MS
        assert one.since_ms <= one.end_ms <= 240_000
        assert one.state == "unknown" or one.evidence or one.observations
    ends = [one.end_ms for one in found]
    assert ends == sorted(set(ends))
