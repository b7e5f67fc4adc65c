"""Objectives: what a curriculum wants learnt, in which order, and how it is read from files."""

from lessons.objectives.case_import import read_case
from lessons.objectives.csv_import import read_csv
from lessons.objectives.drafts import CurriculumDraft, ObjectiveDraft
from lessons.objectives.prerequisites import refuse_cycles

__all__ = ["CurriculumDraft", "ObjectiveDraft", "read_case", "read_csv", "refuse_cycles"]
