"""What a summary adds to the learner's record: what was covered with whom, and who practised it.

It proves nothing of anybody's mastery: an outcome comes from an answer alone, never from a model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lessons.events import LearningEvent
from lessons.evidence import EvidenceDraft
from lessons.summary.document import LearnerSummary, SummaryDocument


def summary_evidence(
    document: SummaryDocument, event: LearningEvent, learners: Collection[str]
) -> Iterator[EvidenceDraft]:
    """Yield evidence of a summary as it stands, for those learners of whom something was seen.

    What somebody marked as covered has its own event, and is left to that.

    Args:
        event: the `summary.created` of the document's version, which the evidence names.
        learners: participant ids of the lesson's learners.
    """
    seen = [one for one in document.learners if one.observed and one.participant_id in learners]
    for objective in document.objectives:
        if objective.how == "marked":
            continue
        name = objective.objective_id
        for learner in seen:
            who = learner.participant_id
            response = f"summary/{name}"
            yield EvidenceDraft(who, name, "covered", response, event, detail=objective.how)
    for learner in seen:
        for name in _practised(learner):
            response = f"summary/{name}/practice"
            yield EvidenceDraft(
                learner.participant_id, name, "practice", response, event, detail="in the lesson"
            )


def _practised(learner: LearnerSummary) -> list[str]:
    """Return the objectives at which the learner did something, as sentences that hold tell."""
    answered = [
        claim.objective_id
        for claim in learner.claims
        if claim.kind == "response" and claim.status == "grounded"
    ]
    tried = [moment.objective_id for moment in learner.moments]
    return sorted({name for name in (*answered, *tried) if name is not None})
