"""What utterances show of where a part of a lesson ends and the next one begins."""

from features.segmentation.problem_fit import ProblemFit, WorksheetProblem
from features.segmentation.rows import FEATURES, row_features
from features.segmentation.spoken import Array, Spoken
from features.segmentation.tokens import content_words, tokens

__all__ = [
    "FEATURES",
    "Array",
    "ProblemFit",
    "Spoken",
    "WorksheetProblem",
    "content_words",
    "row_features",
    "tokens",
]
