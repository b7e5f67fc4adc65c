"""Lexical entailment: whether each word and number of a claim is found in its evidence, and how.

Similarity of embeddings cannot tell a claim from its opposite; what has changed in a false claim is
one number, one name, one `not`, or the order of two things. So the claim's tokens are aligned with
those of the evidence (as in Sultan, Bethard and Sumner, "Back to Basics for Monolingual Alignment",
TACL 2014, by words alone), and what is left over is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.summaries.tokens import Token

TURNS_BACK = 2
SHARE_BACK = 0.25
"""How often, and in what share of steps, a claim goes back in its evidence if it swaps things."""

NEIGHBOURS = 1
"""How many places from a number its neighbours may be."""


ALIKE = 2
"""Words that a sentence has to share with a claim before their polarities are compared."""


@dataclass(frozen=True, slots=True)
class EvidenceToken:
    """A token of the evidence.

    Attributes:
        place: in the whole evidence, from 0.
        own: whether who the claim is about said or did it; False for what only stands around it.
        sentence: which sentence of the evidence it is in.
    """

    token: Token
    place: int
    own: bool
    sentence: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a claim lies on its evidence.

    Attributes:
        pairs: each token of the claim with the evidence's, where there is one.
    """

    pairs: Sequence[tuple[Token, EvidenceToken | None]]

    @property
    def missing(self) -> Sequence[Token]:
        """The claim's tokens that are nowhere in the evidence."""
        return [claimed for claimed, found in self.pairs if found is None]

    @property
    def coverage(self) -> float:
        """Share of the claim's tokens that are in the evidence; 1 for a claim without any."""
        return 1.0 - len(self.missing) / len(self.pairs) if self.pairs else 1.0

    @property
    def own(self) -> int:
        """How many tokens are in what the person of the claim said or did themselves."""
        return sum(found is not None and found.own for _, found in self.pairs)

    @property
    def flipped(self) -> Sequence[Token]:
        """The claim's tokens that are negated where the evidence's are not, or the other way."""
        return [
            claimed
            for claimed, found in self.pairs
            if found is not None and claimed.negated != found.token.negated
        ]

    @property
    def swapped(self) -> bool:
        """Whether things stand the other way round in the evidence.

        A clause that was moved goes back once; two things that were swapped go back twice, or take
        each other's neighbours.
        """
        places = [found.place for _, found in self.pairs if found is not None]
        steps = list(pairwise(places))
        back = sum(first > second for first, second in steps)
        if back >= TURNS_BACK and back >= SHARE_BACK * len(steps):
            return True
        return self._numbers_among_strangers >= TURNS_BACK

    @property
    def _numbers_among_strangers(self) -> int:
        """How many of the claim's numbers have lost all the words that stand next to them."""
        places = {claimed.key: found.place for claimed, found in self.pairs if found is not None}
        lost = 0
        for at, (claimed, found) in enumerate(self.pairs):
            beside = [token for token, _ in self.pairs[max(0, at - 1) : at + 2]]
            words = [
                places[token.key]
                for token in beside
                if token.number is None and token.key in places
            ]
            if claimed.number is not None and found is not None and words:
                lost += all(abs(place - found.place) > NEIGHBOURS for place in words)
        return lost


def align(claim: Sequence[Token], evidence: Sequence[EvidenceToken]) -> Alignment:
    """Find each token of a claim in the evidence.

    Where one is there several times, that with the same polarity is taken, then what the person
    of the claim said, then the next one behind the last that was found.
    """
    places: dict[str, list[EvidenceToken]] = {}
    for each in evidence:
        places.setdefault(each.token.key, []).append(each)
    last = -1
    pairs: list[tuple[Token, EvidenceToken | None]] = []
    used: set[int] = set()
    for claimed in claim:
        found = _best(claimed, places.get(claimed.key, []), last, used)
        if found is not None:
            last = found.place
            used.add(found.place)
        pairs.append((claimed, found))
    return Alignment(pairs)


def _best(
    claimed: Token, candidates: Sequence[EvidenceToken], last: int, used: set[int]
) -> EvidenceToken | None:
    def cost(candidate: EvidenceToken) -> tuple[bool, bool, bool, bool, int]:
        ahead = candidate.place - last
        return (
            claimed.negated != candidate.token.negated,
            not candidate.own,
            candidate.place in used,
            ahead <= 0,
            abs(ahead),
        )

    return min(candidates, key=cost, default=None)


def contradicts(claim: Sequence[Token], evidence: Sequence[EvidenceToken]) -> bool:
    """Tell whether the sentence of the evidence that is most like a claim has the other polarity.

    Args:
        claim: all of its words, those too that tell of a lesson (`makes`).
    """
    sentences: dict[int, list[EvidenceToken]] = {}
    for each in evidence:
        sentences.setdefault(each.sentence, []).append(each)
    best: tuple[int, bool] = (0, True)
    for sentence in sentences.values():
        there = {each.token.key for each in sentence}
        shared = [token for token in claim if token.key in there]
        keys = {token.key for token in shared}
        told = any(each.token.negated for each in sentence if each.token.key in keys)
        best = max(best, (len(keys), told == any(token.negated for token in shared)))
    return best[0] >= ALIKE and not best[1]
