"""When a word of a growing utterance may be shown as stable: three policies behind one interface.

`auto` is what was measured to show words sooner: attention where the engine has it, which on
Whisper is a third less waiting for hardly more words taken back, and local agreement elsewhere.
`python -m eval.streaming_policies` measures all of them; the figures are in
docs/streaming-policies.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from models.captions.agreement import Agreement, LocalAgreement, words_after
from models.captions.interface import Word, WordTimes

PolicyName: TypeAlias = Literal["auto", "local-agreement", "attention-guided", "endpoint-only"]

ATTENTION_GUARD_MS = 500
"""How far from the end of the audio a stable word's attention must lie: 25 of Whisper's 20 ms
frames, the threshold that SimulStreaming uses as well."""


class StreamingPolicy(Protocol):
    """The words of one utterance, from hypotheses of its growing window; one for each utterance."""

    def update(self, words: Sequence[Word], window_end_ms: float) -> Agreement:
        """Take the newest hypothesis of the whole utterance so far; return what to show.

        Args:
            words: every word heard so far, from the utterance's first one.
            window_end_ms: where the audio of that hypothesis ends, on the words' clock.
        """
        ...


class AttentionGuided:
    """A word is stable once the decoder's attention for it lies away from the end of the audio.

    AlignAtt (Papi, Turchi and Negri 2023, arXiv 2305.11408; SimulStreaming): what is written while
    looking at the last frames may change with the next ones. Here attention is read from word times
    that were made of it, so this policy is for engines whose `word_times` are `cross-attention`.

    Args:
        guard_ms: how far from the end a word must end.
    """

    def __init__(self, guard_ms: float = ATTENTION_GUARD_MS) -> None:
        self._guard_ms = guard_ms
        self._stable: tuple[Word, ...] = ()

    def update(self, words: Sequence[Word], window_end_ms: float) -> Agreement:
        """Take the newest hypothesis of the whole utterance so far; return what to show."""
        following = words_after(self._stable, tuple(words))
        settled = 0
        while settled < len(following) and self._is_settled(following[settled], window_end_ms):
            settled += 1
        self._stable += following[:settled]
        return Agreement(self._stable, following[settled:])

    def _is_settled(self, word: Word, window_end_ms: float) -> bool:
        return word.end_ms <= window_end_ms - self._guard_ms


class EndpointOnly:
    """No word is stable before the utterance is over: for readers who want nothing taken back."""

    def update(self, words: Sequence[Word], window_end_ms: float) -> Agreement:  # noqa: ARG002
        """Take the newest hypothesis of the whole utterance so far; all of it may change."""
        return Agreement((), tuple(words))


def policy_for(name: PolicyName, word_times: WordTimes) -> StreamingPolicy:
    """Return a policy for one utterance of an engine with such word times.

    `auto` and `attention-guided` are local agreement for an engine without cross-attention.
    """
    if name == "endpoint-only":
        return EndpointOnly()
    if name != "local-agreement" and word_times == "cross-attention":
        return AttentionGuided()
    return LocalAgreement()
