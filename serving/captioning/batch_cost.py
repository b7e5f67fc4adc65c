"""What a call of an engine costs, learnt from the calls that it has answered.

A call takes a fixed time and a time for each second of audio in it. Both are fitted by least
squares in which each older call counts a little less, so that the model follows an engine that gets
slower; what the fit errs by is added, so that a promise rests on the slower side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

KEPT_WEIGHT = 0.9
"""What an observation still counts for once the next one has come: ten of them matter."""
LEAST_VARIANCE = 1e-3
"""Weighted variance of the audio seconds below which fixed and growing cost are one."""


@dataclass(slots=True)
class CallCost:
    """Cost of calls of one kind: one model, one accuracy. All times in seconds."""

    _weight: float = 0.0
    _mean_audio: float = 0.0
    _mean_cost: float = 0.0
    _variance: float = 0.0
    _covariance: float = 0.0
    _error: float = 0.0

    @property
    def per_audio_second(self) -> float:
        """What one more second of audio adds to a call."""
        if self._variance >= LEAST_VARIANCE:
            slope = self._covariance / self._variance
            return min(max(slope, 0.0), self._dearest)
        return self._dearest

    @property
    def fixed(self) -> float:
        """What a call costs before any audio; 0 until calls of different lengths were seen."""
        return max(self._mean_cost - self.per_audio_second * self._mean_audio, 0.0)

    @property
    def _dearest(self) -> float:
        """The steepest cost: nothing of it is fixed."""
        return self._mean_cost / self._mean_audio if self._mean_audio > 0 else 0.0

    def predict(self, audio_s: float) -> float:
        """Return what a call with so much audio will take; 0 while none was seen."""
        return self.fixed + self.per_audio_second * audio_s + self._error

    def observe(self, audio_s: float, cost_s: float) -> None:
        """Learn from a call that was answered."""
        if self._weight:
            error = abs(self.predict(audio_s) - self._error - cost_s)
            self._error += (1 - KEPT_WEIGHT) * (error - self._error)
        kept = KEPT_WEIGHT * self._weight
        self._weight = kept + 1.0
        share, before = 1.0 / self._weight, kept / self._weight
        audio_off, cost_off = audio_s - self._mean_audio, cost_s - self._mean_cost
        self._mean_audio += share * audio_off
        self._mean_cost += share * cost_off
        self._variance = before * (self._variance + share * audio_off**2)
        self._covariance = before * (self._covariance + share * audio_off * cost_off)


@dataclass(slots=True)
class CostModel:
    """Costs of every kind of call, by the model that takes it and whether it makes finals."""

    _kinds: dict[tuple[str, bool], CallCost] = field(default_factory=dict)

    def of(self, model: str, *, final: bool) -> CallCost:
        """Return the cost of one kind of call."""
        return self._kinds.setdefault((model, final), CallCost())

    def observe(self, model: str, *, final: bool, audio_s: float, cost_s: float) -> None:
        """Learn from a call; one whose times are no numbers teaches nothing."""
        if math.isfinite(cost_s) and cost_s >= 0 and audio_s > 0:
            self.of(model, final=final).observe(audio_s, cost_s)
