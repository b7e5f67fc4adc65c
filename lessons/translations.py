"""Captions in other languages: which translations a lesson lacks, and its transcript in one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from lessons.captions import CAPTION_TYPES, Caption
from lessons.events import (
    CaptionCorrected,
    CaptionFinal,
    CaptionTranslated,
    EventDraft,
    LearningEvent,
)
from lessons.takeovers import Takeovers

TRANSLATION_TYPES = (*CAPTION_TYPES, CaptionTranslated.type)
"""The types of events that tell which translations a lesson lacks."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a translation needs of a caption at its newest revision.

    Attributes:
        text: what readers may read of it; None once it is dealt with.
        said_at: when that revision was stored.
    """

    caption_id: str
    participant_id: str
    revision: int
    language: str
    engine: str
    start_ms: int
    text: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A translation that a lesson lacks."""

    caption: Spoken
    text: str
    target: str

    @property
    def key(self) -> tuple[str, int, str]:
        """Which translation it is."""
        return self.caption.caption_id, self.caption.revision, self.target

    def draft(self, translation: str, model: str) -> EventDraft:
        """Return the event, which has the same id whoever made it: it is stored once."""
        caption_id, revision, target = self.key
        data = CaptionTranslated(
            caption_id=caption_id,
            revision=revision,
            source_language=self.caption.language,
            language=target,
            text=translation,
            model=model,
        )
        subject = self.caption.participant_id
        return EventDraft(data, None, subject, id=f"evt_{caption_id}_{revision}_{target}")


class MissingTranslations:
    """The translations that a lesson lacks, as its events in ledger order tell of them.

    Once everything is dealt with, no words are kept here: they are personal data, and the person
    may be erased.

    Args:
        targets: languages that captions are translated into.
    """

    def __init__(self, targets: Collection[str]) -> None:
        self.targets = tuple(targets)
        self.sequence = 0
        self._captions: dict[str, Spoken] = {}
        self._open: dict[str, None] = {}
        self._dealt_with: dict[tuple[str, str], int] = {}
        self._takeovers = Takeovers()

    def follow(self, events: Iterable[LearningEvent]) -> Self:
        """Take the lesson's next events; other types than `TRANSLATION_TYPES` are passed over."""
        for event in events:
            self.sequence = event.ledgersequence
            data = event.data
            if isinstance(data, CaptionFinal):
                self._take(_spoken(data, event.time))
            elif isinstance(data, CaptionCorrected):
                self._correct(data, event.time)
            elif isinstance(data, CaptionTranslated):
                self._settle(data.caption_id, data.revision, data.language)
            self._takeovers.follow(event)
        return self

    def wanted(self) -> Iterator[Wanted]:
        """Yield what is lacking, newest first, so that a backlog keeps no live lesson waiting.

        What a captioner's words have superseded is not shown to anybody, so it is left out.
        """
        for caption_id in reversed(self._open):
            caption = self._captions[caption_id]
            if self._takeovers.supersedes(caption.engine, caption.start_ms):
                continue
            for target in self.targets:
                known = self._dealt_with.get((caption_id, target), 0)
                if target != caption.language and known < caption.revision and _has_words(caption):
                    yield Wanted(caption, caption.text or "", target)

    def give_up(self, wanted: Wanted) -> None:
        """Want a translation no more, because there will be none."""
        self._settle(*wanted.key)

    def forget_words(self) -> None:
        """Drop the words of everything so far: call it once nothing is wanted any more."""
        for caption_id in self._open:
            self._captions[caption_id] = replace(self._captions[caption_id], text=None)
        self._open.clear()

    def _take(self, caption: Spoken) -> None:
        self._captions[caption.caption_id] = caption
        self._open.pop(caption.caption_id, None)
        self._open[caption.caption_id] = None

    def _correct(self, correction: CaptionCorrected, at: datetime) -> None:
        caption = self._captions.get(correction.caption_id)
        if caption is not None and correction.revision >= caption.revision:
            self._take(
                replace(caption, revision=correction.revision, text=correction.text, said_at=at)
            )

    def _settle(self, caption_id: str, revision: int, target: str) -> None:
        key = (caption_id, target)
        self._dealt_with[key] = max(revision, self._dealt_with.get(key, 0))


class TranslatedCaption(Caption):
    """A caption as a reader of one language is shown it, with its original.

    `language` is that of `text`. Where there is no translation yet, `text` is the original,
    `translated_by` is null and `untranslated` is true.
    """

    original_text: str
    original_language: str
    translated_by: str | None = None
    untranslated: bool = False


def translated(
    captions: Iterable[Caption], translations: Iterable[CaptionTranslated], language: str
) -> list[TranslatedCaption]:
    """Return captions in a language: translated where that is known of their revision.

    Args:
        translations: of the same lesson, in ledger order, into any language.
    """
    known = {
        (one.caption_id, one.revision): one for one in translations if one.language == language
    }
    return [_in_language(one, known, language) for one in captions]


def languages_of(
    captions: Sequence[Caption], translations: Iterable[CaptionTranslated]
) -> set[str]:
    """Return the languages that at least one caption can be read in."""
    return {one.language for one in captions} | {one.language for one in translations}


def _in_language(
    caption: Caption, known: Mapping[tuple[str, int], CaptionTranslated], language: str
) -> TranslatedCaption:
    values = caption.model_dump() | {
        "original_text": caption.text,
        "original_language": caption.language,
        "untranslated": caption.language != language,
    }
    found = known.get((caption.caption_id, caption.revision))
    if found is not None and caption.language != language:
        values |= {"text": found.text, "language": language, "words": []}
        values |= {"translated_by": found.model, "untranslated": False}
    return TranslatedCaption.model_validate(values)


def _has_words(caption: Spoken) -> bool:
    """Tell whether there is anything to translate: all of it may be masked, or dealt with."""
    return any(map(str.isalnum, caption.text or ""))


def _spoken(final: CaptionFinal, at: datetime) -> Spoken:
    return Spoken(
        final.caption_id,
        final.participant_id,
        final.revision,
        final.language,
        final.engine,
        final.start_ms,
        final.text,
        at,
    )
