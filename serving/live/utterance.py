"""One utterance while it lasts: its caption's id, its revisions, and the words that are stable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lessons.identifiers import new_id
from models.captions.agreement import Agreement
from models.captions.interface import Word, WordTimes
from models.captions.streaming_policies import PolicyName, StreamingPolicy, policy_for


@dataclass(slots=True)
class Utterance:
    """An utterance as its readers have seen it so far.

    Attributes:
        policy_name: when a word of it counts as stable.
        caption_id: of its partials and its final.
        revision: number of the last thing that readers saw of it.
        shown: whether they saw anything.
    """

    policy_name: PolicyName
    caption_id: str = field(default_factory=lambda: new_id("cap"))
    revision: int = 0
    shown: bool = False
    _policy: StreamingPolicy | None = None

    def update(
        self, words: Sequence[Word], window_end_ms: float, word_times: WordTimes
    ) -> Agreement:
        """Take the newest hypothesis, on the lesson clock; return what to show."""
        if self._policy is None:
            self._policy = policy_for(self.policy_name, word_times)
        return self._policy.update(words, window_end_ms)

    def next_revision(self) -> int:
        """Number the next thing that readers see."""
        self.revision += 1
        return self.revision
