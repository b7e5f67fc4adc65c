"""Following simulated lessons for the capacity benchmark: every learner, every window, once."""

from __future__ import annotations

from eval.engagement_capacity import follow, lessons_of
from features.engagement import FEATURES
from models.engagement.baseline import shipped_baseline


def test_all_learners_of_all_lessons_are_followed_window_by_window() -> None:
    lessons = lessons_of(9)
    following = follow(lessons, shipped_baseline(), ticks=4)
    assert len(following.tick_ms) == 4
    learners = sum(len(each.lesson.learners) for each in lessons)
    assert learners >= 9
    assert following.inputs.shape[1:] == (1, len(FEATURES))
    assert 0 < len(following.inputs) <= learners
    assert 0 < following.learner_windows <= 4 * learners
    for each in lessons:
        assert each.taken > 0
        assert each.taken == sum(
            arrival.arrived_ms < each.engagement.next_end_ms - 4_000
            for arrival in each.lesson.arrivals
        )


def test_judging_is_told_apart_from_features_and_model() -> None:
    following = follow(lessons_of(3), shipped_baseline(), ticks=3)
    alone = following.per_core(judging=False)
    assert alone >= following.per_core(judging=True) > 0
