"""Speech, noises and a small Whisper-shaped model, all made or read on the spot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from ctranslate2.converters.transformers import WhisperLoader
from faster_whisper.tokenizer import _LANGUAGE_CODES
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from media_ingest.frames import SAMPLE_RATE
from models.captions.pocketsphinx_engine import PocketsphinxEngine

SAMPLE_LESSON = Path(__file__).parents[4] / "serving" / "sample_lesson"
PHRASES = {"en": "the answer is seven", "es": "la respuesta es siete"}


@pytest.fixture(scope="session")
def tutor_turns() -> list[tuple[str, NDArray[np.float32]]]:
    """What the tutor of the sample lesson says: text and float32 samples of each turn."""
    script = json.loads((SAMPLE_LESSON / "script.json").read_text("utf-8"))
    track = _read_audio(SAMPLE_LESSON / "tutor.opus")
    per_ms = SAMPLE_RATE // 1000
    return [
        (
            turn["text"],
            track[max(turn["start_ms"] - 200, 0) * per_ms : turn["end_ms"] * per_ms + 3200],
        )
        for turn in script["turns"]
        if turn["speaker"] == "tutor"
    ]


@pytest.fixture(scope="session")
def speech(tutor_turns: list[tuple[str, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """One turn of the sample lesson's tutor, 3 to 8 s long."""
    return next(samples for _, samples in tutor_turns if 3 <= len(samples) / SAMPLE_RATE <= 8)


@pytest.fixture(scope="session")
def offline_engine() -> Iterator[PocketsphinxEngine]:
    engine = PocketsphinxEngine(processes=2)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def whisper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A multilingual CTranslate2 Whisper, 2 layers of 64, that says one phrase per language."""
    return _write_whisper(tmp_path_factory.mktemp("whisper-shaped"), fitting_steps=150)


@pytest.fixture(scope="session")
def unfitted_whisper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with random weights, which is sure of nothing."""
    return _write_whisper(tmp_path_factory.mktemp("whisper-random"), fitting_steps=0)


def _write_whisper(folder: Path, fitting_steps: int) -> Path:
    tokenizer = _whisper_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}))
    model = _random_model(tokenizer)
    if fitting_steps:
        _fit(model, tokenizer, fitting_steps)
    _convert(model, tokenizer, folder)
    return folder


def _read_audio(path: Path) -> NDArray[np.float32]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float32)


def _whisper_tokenizer() -> Tokenizer:
    """A tokenizer like Whisper's, but of 256 bytes and the words of the phrases alone."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [f"Ġ{word}" for phrase in PHRASES.values() for word in phrase.split()]
    # CTranslate2 takes a model for multilingual if its vocabulary has the empty token.
    vocabulary = {token: number for number, token in enumerate([*alphabet, *words, ""])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["endoftext", "startoftranscript", *_LANGUAGE_CODES, "translate", "transcribe"]
    special += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    special += [f"{step * 0.02:.2f}" for step in range(1501)]
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in special]
    )
    return tokenizer


def _random_model(tokenizer: Tokenizer) -> Any:
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(0)
    return WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=tokenizer.get_vocab_size(), d_model=64, encoder_layers=2, decoder_layers=2,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=128,
            decoder_ffn_dim=128, num_mel_bins=80, dropout=0.0,
            pad_token_id=0, bos_token_id=0, eos_token_id=0, decoder_start_token_id=0,
        )
    )  # fmt: skip


def _fit(model: Any, tokenizer: Tokenizer, steps: int) -> None:
    """Teach the decoder to say its language's phrase, whatever it hears; takes seconds.

    Asked to translate Spanish it says the English one, as a real model would.
    """
    import torch

    torch.set_num_threads(1)  # threads only wait for each other over so small a model
    rows = [_spoken(tokenizer, language, text) for language, text in PHRASES.items()]
    rows.append(_spoken(tokenizer, "es", PHRASES["en"], task="translate"))
    longest = max(map(len, rows))
    end = tokenizer.token_to_id("<|endoftext|>")
    tokens = torch.tensor([row + [end] * (longest + 1 - len(row)) for row in rows])
    with torch.no_grad():
        heard = model.model.encoder(torch.randn(1, 80, 3000)).last_hidden_state
    optimiser = torch.optim.Adam(model.model.decoder.parameters(), lr=5e-3)
    for _ in range(steps):
        hidden = model.model.decoder(
            input_ids=tokens[:, :-1], encoder_hidden_states=heard.expand(len(rows), -1, -1)
        ).last_hidden_state
        scores = model.proj_out(hidden)[:, 3:]
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), tokens[:, 4:].flatten())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert loss.item() < 0.1


def _spoken(tokenizer: Tokenizer, language: str, text: str, task: str = "transcribe") -> list[int]:
    prompt = ["startoftranscript", language, task, "notimestamps"]
    tokens = [f"<|{name}|>" for name in prompt] + [f"Ġ{word}" for word in text.split()]
    return [int(tokenizer.token_to_id(token) or 0) for token in tokens]


def _convert(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    loader = WhisperLoader()
    spec = loader.get_model_spec(model)
    size = tokenizer.get_vocab_size()
    spec.register_vocabulary([tokenizer.id_to_token(number) for number in range(size)])
    languages = [tokenizer.token_to_id(f"<|{code}|>") for code in _LANGUAGE_CODES]
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = languages
    spec.config.alignment_heads = [(1, 0), (1, 1)]
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
