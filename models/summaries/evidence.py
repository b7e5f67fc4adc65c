"""What a claim's citations say: whose words they are, and what of them shows that it was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.languages.language_words import LanguageWords
from lessons.summary import ClaimKind
from models.summaries.alignment import EvidenceToken
from models.summaries.claim_reading import ReadClaim
from models.summaries.record import Item, LessonRecord
from models.summaries.tokens import Token, sentences_in, telling_of, tokens_of

DONE: frozenset[ClaimKind] = frozenset(
    {"objective_covered", "taught", "response", "strong_moment", "needs_reinforcement"}
)
"""Kinds that tell of what happened; what was only planned is no evidence of them."""

CONTEXT = 3
"""Captions before a learner's that its pronouns and short answers live by."""

NOT_DONE = frozenset({"skipped", "postponed"})


@dataclass(frozen=True)
class Evidence:
    """A claim's evidence.

    Attributes:
        cited: what it cites, as far as that exists.
        unknown: ids that it cites and that do not exist.
        own: what of it is by the person or role whom the claim is about; all where it names none.
    """

    read: ReadClaim
    record: LessonRecord
    words: LanguageWords
    cited: Sequence[Item]
    unknown: Sequence[str]
    own: Sequence[Item]

    @cached_property
    def tokens(self) -> Sequence[EvidenceToken]:
        """The words of meaning in it: the person's own first, then what stands around them."""
        return list(self._tokens())

    @cached_property
    def usable(self) -> bool:
        """Whether anything of the person's own is left without what was only planned."""
        return any(
            item.outcome not in NOT_DONE if item.kind != "caption" else any(self._sentences(item))
            for item in self.own
        ) or (self.read.claim.kind not in DONE)

    @cached_property
    def text(self) -> str:
        """The evidence as one text, for a model that reads."""
        return " ".join(sentence for item, _ in self._items() for sentence in self._sentences(item))

    def says(self, kind: str) -> bool:
        """Tell whether a cue of that kind is in what is cited."""
        return any(self.words.cues[kind].found_in(item.text) for item in self.cited)

    def sentences_with(self, item: Item) -> Sequence[str]:
        """Return the sentences of an item that show what the claim's kind needs."""
        return list(self._sentences(item))

    def _tokens(self) -> Iterator[EvidenceToken]:
        place = sentences = 0
        for item, own in self._items():
            for sentence in self._sentences(item):
                for token in self._tokens_of(sentence):
                    yield EvidenceToken(token, place, own, sentences)
                    place += 1
                sentences += 1

    def _tokens_of(self, sentence: str) -> Iterator[Token]:
        yield from telling_of(tokens_of(sentence, self.words), self.words)

    def _items(self) -> Iterator[tuple[Item, bool]]:
        """Give what is cited, and what came before a learner's words, which answers live by."""
        own = {item.item_id for item in self.own}
        seen = set(own)
        yield from ((item, True) for item in self.own)
        for item in self.cited:
            around = [item]
            if item.kind == "caption" and item.role == "learner":
                around = [*self.record.before(item, CONTEXT), item]
            for other in around:
                if other.item_id not in seen:
                    seen.add(other.item_id)
                    yield other, False

    def _sentences(self, item: Item) -> Iterator[str]:
        if self.read.claim.kind in DONE and item.outcome in NOT_DONE:
            return
        for sentence in sentences_in(item.text):
            if not self._only_planned(item, sentence):
                yield sentence

    def _only_planned(self, item: Item, sentence: str) -> bool:
        """Tell whether a tutor only announces, leaves out or supposes here."""
        if self.read.claim.kind not in DONE or item.kind != "caption" or item.role == "learner":
            return False
        cues = self.words.cues
        return any(cues[kind].found_in(sentence) for kind in ("plans", "omissions", "unreal"))


def evidence_of(read: ReadClaim, record: LessonRecord, words: LanguageWords) -> Evidence:
    """Look up what a claim cites."""
    cited = [record.items[cite] for cite in read.claim.cites if cite in record.items]
    return Evidence(
        read=read,
        record=record,
        words=words,
        cited=cited,
        unknown=[cite for cite in read.claim.cites if cite not in record.items],
        own=[item for item in cited if _is_own(item, read)],
    )


def _is_own(item: Item, read: ReadClaim) -> bool:
    if read.agent is not None:
        return item.participant_id == read.agent
    if read.role is not None and item.kind == "caption":
        return item.role == read.role
    return True
