"""A decoder whose lesson changes: the words so far go on until the new ones are loaded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE
from models.captions.pocketsphinx_decoding import DecodingJob, WindowDecoder

Turn = tuple[str, NDArray[np.float32]]

LESSON = ("HALVES", "numerator", "denominator")


def test_new_words_are_loaded_between_windows_and_a_phrase_comes_word_by_word(
    tutor_turns: list[Turn],
) -> None:
    said, turn = next(turn for turn in tutor_turns if "halves and thirds?" in turn[0])
    samples = turn[-3 * SAMPLE_RATE :]  # The last words of the turn.
    phrase = "HALVES AND Thirds"
    pcm = (samples * 32_767).astype("<i2").tobytes()
    decoder = WindowDecoder()

    def heard(vocabulary: tuple[str, ...]) -> str:
        words = decoder.decode(DecodingJob(pcm, False, vocabulary))
        times = [time for word in words for time in (word.start_ms, word.end_ms)]
        assert times == sorted(times)
        assert times[-1] <= 1000 * len(samples) // SAMPLE_RATE
        return " ".join(word.text for word in words)

    assert "HALVES" in heard(LESSON)
    assert not decoder.due, "with nothing to stand in, a lesson's first window waits"
    assert phrase not in heard((*LESSON, phrase))
    assert decoder.due
    decoder.load_due()
    assert not decoder.due
    assert phrase in heard((phrase, *LESSON)), said
    assert not decoder.due, "another order of the same words is the same vocabulary"
    assert "HALVES" not in heard(LESSON[1:]), "what only the stand-in knows is never shown"
    assert not decoder.due
    assert "HALVES" not in heard(())
