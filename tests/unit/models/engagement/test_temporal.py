"""The temporal model as it ships: causal, and the same by whole lessons as by windows."""

from __future__ import annotations

import numpy as np
import pytest

from features.engagement import COLUMNS, FEATURES, Modality
from models.engagement.selection import shipped_temporal
from models.engagement.states import STATES

MODEL = shipped_temporal()
WINDOWS = 60


def _lesson(seed: int = 1) -> np.ndarray:
    """Return values of a lesson, some of them missing here and there."""
    generator = np.random.default_rng(seed)
    values = generator.gamma(1.0, 20.0, (WINDOWS, len(FEATURES))).astype(np.float32)
    values[generator.random(values.shape) < 0.2] = np.nan
    values[:, COLUMNS["connected"]] = 1.0
    return values


def _window_by_window(values: np.ndarray) -> np.ndarray:
    """Return what a live lesson asks: the newest windows, NaN throughout before the first."""
    before = np.full((MODEL.history, len(FEATURES)), np.nan, np.float32)
    padded = np.concatenate([before, values])
    asked = [padded[end - MODEL.history : end] for end in range(MODEL.history + 1, len(padded) + 1)]
    return MODEL.probabilities(np.stack(asked))


def test_a_whole_lesson_at_once_tells_what_its_windows_tell_one_by_one() -> None:
    values = _lesson()
    assert MODEL.over_lesson(values) == pytest.approx(_window_by_window(values), abs=1e-4)


def test_what_comes_later_changes_nothing_before_it() -> None:
    values = _lesson()
    changed = values.copy()
    changed[40:] = _lesson(2)[40:]
    first, second = MODEL.over_lesson(values), MODEL.over_lesson(changed)
    assert first[:40] == pytest.approx(second[:40], abs=1e-5)
    assert not np.allclose(first[40:], second[40:], atol=1e-3)


@pytest.mark.parametrize("modality", [*Modality, None])
def test_whatever_is_missing_it_gives_probabilities(modality: Modality | None) -> None:
    values = _lesson()
    values[:, [modality in {None, each.modality} for each in FEATURES]] = np.nan
    chances = _window_by_window(values)
    assert chances.shape == (WINDOWS, len(STATES))
    assert np.isfinite(chances).all()
    assert chances.sum(axis=1) == pytest.approx(np.ones(WINDOWS), abs=1e-4)
