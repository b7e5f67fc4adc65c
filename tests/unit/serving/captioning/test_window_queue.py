"""Which windows go next: told the time, so that no test waits."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.captions.interface import CaptionWindow, Urgency
from serving.captioning.batch_cost import CostModel
from serving.captioning.window_queue import (
    LIVE_LATELY_S,
    PARTIAL_BUDGET_S,
    RECORDING_BUDGET_S,
    RECORDING_SHARE,
    Call,
    Shape,
    WindowQueue,
)
from tests.unit.serving.caption_engines import caption_window

BOUND_S = 10.0

unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def _costs(fixed: float = 0.0, per_second: float = 0.0) -> CostModel:
    """A cost model that has seen an engine of this cost."""
    costs = CostModel()
    for audio_s in (1, 9, 3, 7, 5, 8, 2) * 8:
        for final in (True, False):
            costs.observe("m", final=final, audio_s=audio_s, cost_s=fixed + per_second * audio_s)
    return costs


def _queue(
    calls: int = 1, per_call: int = 8, *, fixed: float = 0.0, per_second: float = 0.0
) -> WindowQueue:
    shape = Shape(calls, per_call, BOUND_S)
    return WindowQueue(shape, _costs(fixed, per_second), lambda _: "m")


def _ids(call: Call | None) -> list[str]:
    return [] if call is None else [waiting.window.id for waiting in call.windows]


def test_the_class_goes_before_the_deadline_and_the_deadline_before_the_arrival() -> None:
    queue = _queue(per_call=1)
    for window in (
        caption_window("recording", live=False, due_in_ms=1),
        caption_window("partial", final=False, due_in_ms=5),
        caption_window("later", due_in_ms=9000),
        caption_window("sooner", due_in_ms=4000),
    ):
        queue.add(window, 0)
    order = [_ids(queue.next_call(0, [])) for _ in range(3)]
    assert order == [["sooner"], ["later"], ["partial"]]


def test_a_budget_becomes_a_deadline_where_it_arrives() -> None:
    queue = _queue()
    assert queue.add(caption_window("a", due_in_ms=300), 100.0).due == pytest.approx(100.3)
    assert queue.add(caption_window("late", due_in_ms=-500), 100.0).due == pytest.approx(99.5)
    assert queue.add(caption_window("final"), 7.0).due == 7.0 + BOUND_S
    assert queue.add(caption_window("partial", final=False), 7.0).due == 7.0 + PARTIAL_BUDGET_S
    assert queue.add(caption_window("old", live=False), 7.0).due == 7.0 + RECORDING_BUDGET_S


def test_a_call_holds_as_many_windows_as_let_the_most_urgent_one_keep_its_deadline() -> None:
    queue = _queue(fixed=0.2, per_second=0.1)
    queue.add(caption_window("urgent", seconds=2, due_in_ms=900), 0)
    for number in range(6):
        queue.add(caption_window(f"w{number}", seconds=2), 0)
    # 0.2 s + 3 windows of 2 s at 0.1 s a second are 0.8 s; a fourth would make it 1.0 s.
    assert _ids(queue.next_call(0, [])) == ["urgent", "w0", "w1"]
    assert _ids(queue.next_call(0.8, [])) == ["w2", "w3", "w4", "w5"]


def test_a_deadline_that_is_lost_anyway_makes_no_call_smaller() -> None:
    queue = _queue(per_second=1.0)
    queue.add(caption_window("lost", seconds=4, due_in_ms=1000), 0)
    queue.add(caption_window("kept", seconds=1, due_in_ms=5500), 0)
    queue.add(caption_window("other", seconds=1, due_in_ms=9000), 0)
    assert _ids(queue.next_call(0, [])) == ["lost", "kept"]


def test_windows_of_one_call_share_language_vocabulary_and_accuracy() -> None:
    queue = _queue()
    queue.add(caption_window("en1"), 0)
    queue.add(caption_window("es1", language="es"), 0)
    queue.add(CaptionWindow("words", caption_window("x").samples, vocabulary=("ratio",)), 0)
    queue.add(caption_window("en2"), 0)
    queue.add(caption_window("en-partial", final=False), 0)
    calls = [_ids(queue.next_call(0, [])) for _ in range(4)]
    assert calls == [["en1", "en2"], ["es1"], ["words"], ["en-partial"]]


def test_a_call_of_another_language_does_not_make_an_urgent_window_late() -> None:
    queue = _queue(per_second=0.5)
    for number in range(4):
        queue.add(caption_window(f"en{number}", seconds=2, due_in_ms=2500), 0)
    queue.add(caption_window("es", seconds=2, language="es", due_in_ms=3000), 0)
    # Two windows would end in time themselves, but then the Spanish one would start at 2 s.
    assert _ids(queue.next_call(0, [])) == ["en0", "en1"]
    queue = _queue(per_second=0.5)
    for number in range(4):
        queue.add(caption_window(f"en{number}", seconds=2, due_in_ms=2500), 0)
    queue.add(caption_window("es", seconds=2, language="es", due_in_ms=2900), 0)
    assert _ids(queue.next_call(0, [])) == ["en0"]


def test_a_partial_is_replaced_by_what_its_track_says_next_and_a_final_never() -> None:
    queue = _queue()
    old = queue.add(caption_window("old", final=False, track="t"), 0)
    final = queue.add(caption_window("final", track="t"), 0)
    queue.add(caption_window("other", final=False, track="u"), 0)
    newer = queue.add(caption_window("newer", final=False, track="t"), 0)
    assert queue.take_replaced(newer) == [old]
    assert queue.take_replaced(final) == []
    assert queue.take_replaced(queue.add(caption_window("same", live=False, track="t"), 0)) == []


def test_partials_and_recordings_expire_and_finals_never() -> None:
    queue = _queue()
    partial = queue.add(caption_window("partial", final=False), 0)
    recording = queue.add(caption_window("recording", live=False), 0)
    queue.add(caption_window("final", due_in_ms=-1), 0)
    assert queue.take_overdue(PARTIAL_BUDGET_S - 0.01) == []
    assert queue.take_overdue(PARTIAL_BUDGET_S) == [partial]
    assert queue.take_overdue(RECORDING_BUDGET_S) == [recording]
    assert queue.take_overdue(1e6) == []
    assert _ids(queue.next_call(1e6, [])) == ["final"]


def test_partials_and_recordings_leave_one_of_several_places_to_finals() -> None:
    queue = _queue(calls=3, per_call=1)
    for number in range(3):
        queue.add(caption_window(f"p{number}", final=False), 0)
    running = [Urgency.PARTIAL, Urgency.RECORDING]
    assert queue.next_call(0, running) is None
    queue.add(caption_window("f"), 0)
    assert _ids(queue.next_call(0, running)) == ["f"]
    assert queue.next_call(0, [*running, Urgency.FINAL]) is None


def test_recordings_take_every_place_once_nobody_is_live() -> None:
    queue = _queue(calls=2, per_call=1)
    partial = queue.add(caption_window("live", final=False), 0)
    queue.remove(partial)
    queue.add(caption_window("r", live=False), 0)
    assert queue.next_call(LIVE_LATELY_S - 1, [Urgency.RECORDING]) is None
    assert _ids(queue.next_call(LIVE_LATELY_S, [Urgency.RECORDING])) == ["r"]


def test_while_lessons_are_live_no_call_for_a_recording_is_long() -> None:
    queue = _queue(per_second=0.5)
    queue.remove(queue.add(caption_window("live"), 0))
    for number in range(4):
        queue.add(caption_window(f"r{number}", seconds=2, live=False), 0)
    # A quarter of the bound is 2.5 s, and each window takes 1 s.
    assert RECORDING_SHARE * BOUND_S == 2.5
    assert _ids(queue.next_call(0, [])) == ["r0", "r1"]
    slow = _queue(per_second=2.0)
    slow.remove(slow.add(caption_window("live"), 0))
    slow.add(caption_window("r", seconds=2, live=False), 0)
    assert slow.next_call(0, []) is None
    assert _ids(slow.next_call(LIVE_LATELY_S, [])) == ["r"]


@dataclass
class _Simulated:
    """What became of windows in a simulated captioner of known cost, in virtual time."""

    calls: list[tuple[float, Call, list[CaptionWindow]]] = field(default_factory=list)
    answered: dict[str, float] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)


def _simulate(
    arrivals: list[tuple[float, CaptionWindow]], places: int, fixed: float, per_second: float
) -> _Simulated:
    queue = _queue(places, 4 if places == 1 else 1, fixed=fixed, per_second=per_second)
    seen = _Simulated()
    coming = sorted(arrivals, key=lambda pair: pair[0])
    running: list[tuple[float, Call]] = []
    waiting: dict[str, CaptionWindow] = {}
    now = 0.0
    while coming or running or waiting:
        upcoming = [at for at, _ in coming[:1]] + [end for end, _ in running]
        now = min(upcoming, default=now + 1.0)
        while coming and coming[0][0] <= now:
            window = coming.pop(0)[1]
            waiting[window.id] = window
            for gone in queue.take_replaced(queue.add(window, now)):
                seen.dropped.add(waiting.pop(gone.window.id).id)
        for end, call in [one for one in running if one[0] <= now]:
            running.remove((end, call))
            seen.answered.update({one.window.id: end for one in call.windows})
        for gone in queue.take_overdue(now):
            seen.dropped.add(waiting.pop(gone.window.id).id)
        while begun := queue.next_call(now, [one.urgency for _, one in running]):
            for one in begun.windows:
                del waiting[one.window.id]
            seen.calls.append((now, begun, list(waiting.values())))
            running.append((now + fixed + per_second * begun.audio_s + 1e-3, begun))
    return seen


@st.composite
def _arrivals(draw: st.DrawFn) -> list[tuple[float, CaptionWindow]]:
    return [
        (
            draw(st.floats(0, 20)),
            caption_window(
                str(number),
                seconds=draw(st.floats(0.1, 3)),
                final=draw(st.booleans()),
                language=draw(st.sampled_from(["en", "es"])),
                live=draw(st.booleans()),
                due_in_ms=draw(st.none() | st.integers(-500, 8000)),
                track=draw(st.sampled_from(["t", "u", None])),
            ),
        )
        for number in range(draw(st.integers(1, 30)))
    ]


@unhurried
@given(
    arrivals=_arrivals(),
    places=st.integers(1, 3),
    fixed=st.floats(0, 1),
    per_second=st.floats(0, 0.6),
)
def test_every_final_is_answered_once_and_never_waits_behind_anything_less(
    arrivals: list[tuple[float, CaptionWindow]], places: int, fixed: float, per_second: float
) -> None:
    seen = _simulate(arrivals, places, fixed, per_second)
    sent = {window.id: window for _, window in arrivals}
    assert seen.answered.keys() | seen.dropped == sent.keys()
    assert not seen.answered.keys() & seen.dropped
    assert all(sent[name].urgency is not Urgency.FINAL for name in seen.dropped)
    for _, call, left in seen.calls:
        assert len({(one.window.language, one.window.final) for one in call.windows}) == 1
        assert all(window.urgency >= call.urgency for window in left)
        if call.urgency is Urgency.FINAL:
            assert [one.order for one in call.windows] == sorted(one.order for one in call.windows)


@unhurried
@given(arrivals=_arrivals(), fixed=st.floats(0, 0.3), per_second=st.floats(0, 0.3))
def test_no_window_makes_a_call_late_that_could_have_been_in_time_without_it(
    arrivals: list[tuple[float, CaptionWindow]], fixed: float, per_second: float
) -> None:
    seen = _simulate(arrivals, 1, fixed, per_second)
    for now, call, _ in seen.calls:
        if call.urgency is Urgency.RECORDING:
            continue
        head = call.windows[0]
        alone = now + fixed + per_second * head.audio_s
        together = now + fixed + per_second * call.audio_s
        if alone <= head.due - 1e-3:
            assert together <= head.due + 1e-3
