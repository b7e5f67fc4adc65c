"""The summary of a lesson: a typed document whose every sentence cites what shows it."""

from lessons.summary.claims import (
    Citation,
    Claim,
    ClaimKind,
    mention,
    named,
    quotes_in,
    text_beyond_quotes,
)
from lessons.summary.document import AddressedObjective as CoveredObjective
from lessons.summary.document import (
    ComprehensionMoment,
    Heard,
    LearnerSummary,
    MomentReason,
    PastReflection,
    Reflection,
    SegmentKind,
    SegmentSummary,
    SummaryDocument,
)
from lessons.summary.parts import PersonalPart, PlacedClaim, Section, assembled, parted

__all__ = [
    "Citation",
    "Claim",
    "ClaimKind",
    "ComprehensionMoment",
    "CoveredObjective",
    "Heard",
    "LearnerSummary",
    "MomentReason",
    "PastReflection",
    "PersonalPart",
    "PlacedClaim",
    "Reflection",
    "Section",
    "SegmentKind",
    "SegmentSummary",
    "SummaryDocument",
    "assembled",
    "mention",
    "named",
    "parted",
    "quotes_in",
    "text_beyond_quotes",
]
