"""Entailment judged by a model of natural language inference, by hub id or from a folder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import transformers

from lessons.errors import InvalidInput
from models.summaries.model_files import load_model
from models.summaries.verification import Entailment

FIELD = "summary_entailment_model"
EXAMPLE = "cross-encoder/nli-deberta-v3-small"
BATCH = 16
LONGEST_TOKENS = 512


class InferenceModel:
    """One model of `transformers` with labels for entailment and contradiction.

    Args:
        model: path of a folder, or hub id.

    Raises:
        InvalidInput: no such model, or one without those labels.
        Unavailable: it is not on disk and the hub cannot be reached.
    """

    def __init__(self, model: str) -> None:
        kind = transformers.AutoModelForSequenceClassification
        self._model, self._tokenizer, self._name = load_model(kind, model, FIELD, EXAMPLE)
        labels = {name.lower(): place for place, name in self._model.config.id2label.items()}
        self._entailed = _label(labels, "entail", model)
        self._contradicted = _label(labels, "contradict", model)

    @property
    def name(self) -> str:
        """Hub id, or the name of its folder."""
        return self._name

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """Judge pairs of evidence and claim, in batches; one judgement each, in their order."""
        found: list[Entailment] = []
        for start in range(0, len(pairs), BATCH):
            found += self._batch(pairs[start : start + BATCH])
        return found

    def _batch(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        inputs = self._tokenizer(
            [evidence for evidence, _ in pairs],
            [claim for _, claim in pairs],
            return_tensors="pt",
            padding=True,
            truncation="only_first",
            max_length=LONGEST_TOKENS,
        ).to(self._model.device)
        with torch.inference_mode():
            shares = self._model(**inputs).logits.float().softmax(-1).tolist()
        return [Entailment(row[self._entailed], row[self._contradicted]) for row in shares]


def _label(labels: dict[str, int], wanted: str, model: str) -> int:
    """Return the place of a label; `not_entailment` is none of entailment."""
    for name, place in labels.items():
        if name.startswith(wanted):
            return int(place)
    raise InvalidInput(
        f"`{model}` has no label for {wanted}ment: it has {', '.join(labels)}."
        if wanted == "entail"
        else f"`{model}` has no label for {wanted}ion: it has {', '.join(labels)}.",
        field=FIELD,
        fix=f"Use a model of natural language inference such as {EXAMPLE}.",
    )
