"""Talk moves by rules that we wrote from the moves' published definitions, fitted on nothing.

After tables 1 and 2 of Suresh et al. 2022 (arXiv 2204.09652). No data of a licence that lets fitted
weights ship is labelled with these moves, so this is the default; docs/talk-moves.md says how often
it is right. Its chances are not calibrated: the move that a rule names has SURE of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from features.talk.overlap import overlap_named, words_of
from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, MoveProbabilities, Turn

SURE = 0.6
RESTATED = 0.85
"""Share of the tutor's words that are the learner's, from which on it is word for word."""

REVOICED = 0.4
"""Share of the tutor's words with content that are the learner's, from which on it is revoicing."""

FEWEST_REVOICED_WORDS = 5


class Rule(NamedTuple):
    """A move, and how turns that make it begin or what they hold."""

    move: str
    pattern: re.Pattern[str]


def _rule(move: str, *patterns: str) -> Rule:
    return Rule(move, re.compile("|".join(rf"\b(?:{each})\b" for each in patterns)))


TEACHER_RULES = (
    _rule(
        "pressing_for_reasoning",
        r"why (?:do|did|does|is|are|would|could|should|cant|not|was|were)",
        r"how (?:do|did|would|could|can) (?:you|we|i|he|she|they) (?:know|get|figure|prove|find)",
        r"explain|convince|prove|justify|tell (?:me|us) why|how come|what makes you",
        r"what (?:were|was|are) (?:you|your|he|she) (?:thinking|reason\w*)",
    ),
    _rule(
        "getting_students_to_relate",
        r"agree|disagree|in your own words|do it (?:a )?different\w*",
        r"(?:any|some)(?:one|body) (?:else )?(?:wants? to |can |like to |have )?(?:add|different)",
        r"what do (?:you|we|the rest of you) think (?:about|of)",
        r"any (?:comments?|other ideas)",
    ),
    _rule(
        "keeping_everyone_together",
        r"raise your hands?|turn and talk|turn to your|talk to your (?:partner|neighbou?r)",
        r"listen|eyes (?:on|up)|pay attention|can (?:everyone|everybody|you all) (?:see|hear)",
        r"what did (?:he|she|they|\w+) (?:just )?say",
        r"does (?:that|this|it) make sense|do you (?:understand|see)|everybody|everyone",
        r"did you (?:hear|get)|say (?:that|it) again|repeat (?:that|what)|your turn",
    ),
    _rule(
        "pressing_for_accuracy",
        r"(?:what|whats|which|how many|how much|how far|how long|how big) .+",
        r"(?:can|could|would) (?:you|someone|somebody|anyone|anybody) (?:tell|give|show|name|find)",
        r"(?:give me|tell me|show me|show us|tell us) .+",
        r"(?:is|are|does|do|did) (?:it|that|this|they|there|we) .*(?:equal|same|more|less|bigger)",
    ),
)
"""The first rule that a tutor's turn meets names its move."""

STUDENT_RULES = (
    _rule(
        "asking_for_more_information",
        r"i (?:dont|do not|didnt) (?:get|understand|know)|im confused",
        r"what do you mean|what does .+ mean",
        r"(?:can|could) you (?:repeat|say|explain|help)",
        r"do we|are we|should we|can we|how do (?:you|we|i)",
        r"what (?:is|are|do|does) (?:it|that|we|this)",
    ),
    _rule(
        "providing_evidence_or_reasoning",
        r"because|cause|so that|therefore|thats why|since|which means|if you|so if",
    ),
    _rule(
        "relating_to_another_student",
        r"i (?:agree|disagree)|(?:he|she|they) (?:said|did|got|meant|says)",
        r"(?:his|her|your|their) (?:answer|way|idea)",
        r"like (?:he|she|\w+) said|no it (?:isnt|doesnt)|thats wrong|youre (?:right|wrong)",
    ),
)
"""The first rule that a learner's turn meets names its move."""

_SHORT = frozenset(
    (
        "yes",
        "yeah",
        "yep",
        "no",
        "nope",
        "okay",
        "ok",
        "um",
        "uh",
        "oh",
        "mm",
        "hmm",
        "mhm",
        "huh",
        "hi",
        "hello",
        "thanks",
        "thank",
        "you",
        "sorry",
        "here",
        "me",
    )
)


class RuleMoves:
    """A `TalkMoveModel` of rules."""

    name = "talk-move-rules"
    version = "1"

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        """See `TalkMoveModel`."""
        return [_surely(turn, _move_of(turn)) for turn in turns]


def _surely(turn: Turn, move: str) -> MoveProbabilities:
    moves = TEACHER_MOVES if turn.role == "tutor" else STUDENT_MOVES
    rest = (1 - SURE) / (len(moves) - 1)
    return MoveProbabilities({each: SURE if each == move else rest for each in moves}, move)


def _move_of(turn: Turn) -> str:
    words = words_of(turn.text)
    if turn.role == "tutor":
        return _named(words, TEACHER_RULES) or _taken_up(turn, words) or "none"
    if set(words) <= _SHORT:
        return "none"
    if named := _named(words, STUDENT_RULES):
        return named
    answers = bool(turn.before) and turn.before[-1].role == "tutor"
    numbers = any(word.isdigit() for word in words)
    return "making_a_claim" if answers or numbers else "none"


def _named(words: list[str], rules: tuple[Rule, ...]) -> str | None:
    text = " ".join(words)
    return next((rule.move for rule in rules if rule.pattern.search(text)), None)


def _taken_up(turn: Turn, words: list[str]) -> str | None:
    """Return whether the tutor says again what the learner just said."""
    if not turn.before or turn.before[-1].role == "tutor" or set(words) <= _SHORT:
        return None
    shared = overlap_named(turn.before[-1].text, turn.text)
    if shared["second_in_first"] >= RESTATED:
        return "restating"
    if len(words) >= FEWEST_REVOICED_WORDS and shared["content_second_in_first"] >= REVOICED:
        return "revoicing"
    return None
