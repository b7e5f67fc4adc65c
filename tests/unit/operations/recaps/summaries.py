"""A summary of a lesson with two learners, to make recaps of."""

from __future__ import annotations

from typing import Any

from lessons.summary import SummaryDocument, mention
from operations.recaps.discretion import Others
from operations.recaps.drafting import RecapSource

ADA, BEN, TUTOR = "par_ada", "par_ben", "par_tutor"
NAMES = {ADA: "Ada", BEN: "Ben Okafor", TUTOR: "Ms Hill"}
CITED = {"caption_ids": ["cap-1"], "start_ms": 61_000, "end_ms": 64_000}


def claim(claim_id: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    given = {"claim_id": claim_id, "kind": kind, "text": text, "citations": [CITED]}
    return {**given, "confidence": 0.87, **more}


def objective(code: str, title: str, spent_ms: int = 600_000) -> dict[str, Any]:
    return {
        "objective_id": code,
        "title": title,
        "time_spent_ms": spent_ms,
        "similarity": 0.7312,
        "how": "practised",
        "citations": [CITED],
    }


def moment(who: str, reason: str, code: str) -> dict[str, Any]:
    return {
        "moment_id": f"moment-{who}-{reason}",
        "participant_id": who,
        "reason": reason,
        "start_ms": 61_000,
        "end_ms": 64_000,
        "citations": [CITED],
        "objective_id": code,
        "misconception": "Adds the denominators.",
        "confidence": 0.6431,
    }


def summary(**changes: Any) -> SummaryDocument:
    """Return what an extractive writer might have written of a lesson on fractions."""
    ada, ben = mention(ADA), mention(BEN)
    learners = [
        {
            "participant_id": ADA,
            "observed": True,
            "talk_ms": 91_234,
            "answers_right": 3,
            "answers_wrong": 1,
            "claims": [
                claim("response-ada", "response", f"{ada} explained how to find it.", subject=ADA),
                claim("beside", "response", f"{ada} answered after {ben}.", subject=ADA),
                claim("count", "response", f"{ada} answered 3 of 4 tasks.", subject=ADA),
                claim(
                    "quote",
                    "response",
                    f"{ada} said “Okafor has it”.",
                    subject=ADA,
                    speaker=ADA,
                ),
            ],
            "moments": [moment(ADA, "repeated_error", "fractions.add")],
        },
        {
            "participant_id": BEN,
            "observed": True,
            "talk_ms": 4_000,
            "claims": [claim("response-ben", "response", f"{ben} gave a reason.", subject=BEN)],
        },
    ]
    document = {
        "summary_id": "sum_1",
        "lesson_id": "les_1",
        "version": 1,
        "objectives": [
            objective("fractions.add", "Add unlike fractions"),
            objective("fractions.compare", "Compare fractions", 300_000),
        ],
        "objective_claims": [
            claim("o-1", "objective_covered", "It was taught.", objective_id="fractions.add")
        ],
        "learners": learners,
        "reinforcement": [
            claim(
                "need-ben",
                "needs_reinforcement",
                f"{ben} needs more practice.",
                subject=BEN,
                objective_id="fractions.compare",
            ),
            claim(
                "need-ada",
                "needs_reinforcement",
                f"{ada} got it wrong twice (confidence 0.64).",
                subject=ADA,
                objective_id="fractions.add",
            ),
        ],
        "strong_moments": [
            claim("strong-ada", "strong_moment", f"{ada} found the mistake alone.", subject=ADA),
            claim("best", "strong_moment", f"{ada} was faster than the others.", subject=ADA),
            claim("strong-ben", "strong_moment", f"{ben} asked a good question.", subject=BEN),
            claim(
                "marked",
                "strong_moment",
                f"{ada} proved it.",
                subject=ADA,
                status="marked",
                reason="Not sure who spoke.",
            ),
        ],
        "homework": [claim("hw", "homework", "Worksheet 4, exercises 1 to 6.")],
        "writer": "extractive",
        "writer_version": "1",
        "models": {"talk-moves": "1"},
    }
    return SummaryDocument.model_validate({**document, **changes})


def source_of(document: SummaryDocument, who: str = ADA, title: str = "Fractions") -> RecapSource:
    """Return the source of a recap in which everybody else is another learner."""
    others = {one: name for one, name in NAMES.items() if one not in (who, TUTOR)}
    return RecapSource(document, who, title, Others(others, others.values()))
