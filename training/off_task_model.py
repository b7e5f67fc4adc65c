"""Finds off-task minutes in a log: one model looks at spells, the next at minutes and their past.

Gradient boosting both times. The chance that a spell is off task is estimated from what was known
of it and its neighbours at the minute's end; the mean over the minute, its history and the other
learners' go into the minute's model. No learner is ever on both sides, in either model: the scores
that the minute's model is fitted on come from spell models that saw neither the learner nor anybody
of the fold that is measured. Sizes and rates were set beforehand and are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from features.engagement import COLUMNS
from training.activity_log import ActivityLog, Flags, Floats, Integers
from training.activity_minutes import Minutes, Pieces, cut_into_minutes
from training.score_history import score_history, score_of_others
from training.spell_features import Counts, is_before, piece_features, recent_features

FOLDS = 5
SEED = 20_261_126
KEPT_ON_TASK = 0.4
"""Share of on-task pieces that spell models are fitted on, weighted up again: it saves time."""

SHORTEST_S = 3.0
"""Shorter pieces are scored, but not fitted on: they hardly count in a minute and are many."""

SPELLS_BEFORE = 4
SEEDS_PER_MINUTE_MODEL = 2

OF_SPELLS: Mapping[str, float | None] = {
    "max_iter": 70,
    "learning_rate": 0.13,
    "max_leaf_nodes": 24,
    "min_samples_leaf": 40,
    "l2_regularization": 2.0,
    "max_features": 0.4,
    "max_bins": 64,
    "early_stopping": False,
    "random_state": 0,
}
OF_MINUTES: Mapping[str, float | None] = {
    **OF_SPELLS,
    "max_iter": 120,
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "l2_regularization": 5.0,
}
"""Settings of the two models; there are fewer minutes than spells."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "keys, clicks, wheel, movement": ("keys", "clicks", "wheel", "movement"),
    "idle time": ("idle",),
    "changes of window and how long one stayed": ("window", "focus_switches"),
    "own past": ("own past", "so far", "last 600"),
    "the other learners": ("others",),
    "the product's features": ("product",),
    "time in the lesson": ("time in lesson", "lesson_s", "since_joined"),
}
"""Groups of features by what their names contain, to leave out one at a time."""


@dataclass(frozen=True, slots=True)
class MinuteChances:
    """Each minute with the chance that a model which never saw its learner gave it."""

    minutes: Minutes
    chance: Floats


def folds_by_learner(learner: Integers) -> Integers:
    """Return the fold of each row, the same for all rows of a learner."""
    learners, number = np.unique(learner, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(learners))
    return (order % FOLDS)[number]


def off_task_chances(
    log: ActivityLog,
    counts: Counts,
    values: Floats | None = None,
    *,
    without: str | None = None,
    shuffled: bool = False,
) -> MinuteChances:
    """Return cross-fitted chances of all minutes.

    Args:
        values: the product's features, as `window_values` gives them; None: do without.
        without: a group of `GROUPS` to leave out.
        shuffled: fit on labels that were dealt out anew among spells and among minutes.
    """
    minutes, pieces = cut_into_minutes(log)
    generator = np.random.default_rng(SEED)
    off_task, minute_off_task = log.off_task[pieces.spell], minutes.off_task
    if shuffled:
        off_task = generator.permutation(log.off_task)[pieces.spell]
        minute_off_task = generator.permutation(minute_off_task)
    recent = recent_features(log, minutes, pieces, counts)
    of_pieces = piece_features(log, minutes, pieces, counts)
    scores = _out_of_fold(
        _kept(of_pieces | _around(minutes, pieces, recent), without),
        off_task,
        pieces.seconds,
        folds_by_learner(minutes.learner)[pieces.minute],
    )
    recent |= {f"longest: {name}": of[pieces.longest] for name, of in of_pieces.items()}
    if values is not None:
        recent |= {f"product: {name}": values[:, place] for name, place in COLUMNS.items()}
    known = [_of_minutes(minutes, pieces, score) | recent for score in scores]
    chance = _minute_chances(minutes, minute_off_task, [_kept(each, without) for each in known])
    return MinuteChances(minutes, chance)


def window_chances(minutes: Minutes, values: Floats) -> tuple[MinuteChances, MinuteChances]:
    """Return chances by the product's features alone: of one window, and with its past.

    Args:
        values: as `window_values` gives them.
    """
    values = values[:, ~np.isnan(values).all(axis=0)]
    fold = folds_by_learner(minutes.learner)
    scores = _out_of_fold(values, minutes.off_task, minutes.seen_s, fold)
    alone = np.choose(fold, scores)
    known = [np.column_stack([values, _kept(_past(minutes, score), None)]) for score in scores]
    return (
        MinuteChances(minutes, alone),
        MinuteChances(minutes, _minute_chances(minutes, minutes.off_task, known)),
    )


def boosted_chances(minutes: Minutes, features: Floats) -> MinuteChances:
    """Return cross-fitted chances by any features of minutes, fitted as they come.

    Args:
        features: shape (minutes, features).
    """
    fold = folds_by_learner(minutes.learner)
    chance = np.empty(len(fold))
    for held_out in range(FOLDS):
        fitted = fold != held_out
        model = _Boosted({"random_state": 0}, features[fitted], minutes.off_task[fitted])
        chance[~fitted] = model.chances(features[~fitted])
    return MinuteChances(minutes, chance)


