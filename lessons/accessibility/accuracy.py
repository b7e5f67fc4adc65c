"""How far captions that people corrected were from what was said: a sample that they chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz.distance import Levenshtein

from lessons.accessibility.words_on_show import plain

NOTE = (
    "Of the captions that people chose to correct, which are more wrong than most: never the "
    "accuracy of the lesson."
)


class SampledAccuracy(BaseModel):
    """The engine's text against the corrected text, over the captions that were corrected."""

    model_config = ConfigDict(frozen=True)

    corrected_captions: int
    words: int = Field(description="Words of the corrected texts")
    errors: int = Field(description="Words put wrong, left out or put in by the engine")
    word_error_rate: float | None = Field(description="Errors over words; null without corrections")
    note: str = NOTE


def sampled_accuracy(pairs: Iterable[tuple[str, str]]) -> SampledAccuracy:
    """Return the word error rate over pairs of corrected text and the engine's.

    Capitals and punctuation do not count.
    """
    corrected = words = errors = 0
    for said, heard in pairs:
        reference = _words(said)
        corrected += 1
        words += len(reference)
        errors += Levenshtein.distance(reference, _words(heard))
    return SampledAccuracy(
        corrected_captions=corrected,
        words=words,
        errors=errors,
        word_error_rate=round(errors / words, 4) if words else None,
    )


def _words(text: str) -> Sequence[str]:
    return [plain(word) for word in text.split()]
