"""A lesson's own words: which they are, how they rank, and what each was taken from."""

from lessons.vocabulary.material import Correction, Material
from lessons.vocabulary.ranking import Term, TermSource, ranked_terms

__all__ = ["Correction", "Material", "Term", "TermSource", "ranked_terms"]
