from __future__ import annotations

import pytest

from features.segmentation.cues import CUES, cues_of


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Let's move on to the next question.", "goes on"),
        ("Does that make sense?", "asks whether it is clear"),
        ("We look at question 12 now", "names a number"),
        ("Okay, number 7.", "only a number"),
        ("Which of the following is true?", "reads a problem"),
        ("Does anyone want to try it?", "asks for somebody"),
        ("Thank you all, good luck!", "takes leave"),
        ("okay", "only opens"),
    ],
)
def test_a_tutor_s_words_hold_their_cue(text: str, cue: str) -> None:
    assert cues_of(text)[CUES.index(cue)] == 1


def test_a_silent_or_foreign_utterance_holds_none() -> None:
    assert cues_of("").sum() == 0
    assert cues_of("Wir rechnen jetzt weiter").sum() == 0
