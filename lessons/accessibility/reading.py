"""How fast captions have to be read, cue by cue as they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from lessons.accessibility.histogram import quantile
from lessons.caption_formats import cues_of
from lessons.captions import Caption

CHILDREN_CHARACTERS_PER_SECOND = 17
ADULTS_CHARACTERS_PER_SECOND = 20
"""Limits for children's and adults' programmes (Netflix, English Timed Text Style Guide)."""

SCHOOL_WORDS_PER_MINUTE = 130
ADULTS_WORDS_PER_MINUTE = 160
"""Limits for lower-level educational media and for adults' special interests (DCMP Captioning Key).
Both are for captions that were edited to be read; people speak at 120 to 180."""


class ReadingRate(BaseModel):
    """Quantiles over cues; live captions pass as fast as people speak."""

    model_config = ConfigDict(frozen=True)

    cues: int
    words_per_minute_p50: float | None
    words_per_minute_p95: float | None
    characters_per_second_p50: float | None
    characters_per_second_p95: float | None
    share_above_17_cps: float | None = Field(description="Too fast for children")
    share_above_20_cps: float | None = Field(description="Too fast for most adults")


def reading_rate(captions: Iterable[Caption]) -> ReadingRate:
    """Return how fast the cues of these captions pass, as the files and the board show them."""
    characters: list[float] = []
    words: list[float] = []
    for caption in captions:
        for cue in cues_of(caption):
            text, seconds = " ".join(cue.lines), (cue.end_ms - cue.start_ms) / 1_000
            characters.append(len(text) / seconds)
            words.append(len(text.split()) * 60 / seconds)
    return ReadingRate(
        cues=len(words),
        words_per_minute_p50=_rounded(quantile(words, 0.5)),
        words_per_minute_p95=_rounded(quantile(words, 0.95)),
        characters_per_second_p50=_rounded(quantile(characters, 0.5)),
        characters_per_second_p95=_rounded(quantile(characters, 0.95)),
        share_above_17_cps=_share(characters, CHILDREN_CHARACTERS_PER_SECOND),
        share_above_20_cps=_share(characters, ADULTS_CHARACTERS_PER_SECOND),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(values: list[float], limit: float) -> float | None:
    return round(sum(value > limit for value in values) / len(values), 3) if values else None