class _Boosted:
    """Gradient boosting on what is ever known of the rows that it is fitted on."""

    def __init__(
        self,
        settings: Mapping[str, float | None],
        features: Floats,
        off_task: Flags,
        weight: Floats | None = None,
    ) -> None:
        self._known = ~np.isnan(features).all(axis=0)
        self._model = HistGradientBoostingClassifier(**settings)
        self._model.fit(features[:, self._known], off_task, weight)

    def chances(self, features: Floats) -> Floats:
        """Return the chance that each row is off task."""
        chances: Floats = self._model.predict_proba(features[:, self._known])[:, 1]
        return chances


def _out_of_fold(
    features: Floats, off_task: Flags, seconds: Floats, fold: Integers
) -> list[Floats]:
    """Return for each held-out fold the scores of all rows, by models that saw neither fold."""
    kept = off_task | (np.random.default_rng(SEED).random(len(fold)) < KEPT_ON_TASK)
    kept &= seconds >= SHORTEST_S
    weight = np.sqrt(seconds) * np.where(off_task, 1.0, 1.0 / KEPT_ON_TASK)
    scores = [np.zeros(len(fold)) for _ in range(FOLDS)]
    for one, other in combinations(range(FOLDS), 2):
        fitted = kept & (fold != one) & (fold != other)
        model = _Boosted(OF_SPELLS, features[fitted], off_task[fitted], weight[fitted])
        for held_out, trained in ((one, other), (other, one)):
            here, there = fold == held_out, fold == trained
            scores[held_out][there] = model.chances(features[there])
            # Every pair that leaves this fold out has its say on it.
            scores[held_out][here] += model.chances(features[here]) / (FOLDS - 1)
    return scores


def _minute_chances(minutes: Minutes, off_task: Flags, features: Sequence[Floats]) -> Floats:
    """Return each minute's chance; the features to use where a fold is held out come by fold."""
    fold = folds_by_learner(minutes.learner)
    chance = np.empty(len(fold))
    for held_out, known in enumerate(features):
        fitted = fold != held_out
        chance[~fitted] = _minute_model(known[fitted], off_task[fitted], known[~fitted])
    return chance


def _minute_model(features: Floats, off_task: Flags, asked: Floats) -> Floats:
    chance = np.zeros(len(asked))
    for seed in range(SEEDS_PER_MINUTE_MODEL):
        model = _Boosted({**OF_MINUTES, "random_state": seed}, features, off_task)
        chance += model.chances(asked) / SEEDS_PER_MINUTE_MODEL
    return chance


def _around(minutes: Minutes, pieces: Pieces, recent: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what of the time before is told of every piece."""
    columns = {
        name: values[pieces.minute]
        for name, values in recent.items()
        if not name.endswith(("last 60 s", "last 600 s"))
    }
    columns["time in lesson"] = (minutes.end_s - minutes.began_s)[pieces.minute]
    return columns


def _of_minutes(minutes: Minutes, pieces: Pieces, score: Floats) -> dict[str, Floats]:
    mean = pieces.mean(score)
    count = np.bincount(pieces.minute)
    highest = np.zeros(len(mean))
    np.maximum.at(highest, pieces.minute, score)
    longest = np.zeros(len(mean))
    np.maximum.at(longest, pieces.minute, pieces.seconds)
    last = np.zeros(len(mean), np.int64)
    last[pieces.minute] = np.arange(len(score))
    return {
        "score: highest": highest,
        "score: at the end": score[last],
        **_scores_before(minutes, pieces, score, last),
        "window: seconds of the last": pieces.seconds[last],
        "window: seconds of the longest": longest,
        "window: how many": count.astype(np.float64),
        "window: seconds seen": minutes.seen_s,
        "time in lesson": minutes.end_s - minutes.began_s,
        **_past(minutes, mean),
    }


def _scores_before(
    minutes: Minutes, pieces: Pieces, score: Floats, last: Integers
) -> dict[str, Floats]:
    """Return the scores of spells before the last: people go back to the window they came from."""
    columns: dict[str, Floats] = {}
    place, there = last, np.ones(len(last), np.bool_)
    for number in range(1, SPELLS_BEFORE + 1):
        place = pieces.first[place] - 1
        there &= is_before(minutes, pieces, place, last)
        columns[f"score: {number} before"] = np.where(there, score[place], np.nan)
    return columns


def _past(minutes: Minutes, score: Floats) -> dict[str, Floats]:
    return {
        "score: mean": score,
        **score_history(minutes, score),
        **score_of_others(minutes, score),
    }


def _kept(columns: Mapping[str, Floats], without: str | None) -> Floats:
    """Return columns side by side, shape (rows, columns), but for those of a group."""
    left_out = GROUPS[without] if without else ()
    return np.column_stack(
        [values for name, values in columns.items() if not any(part in name for part in left_out)]
    ).astype(np.float32)
