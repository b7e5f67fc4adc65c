"""Translation by a sequence-to-sequence model of `transformers`: Marian, M2M100 or NLLB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import transformers

from lessons.errors import InvalidInput
from models.translation.interface import TranslationModel
from models.translation.languages import languages_of
from models.translation.loading import load_weights
from models.translation.selection import FIELD
from models.translation.sentences import sentences_of, sound

BATCH_SENTENCES = 32
"""Sentences of one pass through the model; those of like length go together."""

MOST_TIMES_MORE_TOKENS = 3
MARGIN_TOKENS = 16
"""A translation is cut off at so many times its original's tokens, and these."""


class TransformersEngine:
    """One model of `transformers`. One call at a time.

    Args:
        model: path of a folder, or hub id; see `load_weights`.

    Raises:
        InvalidInput: no such model, or one that does not tell its languages.
        Unavailable: it is not on disk and the hub cannot be reached.
    """

    def __init__(self, model: str) -> None:
        loaded = load_weights(model)
        self._model, self._tokenizer, self._device = loaded.model, loaded.tokenizer, loaded.device
        # Each call says how long a translation may get; one cut off there must not look whole.
        self._model.generation_config.max_length = None
        self._model.generation_config.forced_eos_token_id = None
        self._languages = languages_of(loaded.tokenizer, loaded.name)
        self._loaded = TranslationModel(
            model=loaded.name,
            version=f"transformers {transformers.__version__}",
            device=loaded.device,
            compute_type=loaded.compute_type,
            sources=tuple(self._languages.sources),
            targets=tuple(self._languages.targets),
        )

    @property
    def loaded(self) -> TranslationModel:
        """What this engine is."""
        return self._loaded

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Translate texts, sentence by sentence; a text that did not come out sound is empty.

        Raises:
            InvalidInput: the model does not offer this pair of languages.
        """
        if not self._loaded.offers(source, target):
            raise InvalidInput(
                f"{self._loaded.model} does not translate from {source!r} into {target!r}.",
                field=FIELD,
            )
        parts = [sentences_of(text) for text in texts]
        flat = sorted({sentence for part in parts for sentence in part}, key=len)
        found: dict[str, str] = {}
        for start in range(0, len(flat), BATCH_SENTENCES):
            batch = flat[start : start + BATCH_SENTENCES]
            found.update(zip(batch, self._batch(batch, source, target), strict=True))
        return [_whole([found[sentence] for sentence in part]) for part in parts]

    def _batch(self, sentences: list[str], source: str, target: str) -> list[str]:
        name = self._languages.targets[target]
        prefix, forced = (name, None) if self._languages.prefixed else ("", name)
        if forced is not None:
            self._tokenizer.src_lang = self._languages.sources[source]
        inputs = self._tokenizer(
            [prefix + sentence for sentence in sentences],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=self._model.config.max_position_embeddings,
        ).to(self._device)
        with torch.inference_mode():
            outputs = self._model.generate(
                **inputs,
                max_new_tokens=self._most_tokens(inputs["input_ids"].shape[1]),
                **({} if forced is None else {"forced_bos_token_id": self._token_of(forced)}),
            )
        # Past the decoder's first token, and that of the language where there is one: not every
        # version of the libraries knows these for special ones.
        outputs = outputs[:, 1 if forced is None else 2 :]
        texts = self._tokenizer.batch_decode(outputs, skip_special_tokens=True)
        return [
            sound(text, sentence) if self._tokenizer.eos_token_id in output else ""
            for text, sentence, output in zip(texts, sentences, outputs.tolist(), strict=True)
        ]

    def _most_tokens(self, longest: int) -> int:
        wanted = MOST_TIMES_MORE_TOKENS * longest + MARGIN_TOKENS
        return int(min(wanted, self._model.config.max_position_embeddings - 1))

    def _token_of(self, language: str) -> Any:
        """Return the id of the token that a translation into the language begins with."""
        by_code = getattr(self._tokenizer, "lang_code_to_id", None)
        return by_code[language] if by_code else self._tokenizer.convert_tokens_to_ids(language)


def _whole(sentences: list[str]) -> str:
    """Return the sentences as one text; empty where one is: a part must not pass for the whole."""
    return " ".join(sentences) if sentences and all(sentences) else ""
