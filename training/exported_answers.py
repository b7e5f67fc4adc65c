"""Answers of real learners, from what `lectern export` wrote for one tenant."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lessons.errors import InvalidInput
from lessons.exports import open_export
from training.answer_sequences import Answers

MINIMUM_ANSWERS = 300
"""Answers on an objective below which its five parameters are not fitted."""

MINIMUM_LEARNERS = 30
MINIMUM_OBJECTIVES = 5

# First answers without help, as in the learner's record; see lessons/evidence.py.
_QUERY = """
    WITH usable AS (
        SELECT person_id, objective_id, epoch(occurred_at) / 86400 AS day,
            CAST(correct AS DOUBLE) AS outcome, event_id
        FROM answers
        WHERE attempt = 1 AND hints = 0 AND objective_id IS NOT NULL AND correct IS NOT NULL
    ), enough AS (
        SELECT objective_id FROM usable GROUP BY objective_id
        HAVING count(*) >= $answers AND count(DISTINCT person_id) >= $learners
    )
    SELECT dense_rank() OVER (ORDER BY person_id) - 1 AS learner,
        dense_rank() OVER (ORDER BY objective_id) - 1 AS objective, day, outcome
    FROM usable SEMI JOIN enough USING (objective_id)
    ORDER BY learner, objective, day, event_id
"""


def read_answers(folder: Path) -> Answers:
    """Return the answers of a tenant's export, on objectives that have enough of them.

    Args:
        folder: the tenant's, `<output>/tenant=<id>`.

    Raises:
        InvalidInput: there is no export, or it holds too little to fit on.
    """
    with open_export(folder) as connection:
        found = connection.execute(
            _QUERY, {"answers": MINIMUM_ANSWERS, "learners": MINIMUM_LEARNERS}
        ).fetchnumpy()
    answers = Answers(
        found["learner"].astype(np.int64),
        found["objective"].astype(np.int64),
        found["day"].astype(np.float64),
        found["outcome"].astype(np.float64),
    )
    objectives = len(np.unique(answers.objective))
    if objectives < MINIMUM_OBJECTIVES:
        raise InvalidInput(
            f"The export has {objectives} objectives with {MINIMUM_ANSWERS} first answers of "
            f"{MINIMUM_LEARNERS} learners; it takes {MINIMUM_OBJECTIVES} to fit on.",
            field="folder",
            fix="Export again when there are more answers; until then what ships serves.",
        )
    return answers
