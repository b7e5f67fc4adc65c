"""What is counted of the partials that a reader saw: erasure, contradiction and waiting."""

from __future__ import annotations

import numpy as np
import pytest

from eval.caption_replay import SPEAKER, Replay
from eval.caption_stability import Stability
from lessons.events import CaptionFinal, PartialCaption
from media_ingest.frames import SpeechWindow
from models.captions.interface import Hypothesis, Word
from serving.live.caption_drafts import final_caption


def partial(caption: str, at_ms: float, stable: str, unstable: str) -> tuple[float, PartialCaption]:
    return at_ms, PartialCaption(
        caption_id=caption,
        track_id=SPEAKER.track_id,
        participant_id=SPEAKER.participant_id,
        participant_name=SPEAKER.name,
        role=SPEAKER.role,
        revision=1,
        start_ms=0,
        end_ms=round(at_ms),
        stable_text=stable,
        unstable_text=unstable,
        language="en",
    )


def final(caption: str, at_ms: float, text: str) -> CaptionFinal:
    words = tuple(
        Word(word, 300 * place, 300 * (place + 1), 0.9) for place, word in enumerate(text.split())
    )
    window = SpeechWindow(0, 0.0, np.zeros(16_000, np.float32), True, 300.0 * len(words))
    heard = Hypothesis("w", words, "en", "engine", "model")
    data = final_caption(SPEAKER, caption, 9, window, heard, at_ms).data
    assert isinstance(data, CaptionFinal)
    return data


def test_words_that_change_are_erased_and_stable_ones_that_do_are_contradicted() -> None:
    replay = Replay(
        [
            partial("a", 1000, "", "the cat"),
            partial("a", 2000, "the", "cap is"),
            partial("a", 3000, "the cap", "is"),
        ],
        [final("a", 4000, "the cat is")],
    )
    seen = Stability()
    seen.add(replay)
    assert seen.erased_words == 1 + 0 + 2
    assert seen.normalised_erasure == pytest.approx(1.0)
    assert (seen.stable_words, seen.contradicted_words) == (2, 1)
    assert seen.first_stable_ms == [2000]
    assert seen.word_stable_ms == [2000 - 300, 4000 - 600, 4000 - 900]


def test_words_that_go_over_to_the_next_caption_are_not_erased() -> None:
    replay = Replay(
        [
            partial("a", 1000, "one two", "three four"),
            partial("a", 2000, "one two", ""),
            partial("b", 2000, "", "three four"),
        ],
        [final("a", 3000, "one two"), final("b", 4000, "three four")],
    )
    seen = Stability()
    seen.add(replay)
    assert seen.erased_words == 0
