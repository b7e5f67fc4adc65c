"""An instruct model of `transformers` whose answers are held to a JSON Schema token by token.

The grammar is enforced by llguidance (github.com/guidance-ai/llguidance): at each step only tokens
that keep the answer within the schema can be chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import llguidance.hf
import llguidance.torch
import torch
import transformers
from llguidance import LLMatcher

from lessons.errors import InvalidInput
from models.summaries.model_files import load_model

FIELD = "summary_model"
EXAMPLE = "Qwen/Qwen2.5-7B-Instruct"
MOST_TOKENS = 2_500
"""Tokens of the longest answer; one that is cut off there is refused by whoever reads it."""


class LocalChatModel:
    """One model of `transformers`. One call at a time; greedy, so that it says the same again.

    Args:
        model: path of a folder, or hub id.
        most_tokens: of an answer.

    Raises:
        InvalidInput: no such model, or one whose tokenizer is not a fast one.
        Unavailable: it is not on disk and the hub cannot be reached.
    """

    def __init__(self, model: str, most_tokens: int = MOST_TOKENS) -> None:
        kind = transformers.AutoModelForCausalLM
        self._model, self._tokenizer, self._name = load_model(kind, model, FIELD, EXAMPLE)
        self._most_tokens = most_tokens
        self._vocabulary = int(self._model.get_output_embeddings().weight.shape[0])
        try:
            self._grammar = llguidance.hf.from_tokenizer(self._tokenizer, n_vocab=self._vocabulary)
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"The tokenizer of `{model}` cannot be held to a schema: {error}",
                field=FIELD,
                fix=f"Use a model with a fast tokenizer, such as {EXAMPLE}.",
            ) from error

    @property
    def name(self) -> str:
        """Hub id, or the name of its folder."""
        return self._name

    @property
    def version(self) -> str:
        """Of the library that runs it."""
        return f"transformers {transformers.__version__}"

    def answer(self, instruction: str, material: str, schema: Mapping[str, Any]) -> str:
        """Return the model's answer, JSON that the schema allows; cut off where it is too long."""
        inputs = self._prompt(instruction, material).to(self._model.device)
        held = _HeldToSchema(self._grammar, schema, self._tokenizer.eos_token_id)
        with torch.inference_mode():
            output = self._model.generate(
                **inputs,
                max_new_tokens=self._most_tokens,
                do_sample=False,
                logits_processor=transformers.LogitsProcessorList([held]),
                pad_token_id=self._tokenizer.eos_token_id,
            )
        said = output[0, inputs["input_ids"].shape[1] :]
        return str(self._tokenizer.decode(said, skip_special_tokens=True))

    def _prompt(self, instruction: str, material: str) -> Any:
        if not self._tokenizer.chat_template:
            return self._tokenizer(f"{instruction}\n\n{material}\n\n", return_tensors="pt")
        messages = [
            {"role": "system", "content": instruction},
            {"role": "user", "content": material},
        ]
        return self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )


class _HeldToSchema(transformers.LogitsProcessor):
    """Lets only those tokens through with which an answer stays within a schema."""

    def __init__(self, grammar: Any, schema: Mapping[str, Any], end: int) -> None:
        self._matcher = LLMatcher(
            grammar, LLMatcher.grammar_from_json_schema(json.dumps(dict(schema)))
        )
        self._end = end
        self._begun = False

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self._begun:
            self._matcher.consume_token(int(input_ids[0, -1]))
        self._begun = True
        if self._matcher.is_stopped():
            only_end = torch.full_like(scores, float("-inf"))
            only_end[:, self._end] = 0.0
            return only_end
        mask = llguidance.torch.allocate_token_bitmask(1, scores.shape[-1])
        llguidance.torch.fill_next_token_bitmask(self._matcher, mask, 0)
        llguidance.torch.apply_token_bitmask_inplace(scores, mask.to(scores.device))
        return scores
