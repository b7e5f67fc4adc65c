"""Which language one track is captioned in: as the lesson says, or as its first words tell.

A language that was detected is kept: one sentence in another language, or one that only sounds like
it, changes nothing; what goes on in another language does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from models.captions.interface import HeardLanguage


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """How much speech it takes; in milliseconds of speech, probabilities in 0..1.

    Attributes:
        settle_ms: speech in one language, more than in all others, before it is the track's.
        believed: probability from which a window counts while the track has no language.
        sure: probability from which a window speaks against the track's language.
        switch_ms: speech that has to speak against it without a break...
        switch_windows: ... in at least so many windows.
        shortest_ms: a shorter window tells nothing: a "yes" sounds like many languages.
    """

    settle_ms: float = 3000
    believed: float = 0.5
    sure: float = 0.8
    switch_ms: float = 8000
    switch_windows: int = 3
    shortest_ms: float = 1000


class TrackLanguage:
    """The language of one track.

    Args:
        fixed: ISO 639-1 code that the lesson names; None to go by what is heard.
        rules: how much it takes to decide and to change one's mind.
    """

    def __init__(self, fixed: str | None, rules: LanguageRules | None = None) -> None:
        self.detects = fixed is None
        self._rules = rules or LanguageRules()
        self._current = fixed
        self._heard_ms: Counter[str] = Counter()
        self._rival: str | None = None
        self._rival_ms = 0.0
        self._rival_windows = 0

    @property
    def current(self) -> str | None:
        """ISO 639-1 code of the track's language; None until it is known."""
        return self._current

    def hear(self, heard: HeardLanguage | None, speech_ms: float) -> None:
        """Take what the next utterance of the track sounds like; each of them once."""
        if not self.detects or heard is None or speech_ms < self._rules.shortest_ms:
            return
        if self._current is None:
            self._settle(heard, speech_ms)
        elif heard.code == self._current:
            self._rival = None
        elif heard.probability >= self._rules.sure:
            self._weigh(heard.code, speech_ms)

    def _settle(self, heard: HeardLanguage, speech_ms: float) -> None:
        if heard.probability < self._rules.believed:
            return
        self._heard_ms[heard.code] += round(speech_ms)
        most_ms = self._heard_ms[heard.code]
        if most_ms >= self._rules.settle_ms and 2 * most_ms > self._heard_ms.total():
            self._take(heard.code)

    def _weigh(self, rival: str, speech_ms: float) -> None:
        if rival != self._rival:
            self._rival, self._rival_ms, self._rival_windows = rival, 0.0, 0
        self._rival_ms += speech_ms
        self._rival_windows += 1
        sustained = self._rival_windows >= self._rules.switch_windows
        if sustained and self._rival_ms >= self._rules.switch_ms:
            self._take(rival)

    def _take(self, language: str) -> None:
        self._current, self._rival = language, None
        self._heard_ms.clear()
