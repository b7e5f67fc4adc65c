"""Sentences that an engine heard: how surely, and whether they say what was said.

It shows what the verifier's limit does, on sentences whether or not a summary quotes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from sklearn.metrics import roc_auc_score

from eval.data import Clip
from eval.faithfulness_curve import is_misquoted, means_something_else
from eval.heard_lessons import Hearing
from eval.word_error_rate import frames, utterances
from features.languages.language_words import words_of
from features.reading.parts import word_confidences
from models.captions.interface import CaptionEngine
from models.summaries.hearing import MISHEARD, misheard, words_heard
from models.summaries.quoting import LEAST_CONTENT, LEAST_WORDS
from models.summaries.tokens import content_of, sentences_in, tokens_of


@dataclass(frozen=True, slots=True)
class HeardSentence:
    """One sentence of a caption.

    Attributes:
        expected: how many of its words are expected to be wrong, by their confidence.
        confidence: mean of its words'.
        is_other: whether it means something else than was said.
        is_misquoted: whether any word of it is wrong.
    """

    expected: float
    confidence: float
    is_other: bool
    is_misquoted: bool

    @property
    def stands(self) -> bool:
        """Whether the verifier lets a quotation of it stand."""
        return self.expected <= MISHEARD


def sentences_of_lessons(hearing: Hearing) -> list[HeardSentence]:
    """Return the sentences of lessons that were heard, those that are long enough to quote."""
    return [
        sentence
        for lesson in hearing.lessons
        for heard, said in zip(lesson.heard.utterances, lesson.said.utterances, strict=True)
        for sentence in _sentences(heard.text, heard.confidences, said.text)
    ]


def sentences_of_clips(clips: Iterable[Clip], engine: CaptionEngine) -> list[HeardSentence]:
    """Let an engine hear clips; return their sentences."""
    return [
        sentence
        for clip in clips
        for heard in engine.transcribe(utterances(frames(clip), final=True))
        for sentence in _sentences(
            heard.text, word_confidences(heard.text, heard.words), clip.reference
        )
    ]


def _sentences(text: str, confidences: Sequence[float], said: str) -> Iterator[HeardSentence]:
    words = words_of("en")
    for sentence in sentences_in(text):
        tokens = tokens_of(sentence, words)
        heard = words_heard(sentence, text, confidences)
        if len(tokens) < LEAST_WORDS or len(content_of(tokens, words)) < LEAST_CONTENT or not heard:
            continue
        yield HeardSentence(
            expected=misheard(heard),
            confidence=fmean(word.confidence for word in heard),
            is_other=means_something_else(sentence, said),
            is_misquoted=is_misquoted(sentence, said),
        )


def described(sentences: Sequence[HeardSentence]) -> str:
    """Tell how many are wrong, how many stand, and how well confidence tells the wrong ones."""
    standing = [one for one in sentences if one.stands]
    wrong = [one.is_other for one in sentences]
    told = (
        f"{len(sentences)} sentences, of which {sum(wrong)} say something else; {len(standing)} "
        f"stand, of which {sum(one.is_other for one in standing)} say something else and "
        f"{sum(one.is_misquoted for one in standing)} have a word wrong"
    )
    if len(set(wrong)) < 2:
        return told
    expected = roc_auc_score(wrong, [one.expected for one in sentences])
    doubt = roc_auc_score(wrong, [1 - one.confidence for one in sentences])
    return f"{told}; AUC of the errors expected {expected:.2f}, of the mean confidence {doubt:.2f}"
