"""What readers of partial captions go through: how soon words stand, and how often they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from eval.caption_replay import Replay
from lessons.events import CaptionFinal, PartialCaption
from models.captions.agreement import comparable


@dataclass(slots=True)
class Stability:
    """Sums over captions; add replays to it.

    Attributes:
        first_stable_ms: for each caption, from its first word's start to a stable word of it.
        word_stable_ms: for each word of the finals, from its end until it was stable or final.
        erased_words: words that were shown and taken away or changed by what was shown next.
        stable_words: words that were shown as stable before the final.
        contradicted_words: those of them that the final does not have.
        final_words: words of the finals.
    """

    first_stable_ms: list[float] = field(default_factory=list)
    word_stable_ms: list[float] = field(default_factory=list)
    erased_words: int = 0
    stable_words: int = 0
    contradicted_words: int = 0
    final_words: int = 0

    @property
    def normalised_erasure(self) -> float:
        """Erased words over words of the finals (Arivazhagan et al. 2020, arXiv 2004.03643)."""
        return self.erased_words / self.final_words

    @property
    def contradicted(self) -> float:
        """Share of the stable words that the final took back; 0 where none was stable."""
        return self.contradicted_words / self.stable_words if self.stable_words else 0.0

    def add(self, replay: Replay) -> None:
        """Take what the reader of one track saw."""
        shown: dict[str, list[tuple[float, PartialCaption]]] = defaultdict(list)
        for at_ms, partial in replay.partials:
            shown[partial.caption_id].append((at_ms, partial))
        begun = {partials[0][0]: partials[0][1] for partials in shown.values()}
        for final in replay.finals:
            partials = shown[final.caption_id]
            self._add_caption(final, partials)
            self.erased_words += _erased_words(final, partials, begun)

    def _add_caption(
        self, final: CaptionFinal, partials: Sequence[tuple[float, PartialCaption]]
    ) -> None:
        stable_at = _when_stable(partials)
        stable = _plain(partials[-1][1].stable_text) if partials else []
        said = _plain(final.text)
        kept = _matches(stable, said)
        final_ms = float(final.finalised_at_ms or 0)
        for place, word in enumerate(final.words):
            at_ms = stable_at[kept[place]] if place in kept else final_ms
            self.word_stable_ms.append(at_ms - word.end_ms)
        self.first_stable_ms.append(min([*stable_at, final_ms]) - final.words[0].start_ms)
        self.stable_words += len(stable)
        self.contradicted_words += len(stable) - len(kept)
        self.final_words += len(said)


def _erased_words(
    final: CaptionFinal,
    partials: Sequence[tuple[float, PartialCaption]],
    begun: Mapping[float, PartialCaption],
) -> int:
    """Return how many words of a caption were taken away or changed, from one sight to the next.

    Words that went over to a caption that began at that time, for the sentence was cut, are still
    there.
    """
    erased, before = 0, list[str]()
    for at_ms, partial in partials:
        after = _shown(partial)
        following = begun.get(at_ms)
        moved = following is not None and following.caption_id != partial.caption_id
        erased += _erased(before, [*after, *_shown(following)] if following and moved else after)
        before = after
    return erased + _erased(before, _plain(final.text))


def _shown(partial: PartialCaption) -> list[str]:
    return _plain(f"{partial.stable_text} {partial.unstable_text}")


def _when_stable(partials: Sequence[tuple[float, PartialCaption]]) -> list[float]:
    """Return when each stable word was first shown as stable, in the order of the words."""
    times: list[float] = []
    for at_ms, partial in partials:
        count = len(partial.stable_text.split())
        times += [at_ms] * (count - len(times))
    return times


def _matches(stable: Sequence[str], said: Sequence[str]) -> dict[int, int]:
    """Return the place among the stable words of each word of the final that was stable."""
    blocks = SequenceMatcher(None, stable, said, autojunk=False).get_matching_blocks()
    return {block.b + offset: block.a + offset for block in blocks for offset in range(block.size)}


def _erased(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many words from the first difference on were shown before."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    return len(before) - same


def _plain(text: str) -> list[str]:
    return [comparable(word) for word in text.split()]
