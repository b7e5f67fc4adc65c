"""Small random models: they show that any answer keeps to its schema, and nothing of quality."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from lessons.errors import InvalidInput
from models.summaries.answer_schema import WrittenClaims, choice_schema, claims_schema
from models.summaries.local_model import LocalChatModel
from models.summaries.natural_language_inference import InferenceModel
from models.summaries.selection import choose_entailment, choose_writer

SHAPE: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 4096,
}


def byte_tokenizer() -> PreTrainedTokenizerFast:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(["<end>", "<pad>", *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token="<end>", pad_token="<pad>", unk_token="<end>"
    )


@pytest.fixture(scope="module")
def random_writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random") / "random-writer"
    tokenizer = byte_tokenizer()
    torch.manual_seed(3)
    config = LlamaConfig(vocab_size=len(tokenizer), eos_token_id=0, pad_token_id=1, **SHAPE)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def random_judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random") / "random-judge"
    tokenizer = byte_tokenizer()
    config = BertConfig(vocab_size=len(tokenizer), pad_token_id=1, **SHAPE)
    config.id2label = {0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}
    config.label2id = {name: place for place, name in config.id2label.items()}
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_whatever_a_model_wants_to_say_keeps_to_the_schema(random_writer: Path) -> None:
    model = LocalChatModel(str(random_writer), most_tokens=450)
    for lines in (["c1"], ["c1", "c2", "e3"]):
        schema = claims_schema(lines, ["T1", "L1"], most_claims=2, longest_text=12)
        said = model.answer("Write notes.", "c1 T1: Sugar is made in the leaves.", schema)
        jsonschema.validate(json.loads(said), schema)
        for claim in WrittenClaims.model_validate_json(said).claims:
            assert set(claim.cites) <= set(lines)
    choice = choice_schema(["n1", "n2"], 1)
    assert json.loads(model.answer("Choose.", "n1: a", choice))["keep"][0] in ("n1", "n2")
    assert model.name == "random-writer"


def test_a_model_says_the_same_again(random_writer: Path) -> None:
    model = LocalChatModel(str(random_writer), most_tokens=450)
    schema = claims_schema(["c1"], ["T1"], most_claims=1, longest_text=12)
    assert model.answer("a", "b", schema) == model.answer("a", "b", schema)


def test_an_inference_model_judges_by_its_own_labels(random_judge: Path) -> None:
    model = InferenceModel(str(random_judge))
    pairs = [("Sugar is made in the leaves.", "Sugar is made."), ("a", "b")] * 10
    judged = model.judge(pairs)
    assert len(judged) == len(pairs)
    for one in judged:
        assert 0 < one.entailed < 1
        assert 0 < one.contradicted < 1
    assert model.judge([]) == []
    assert model.name == "random-judge"


def test_settings_load_them(random_writer: Path, random_judge: Path) -> None:
    assert choose_writer(model=str(random_writer)).name == "random-writer"
    chosen = choose_entailment(str(random_judge))
    assert chosen is not None
    assert chosen.name == "random-judge"


def test_what_is_no_such_model_is_told_with_its_setting(random_judge: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        LocalChatModel(str(tmp_path / "nowhere"))
    assert caught.value.field == "summary_model"
    with pytest.raises(InvalidInput, match="does not hold"):
        LocalChatModel(str(tmp_path))
    config = json.loads((random_judge / "config.json").read_text("utf-8"))
    labels = ["entailment", "neutral", "other"]
    config["id2label"] = {str(number): label for number, label in enumerate(labels)}
    config["label2id"] = {label: number for number, label in enumerate(labels)}
    (random_judge / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(InvalidInput, match="contradict"):
        InferenceModel(str(random_judge))
