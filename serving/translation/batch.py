"""One batch through the translation models: the texts of all lessons, put together by languages."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

from models.translation.selection import TranslationModels
from serving.translation.wire import Original, Translation

logger = logging.getLogger(__name__)


def translate_batch(models: TranslationModels, originals: Sequence[Original]) -> list[Translation]:
    """Translate texts of any languages; one outcome each, in their order.

    A batch on which a model breaks costs its own texts their translations, and nothing else.
    """
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, original in enumerate(originals):
        places[original.source, original.target].append(place)
    outcomes: dict[int, Translation] = {}
    for (source, target), together in places.items():
        texts = [originals[place].text for place in together]
        translations = _of_pair(models, texts, source, target)
        outcomes.update(zip(together, translations, strict=True))
    return [outcomes[place] for place in range(len(originals))]


def _of_pair(
    models: TranslationModels, texts: list[str], source: str, target: str
) -> list[Translation]:
    engine = models.engine_for(source, target)
    if engine is None:
        return [Translation(outcome="not_offered")] * len(texts)
    model = engine.loaded.model
    try:
        translations = engine.translate(texts, source, target)
    except (RuntimeError, ValueError, IndexError) as error:  # PyTorch's, and the tokenizer's.
        logger.error("%s broke on %d texts: %s", model, len(texts), error)
        return [Translation(outcome="failed", model=model)] * len(texts)
    return [
        Translation(outcome="done" if text else "unsound", text=text, model=model)
        for text in translations
    ]
