"""How cues of a lesson's talk sound, language by language: short lists, kept as data.

They find the plain cases. What they miss costs a summary a sentence, never adds one; a language
that is not here has no cues, so its summaries say less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CueLanguage:
    """Phrases of one language, as words in lower case without punctuation.

    Attributes:
        doubts: an answer with one of them is a guess, as its speaker says.
        hedges: an answer with one of them may be a guess.
        praise: openings or phrases that call an answer good.
        corrections: openings of a reply that an answer was not right.
        homework: phrases that set work for after the lesson.
        past: words that tell that the homework is one of before.
        reasons, procedures, choices: openings of questions for reasons, for ways, between options.
        facts: openings of questions for one fact.
        checks: questions whether all is well, which ask for nothing else.
        numbers: words of whole numbers; tens and units may follow each other.
        fractions: names of fractions' parts, singular and plural, by their denominator.
        operators: words of arithmetic between two numbers, by their sign.
    """

    doubts: tuple[str, ...]
    hedges: tuple[str, ...]
    praise: tuple[str, ...]
    corrections: tuple[str, ...]
    homework: tuple[str, ...]
    past: tuple[str, ...]
    reasons: tuple[str, ...]
    procedures: tuple[str, ...]
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    checks: tuple[str, ...]
    numbers: Mapping[str, int]
    fractions: Mapping[str, int]
    operators: Mapping[str, str]


_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_PARTS = (
    ("half halves", 2),
    ("third thirds", 3),
    ("quarter quarters fourth fourths", 4),
    ("fifth fifths", 5),
    ("sixth sixths", 6),
    ("seventh sevenths", 7),
    ("eighth eighths", 8),
    ("ninth ninths", 9),
    ("tenth tenths", 10),
    ("twelfth twelfths", 12),
    ("fifteenth fifteenths", 15),
    ("twentieth twentieths", 20),
    ("hundredth hundredths", 100),
)

ENGLISH_CUES = CueLanguage(
    doubts=(
        "i don't know",
        "i do not know",
        "i'm not sure",
        "i am not sure",
        "not sure",
        "no idea",
        "i have no idea",
        "i guess",
        "i'm guessing",
        "just a guess",
        "i forgot",
        "i can't remember",
        "i don't remember",
    ),
    hedges=(
        "maybe",
        "perhaps",
        "probably",
        "i think",
        "is it",
        "would it be",
        "could it be",
        "something like",
        "sort of",
        "kind of",
        "or something",
        "i suppose",
    ),
    praise=(
        "well done",
        "good job",
        "great job",
        "nice job",
        "nice work",
        "good work",
        "great work",
        "that's right",
        "that is right",
        "that's correct",
        "that is correct",
        "exactly",
        "perfect",
        "excellent",
        "correct",
        "very good",
        "good thinking",
        "great thinking",
        "spot on",
        "you got it",
        "brilliant",
    ),
    corrections=(
        "not quite",
        "not exactly",
        "not really",
        "no",
        "nope",
        "careful",
        "be careful",
        "almost",
        "close",
        "close but",
        "hmm not",
        "that's not right",
        "that is not right",
        "that isn't right",
        "that's not it",
        "are you sure",
        "check that again",
        "check again",
        "look again",
        "let's check",
        "let's look again",
        "try again",
        "have another look",
        "think again",
        "wait",
        "hold on",
    ),
    homework=(
        "for homework",
        "as homework",
        "your homework is",
        "your homework will be",
        "the homework is",
        "homework for",
        "at home",
        "before next time",
        "before next lesson",
        "before our next lesson",
        "before the next lesson",
        "by next time",
        "by next lesson",
        "by next week",
        "for next time",
        "for next lesson",
        "for next week",
        "until next time",
        "until next week",
    ),
    past=(
        "did you",
        "have you",
        "last time",
        "last week",
        "last lesson",
        "yesterday",
        "was your homework",
        "was the homework",
        "the homework was",
        "you did",
        "no homework",
    ),
    reasons=(
        "why",
        "how come",
        "how do you know",
        "how did you know",
        "how can you tell",
        "how would you explain",
        "what makes you",
        "can you explain",
        "could you explain",
        "explain",
        "what if",
        "what happens",
        "what would happen",
    ),
    procedures=(
        "how do",
        "how did",
        "how can",
        "how could",
        "how would",
        "how should",
        "what do we do",
        "what do you do",
        "what should we do",
        "what is the next step",
        "what's the next step",
        "what did you do",
    ),
    choices=("which", "is it more", "is it less"),
    facts=("what", "what's", "who", "where", "when", "how many", "how much", "how old", "how long"),
    checks=(
        "any questions",
        "does that make sense",
        "does it make sense",
        "is that clear",
        "is everything clear",
        "do you understand",
        "do you follow",
        "are you with me",
        "are we good",
        "ready",
        "are you ready",
        "anything else",
    ),
    numbers=MappingProxyType(
        {
            **{word: value for value, word in enumerate(_UNITS.split())},
            **{word: 10 * (value + 2) for value, word in enumerate(_TENS.split())},
        }
    ),
    fractions=MappingProxyType({word: value for words, value in _PARTS for word in words.split()}),
    operators=MappingProxyType(
        {
            "plus": "+",
            "add": "+",
            "+": "+",
            "minus": "-",
            "take away": "-",
            "-": "-",
            "−": "-",
            "times": "×",
            "multiplied by": "×",
            "×": "×",
            "*": "×",
        }
    ),
)

CUE_LANGUAGES: Mapping[str, CueLanguage] = MappingProxyType({"en": ENGLISH_CUES})
"""By ISO 639-1 code."""
