from __future__ import annotations

import numpy as np

from features.segmentation import FEATURES, row_features
from tests.tutoring_lessons import Said, made_up_lesson


def test_pauses_and_changes_of_speaker_are_read_off_the_neighbours() -> None:
    rows = row_features(
        [
            Said("So what is x?", 0, 2_000),
            Said("seven", 5_000, 6_000, "par_learner", "learner"),
            Said("Yes.", 5_500, 7_000),
        ]
    )
    column = {name: rows[:, place] for place, name in enumerate(FEATURES)}
    np.testing.assert_allclose(np.expm1(column["pause before"]), [0, 3, 0], atol=1e-5)
    np.testing.assert_allclose(np.expm1(column["pause after"]), [3, 0, 0], atol=1e-5)
    assert column["tutor speaks"].tolist() == [1, 0, 1]
    assert column["speaker changes"].tolist() == [0, 1, 1]


def test_rows_stay_as_they_are_when_the_lesson_goes_on() -> None:
    said = made_up_lesson().said
    whole = row_features(said)
    np.testing.assert_array_equal(row_features(said[:20])[:-1], whole[:19])
    later = row_features(said[9:], 9, said[0].start_ms)
    np.testing.assert_allclose(later[1:], whole[10:], atol=1e-6)


def test_an_empty_lesson_has_no_rows() -> None:
    assert row_features([]).shape == (0, len(FEATURES))
