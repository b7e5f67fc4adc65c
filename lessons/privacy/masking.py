"""Masking of captions by their tenant's rules: swear words and personal data become `***`.

It is done where what was said leaves the record for its readers (`lessons.store.event_rows`), never
where it comes in: the record keeps what was said, under its speaker's key.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from lessons.captions import Caption
from lessons.errors import InvalidInput
from lessons.events import CaptionCorrected, CaptionFinal, CaptionTranslated, PartialCaption
from lessons.privacy.personal_data import growing_spans, personal_spans
from lessons.privacy.profanity import ProfanityFinder
from lessons.privacy.spans import MASK, Span, behind_masks, masked_parts, masked_text
from lessons.tenants.settings import CaptionRules

MASKED_TYPES = frozenset({CaptionFinal.type, CaptionCorrected.type, CaptionTranslated.type})
"""Stored events whose text a tenant may have masked."""

LANGUAGES = ("en",)
"""Of corrections where the tenant names none."""


class Masking:
    """What one tenant has masked in its captions.

    Args:
        rules: as they are in force for it.
        languages: those that it teaches in, for corrections, which do not say theirs.
    """

    def __init__(self, rules: CaptionRules, languages: Sequence[str] = ()) -> None:
        self._rules = rules
        self._languages = languages or LANGUAGES
        self._profanity = ProfanityFinder(rules.masked_words)

    @property
    def is_on(self) -> bool:
        """Whether anything is masked at all."""
        return self._rules.mask_profanity or self._rules.mask_personal_data

    def of_event(self, data: BaseModel) -> BaseModel:
        """Return the data of a stored event as its tenant lets it be read."""
        if not self.is_on:
            return data
        if isinstance(data, CaptionFinal):
            return self._final(data)
        if isinstance(data, CaptionCorrected):
            return self._corrected(data)
        if isinstance(data, CaptionTranslated):
            return self._translated(data)
        return data

    def of_partial(self, partial: PartialCaption) -> PartialCaption:
        """Return a partial as it may be read: what may grow into personal data is masked too."""
        if not self.is_on:
            return partial
        parts = [partial.stable_text, partial.unstable_text]
        text = " ".join(parts)
        spans = self._spans(text, partial.language)
        if self._rules.mask_personal_data:
            spans += growing_spans(text)
        stable, unstable = masked_parts(parts, spans)
        return partial.model_copy(update={"stable_text": stable, "unstable_text": unstable})

    def of_caption(self, caption: Caption) -> str:
        """Return what readers see of a caption's text."""
        return masked_text(caption.text, self._spans_of(caption))

    def without_masks(self, text: str, caption: Caption) -> str:
        """Return a correction with those words of the caption that its `***` stand for.

        Whoever corrects a masked caption has its masks in the text, and they must not be what was
        said from then on. A correction without any says all of it.

        Raises:
            InvalidInput: some were taken out, so it cannot be told which words the others mean.
        """
        masks, hidden = text.count(MASK), behind_masks(caption.text, self._spans_of(caption))
        if masks == 0 or not hidden:
            return text
        if masks != len(hidden):
            raise InvalidInput(
                f"It has {masks} of the {len(hidden)} masks of the caption, and which words they "
                "stand for cannot be told.",
                field="text",
                fix="Keep every ***, or read what was said at GET .../captions/{id}/unmasked and "
                "send it as it should be.",
            )
        pieces = text.split(MASK)
        return "".join(piece + word for piece, word in zip(pieces, [*hidden, ""], strict=True))

    def _spans_of(self, caption: Caption) -> list[Span]:
        if not self.is_on:
            return []
        corrected = caption.corrected_by is not None
        return self._spans(caption.text, *(self._languages if corrected else [caption.language]))

    def _spans(self, text: str, *languages: str) -> list[Span]:
        spans: list[Span] = []
        if self._rules.mask_profanity:
            for language in languages:
                spans += self._profanity.spans(text, language)
        if self._rules.mask_personal_data:
            spans += personal_spans(text, self._rules.phone_region)
        return spans

    def _final(self, final: CaptionFinal) -> CaptionFinal:
        said = [word.text for word in final.words]
        shown = masked_parts(said, self._spans(" ".join(said), final.language))
        words = [
            word.model_copy(update={"text": text})
            for word, text in zip(final.words, shown, strict=True)
        ]
        text = masked_text(final.text, self._spans(final.text, final.language))
        return final.model_copy(update={"text": text, "words": words})

    def _corrected(self, correction: CaptionCorrected) -> CaptionCorrected:
        text = masked_text(correction.text, self._spans(correction.text, *self._languages))
        why = correction.reason or ""
        reason = masked_text(why, self._spans(why, *self._languages)) or None
        return correction.model_copy(update={"text": text, "reason": reason})

    def _translated(self, translation: CaptionTranslated) -> CaptionTranslated:
        """Mask what a translation still says; it was made of what readers might read then."""
        spans = self._spans(translation.text, translation.language)
        return translation.model_copy(update={"text": masked_text(translation.text, spans)})
