"""Which windows the engine gets next: pure, told the time, so that it can be tested by itself.

Live finals go before live partials and these before recordings; within a class the earliest
deadline goes first. A call holds only windows that the engine decodes together, and only as many as
let the most urgent one keep its deadline, as far as the measured cost of a call can tell.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow, Urgency
from serving.captioning.batch_cost import CostModel

PARTIAL_BUDGET_S = 3.0
"""A partial that has waited longer is dropped: its track has said more meanwhile."""
RECORDING_BUDGET_S = 20.0
"""A recording's window that has waited longer is handed back, to be sent again later."""
LIVE_LATELY_S = 10.0
"""So long after a live window, recordings still leave room for the next one."""
RECORDING_SHARE = 0.25
"""Longest call for a recording while live lessons run, as a share of the bound of finals."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many windows an engine works on.

    Attributes:
        calls: calls that may run at the same time.
        windows_per_call: most windows of one call.
        final_bound_s: declared time to a final, in seconds.
    """

    calls: int
    windows_per_call: int
    final_bound_s: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What the windows of one call share, for the engine decodes only such windows together."""

    model: str
    final: bool
    language: str | None
    vocabulary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A window in the queue; times in seconds of the queue's clock."""

    number: int
    window: CaptionWindow
    arrived: float
    due: float

    @property
    def urgency(self) -> Urgency:
        """The class in which it waits."""
        return self.window.urgency

    @property
    def order(self) -> tuple[Urgency, float, int]:
        """What sorts windows: class, deadline, arrival."""
        return (self.urgency, self.due, self.number)

    @property
    def audio_s(self) -> float:
        """Length of the window."""
        return len(self.window.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Call:
    """Windows that go into one call of one model."""

    kind: Kind
    urgency: Urgency
    windows: tuple[Waiting, ...]

    @property
    def audio_s(self) -> float:
        """Length of all its windows."""
        return sum(waiting.audio_s for waiting in self.windows)


class WindowQueue:
    """Windows that wait for one engine.

    Args:
        shape: how many windows the engine works on.
        costs: what its calls cost.
        model_of: name of the model that a window would go to now.
    """

    def __init__(
        self, shape: Shape, costs: CostModel, model_of: Callable[[CaptionWindow], str]
    ) -> None:
        self._shape = shape
        self._costs = costs
        self._model_of = model_of
        self._numbers = itertools.count()
        self._waiting: dict[int, Waiting] = {}
        self._live_at = -math.inf

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, window: CaptionWindow, now: float) -> Waiting:
        """Take a window; its deadline is made here, from what is left of its budget."""
        left = window.due_in_ms
        budget = self._budget(window.urgency) if left is None else left / 1000
        waiting = Waiting(next(self._numbers), window, now, now + budget)
        self._waiting[waiting.number] = waiting
        if window.live:
            self._live_at = now
        return waiting

    def remove(self, waiting: Waiting) -> bool:
        """Let go of a window; False where it does not wait any more."""
        return self._waiting.pop(waiting.number, None) is not None

    def take_replaced(self, newer: Waiting) -> list[Waiting]:
        """Take out the partials that a newer live window of their track makes worthless."""
        track = newer.window.track
        if track is None or not newer.window.live:
            return []
        return self._take_out(
            lambda one: (
                one.urgency is Urgency.PARTIAL
                and one.window.track == track
                and one.number < newer.number
            )
        )

    def take_overdue(self, now: float) -> list[Waiting]:
        """Take out partials and recordings that have waited past their budget; never a final."""
        return self._take_out(lambda one: one.urgency is not Urgency.FINAL and now >= one.due)

    def take_recordings(self) -> list[Waiting]:
        """Take out every window of a recording: live lessons need the engine."""
        return self._take_out(lambda one: one.urgency is Urgency.RECORDING)

    def finals(self) -> list[Waiting]:
        """The live finals that wait."""
        return [one for one in self._waiting.values() if one.urgency is Urgency.FINAL]

    def next_call(self, now: float, running: Sequence[Urgency]) -> Call | None:
        """Take out the windows of the next call; None where nothing may start now.

        Args:
            now: in seconds.
            running: the class of each call that runs.
        """
        if len(running) >= self._shape.calls:
            return None
        ordered = sorted(self._waiting.values(), key=lambda one: one.order)
        if not ordered or not self._may_start(ordered[0], now, running):
            return None
        head = ordered[0]
        kind = self._kind(head.window)
        alike = [
            one for one in ordered if one.urgency is head.urgency and self._kind(one.window) == kind
        ]
        chosen = alike[: self._how_many(kind, alike, ordered, now)]
        for one in chosen:
            del self._waiting[one.number]
        return Call(kind, head.urgency, tuple(chosen)) if chosen else None

    def _budget(self, urgency: Urgency) -> float:
        return {
            Urgency.FINAL: self._shape.final_bound_s,
            Urgency.PARTIAL: PARTIAL_BUDGET_S,
            Urgency.RECORDING: RECORDING_BUDGET_S,
        }[urgency]

    def _take_out(self, unwanted: Callable[[Waiting], bool]) -> list[Waiting]:
        found = [one for one in self._waiting.values() if unwanted(one)]
        for one in found:
            del self._waiting[one.number]
        return found

    def _may_start(self, head: Waiting, now: float, running: Sequence[Urgency]) -> bool:
        """Whether a call of this class may take a free place: one of several is kept for finals."""
        if head.urgency is Urgency.FINAL or self._shape.calls == 1:
            return True
        if head.urgency is Urgency.RECORDING and not self._live_lately(now):
            return True
        others = Counter(urgency is not Urgency.FINAL for urgency in running)[True]
        return others < self._shape.calls - 1

    def _live_lately(self, now: float) -> bool:
        return now - self._live_at < LIVE_LATELY_S

    def _how_many(
        self, kind: Kind, alike: Sequence[Waiting], ordered: Sequence[Waiting], now: float
    ) -> int:
        """How many windows of a kind go into one call, in their order; 0: none may go now."""
        head = alike[0]
        if head.urgency is Urgency.RECORDING and self._live_lately(now):
            until = now + RECORDING_SHARE * self._shape.final_bound_s
            if now + self._cost(kind, [head]) > until:
                return 0
        else:
            until = self._latest_end(kind, alike, ordered, now)
        most = min(len(alike), self._shape.windows_per_call)
        number = 1
        while number < most and now + self._cost(kind, alike[: number + 1]) <= until:
            number += 1
        return number

    def _latest_end(
        self, kind: Kind, alike: Sequence[Waiting], ordered: Sequence[Waiting], now: float
    ) -> float:
        """When the call must end so that every deadline that can be kept is kept.

        What can be kept: those of its own windows, and that of the first final of each other kind,
        which has to wait for the call to end. A deadline that is lost anyway limits nothing: then
        full calls are what shortens the queue.
        """
        most = self._shape.windows_per_call
        limits = [one.due for one in alike[:most] if now + self._cost(kind, [one]) <= one.due]
        if self._shape.calls == 1:
            soonest_end = now + self._cost(kind, alike[:1])
            for other in self._first_finals(ordered, kind):
                start_by = other.due - self._cost(self._kind(other.window), [other])
                if soonest_end <= start_by:
                    limits.append(start_by)
        return min(limits, default=math.inf)

    def _first_finals(self, ordered: Sequence[Waiting], but: Kind) -> list[Waiting]:
        first: dict[Kind, Waiting] = {}
        for one in ordered:
            if one.urgency is Urgency.FINAL and (kind := self._kind(one.window)) != but:
                first.setdefault(kind, one)
        return list(first.values())

    def _kind(self, window: CaptionWindow) -> Kind:
        return Kind(self._model_of(window), window.final, window.language, window.vocabulary)

    def _cost(self, kind: Kind, windows: Sequence[Waiting]) -> float:
        audio_s = sum(one.audio_s for one in windows)
        return self._costs.of(kind.model, final=kind.final).predict(audio_s)
