"""Features of engagement: a lesson's events in, each learner's window of five seconds out."""

from features.engagement.catalogue import COLUMNS, FEATURES, Feature, Modality
from features.engagement.lesson import LessonFeatures
from features.engagement.questions import Question
from features.engagement.windows import WINDOW_MS, LearnerWindow

__all__ = [
    "COLUMNS",
    "FEATURES",
    "WINDOW_MS",
    "Feature",
    "LearnerWindow",
    "LessonFeatures",
    "Modality",
    "Question",
]
