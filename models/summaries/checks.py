"""The checks that a claim has to pass, each of one way in which claims go wrong.

What changes in a false claim is seldom its topic: it is a number, a name, who said it, a `not`, or
that it was planned and never done. Each check reads one of them off the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from features.languages.asking import may_ask
from features.languages.language_words import LanguageWords
from lessons.affect import affect_label_in
from lessons.summary import text_beyond_quotes
from models.summaries.arithmetic import numbers_in
from models.summaries.correctness import correctness_of
from models.summaries.evidence import Evidence
from models.summaries.hearing import MISHEARD, HeardWord, doubted, misheard, words_heard
from models.summaries.homework import sets_homework
from models.summaries.record import Item, LessonRecord
from models.summaries.tokens import is_said_in, sentences_in

REPLIES = 3
REPLY_WITHIN_MS = 20_000
"""Within how many captions, and how soon, somebody answers a question or does not."""

GUESSED = 0.5
WELL_HEARD = 0.9
"""Confidence of what was heard below which a sentence on it is dropped, or marked.

The second is for what is told in other words; of a quotation its own words are looked at.
"""

Severity = Literal["drop", "mark"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a claim.

    Attributes:
        severity: `drop`: it is not said; `mark`: it is said, and a person should check it.
        check: which check found it.
        reason: in a sentence.
    """

    severity: Severity
    check: str
    reason: str


Check = Callable[[Evidence], Iterator[Finding]]


def cites_exist(evidence: Evidence) -> Iterator[Finding]:
    """Everything that is cited exists, and something is cited."""
    if evidence.unknown:
        yield _drop("citations", f"It cites {evidence.unknown[0]}, which is not in the lesson.")
    if not evidence.cited:
        yield _drop("citations", "It cites nothing.")


def people_exist(evidence: Evidence) -> Iterator[Finding]:
    """Whoever it is about was in the lesson, and its text names nobody else first."""
    read, people = evidence.read, evidence.record.people
    if read.strangers:
        yield _drop("names", f"Nobody called {read.strangers[0]} was in the lesson.")
    if any(person not in people for person in read.named):
        yield _drop("names", "Somebody whom it mentions was not in the lesson.")
    subject = read.claim.subject
    if subject is None:
        return
    if subject not in people:
        yield _drop("names", "Whom it is about was not in the lesson.")
    elif read.named and subject not in read.named:
        yield _drop("names", f"It is about {people[subject].name} and names somebody else.")


def speaker_is_right(evidence: Evidence) -> Iterator[Finding]:
    """What it says of somebody is what that person said or did, in the role that it says."""
    read = evidence.read
    if not evidence.own:
        who = evidence.record.people.get(read.agent or "")
        name = who.name if who else f"the {read.role}"
        yield _drop("speaker", f"What it cites was not said or done by {name}.")
    about = evidence.record.people.get(read.agent or "")
    if about and read.role and not read.named and about.role != read.role:
        yield _drop("role", f"Whom it is about is not a {read.role}.")
    if read.claim.kind in ("taught", "homework", "next_step") and not _by_tutor(evidence.cited):
        yield _drop("role", "Nobody who teaches said or did what it cites.")


def quotes_are_verbatim(evidence: Evidence) -> Iterator[Finding]:
    """What stands between quotation marks was said so, by whom it names, or is a title."""
    titles = _titles(evidence)
    for quote in evidence.read.quotes:
        if quote in titles:
            continue
        words = evidence.words
        if not any(is_said_in(quote, item.text, words) for item in evidence.own):
            yield _drop("quote", f"Nobody said “{quote}” where it cites.")
        elif not any(
            is_said_in(quote, " ".join(evidence.sentences_with(item)), words)
            for item in evidence.own
        ):
            yield _drop("planned", f"“{quote}” was only planned, left out or supposed.")


def was_heard(evidence: Evidence) -> Iterator[Finding]:
    """What it rests on was heard well enough: a sentence on guesses is a guess."""
    heard = [item.confidence for item in evidence.own if item.confidence is not None]
    if not heard:
        return
    if evidence.record.misheard:
        yield _drop("heard", "Too many of the lesson's words were misheard to quote it.")
        return
    # A caption that seems sure is less so where the rest of the lesson was heard badly.
    sure = (min(heard) + evidence.record.mean_confidence) / 2
    quoted = _quoted_as_heard(evidence)
    if sure < GUESSED:
        yield _drop("heard", "What it cites was hardly heard.")
    elif quoted:
        yield from (_doubt(words) for words in quoted if misheard(words) > MISHEARD)
    elif sure < WELL_HEARD:
        yield _mark("heard", f"It was heard with a confidence of {min(heard):.0%} only.")


def _doubt(words: Sequence[HeardWord]) -> Finding:
    unsure = doubted(words)
    told = ", ".join(unsure) if 2 * len(unsure) <= len(words) else "most of it"
    return _mark("heard", f"It may have been heard wrong: {told}.")


def _quoted_as_heard(evidence: Evidence) -> list[list[HeardWord]]:
    """Return the words of each quotation that come from a caption whose words were rated."""
    found = []
    for quote in evidence.read.quotes:
        heard = [words_heard(quote, item.text, item.confidences) for item in evidence.own]
        known = [words for words in heard if words]
        if known:
            found.append(min(known, key=misheard))
    return found


def was_done(evidence: Evidence) -> Iterator[Finding]:
    """What is told as done was not only planned, left out or put off."""
    if evidence.own and not evidence.usable:
        yield _drop("planned", "What it cites was only planned, left out or supposed.")


def is_homework(evidence: Evidence) -> Iterator[Finding]:
    """What is told as homework was given as homework."""
    if evidence.read.claim.kind != "homework":
        return
    if any(item.kind == "homework" for item in evidence.cited):
        return
    if not any(sets_homework(item.text, evidence.words) for item in evidence.cited):
        yield _drop("homework", "What it cites was not given as homework.")


def is_ahead(evidence: Evidence) -> Iterator[Finding]:
    """What is told as a next step was said or set to be one."""
    if evidence.read.claim.kind != "next_step":
        return
    planned = any(item.kind in ("plan", "homework", "answer") for item in evidence.cited)
    if not planned and not any(evidence.says(kind) for kind in ("plans", "omissions", "homework")):
        yield _mark("planned", "Nobody in the lesson said that this comes next.")


def counts_are_right(evidence: Evidence) -> Iterator[Finding]:
    """`3 of 4 right` is what the cited answers come to."""
    answers = [item for item in evidence.own if item.kind == "answer"]
    read = evidence.read
    if not answers or not (read.rightly or read.wrongly or len(read.numbers) > 1):
        return
    if read.rightly and read.wrongly:
        yield from _wrong_then_right(answers)
        return
    right = sum(item.correct is True for item in answers)
    wrong = sum(item.correct is False for item in answers)
    told = wrong if read.wrongly else right
    values = [token.number for token in read.numbers]
    if (len(values) > 1 and values[:2] != [told, len(answers)]) or (
        len(values) < 2 and told != len(answers)
    ):
        yield _drop("counts", f"{right} of the {len(answers)} answers that it cites were right.")


def _wrong_then_right(answers: Sequence[Item]) -> Iterator[Finding]:
    in_time = [item.correct for item in sorted(answers, key=lambda item: item.start_ms)]
    if False not in in_time or True not in in_time[in_time.index(False) :]:
        yield _drop("counts", "No right answer follows a wrong one there.")


def correctness_is_shown(evidence: Evidence) -> Iterator[Finding]:
    """What is told as right was not wrong; praise alone does not show that it was right."""
    read = evidence.read
    strong = read.claim.kind == "strong_moment"
    spoken = [item for item in evidence.own if item.kind == "caption" and item.role == "learner"]
    if not spoken or not (read.rightly or read.wrongly or strong):
        return
    judged = correctness_of(spoken[-1], evidence.record, evidence.words)
    if judged == "wrong" and not read.wrongly:
        yield _drop("correctness", "What the learner said there was wrong.")
    elif judged == "right" and read.wrongly:
        yield _drop("correctness", "What the learner said there was right.")
    elif judged == "unknown" and (read.rightly or read.wrongly):
        yield _mark("correctness", "The lesson does not show whether that was right.")


def numbers_are_there(evidence: Evidence) -> Iterator[Finding]:
    """Each of its numbers is in the evidence, or counted from it."""
    there = {each.token.number for each in evidence.tokens if each.token.number is not None}
    there.update(_all_numbers(evidence))
    there.update(counted_in(evidence))
    for token in evidence.read.numbers:
        if token.number not in there:
            yield _drop("numbers", f"The number {token.text} is not in what it cites.")


def is_open(evidence: Evidence) -> Iterator[Finding]:
    """What is told as an open question got no answer but to be put off."""
    if evidence.read.claim.kind != "open_question":
        return
    for item in evidence.own:
        if item.kind == "caption" and is_answered(item, evidence.record, evidence.words):
            yield _drop("answered", "Somebody answered it.")


def is_answered(item: Item, record: LessonRecord, words: LanguageWords) -> bool:
    """Tell whether somebody else spoke soon after a question, and not to put it off."""
    following = (
        other
        for other in record.after(item, REPLIES)
        if other.participant_id != item.participant_id
        and other.start_ms - item.end_ms <= REPLY_WITHIN_MS
    )
    reply = next(following, None)
    if reply is None:
        return False
    first = next(iter(sentences_in(reply.text)), reply.text)
    return not any(words.cues[kind].found_in(first) for kind in ("next", "omissions"))


def asked_is_a_question(evidence: Evidence) -> Iterator[Finding]:
    """What is told as asked was a question, and what is told as explained was none."""
    spoken = [item for item in evidence.own if item.kind == "caption"]
    if not spoken:
        return
    questions = [may_ask(item.text, evidence.words) for item in spoken]
    if evidence.read.asks and not any(questions):
        yield _drop("question", "Nobody asked anything where it cites.")
    elif evidence.read.explains and all(questions):
        yield _mark("question", "What it calls an explanation was a question.")


def no_feeling_is_told(evidence: Evidence) -> Iterator[Finding]:
    """It names no emotion, but for what somebody said (EU AI Act, Article 5(1)(f))."""
    label = affect_label_in(text_beyond_quotes(evidence.read.claim.text))
    if label is not None:
        yield _drop("affect", f"`{label}` names an emotion.")


CHECKS: Sequence[Check] = (
    cites_exist,
    people_exist,
    speaker_is_right,
    quotes_are_verbatim,
    was_heard,
    was_done,
    is_homework,
    is_ahead,
    counts_are_right,
    correctness_is_shown,
    numbers_are_there,
    is_open,
    asked_is_a_question,
    no_feeling_is_told,
)


def _titles(evidence: Evidence) -> set[str]:
    """Return the titles that a claim may quote: of its objective, and of what it cites."""
    titles = {item.text for item in evidence.cited if item.kind in ("plan", "homework", "marked")}
    objective = evidence.read.claim.objective_id
    return titles | {evidence.record.titles.get(objective or "", "")}


def _by_tutor(cited: Sequence[Item]) -> bool:
    return any(item.role == "tutor" or item.kind != "caption" for item in cited)


def _all_numbers(evidence: Evidence) -> Iterator[Fraction]:
    for item in evidence.cited:
        yield from numbers_in(item.text, evidence.words)


def counted_in(evidence: Evidence) -> set[Fraction]:
    """Return what may be counted: answers by how they went, exercises, and minutes."""
    answers = [item for item in evidence.cited if item.kind == "answer"]
    counts = (
        set()
        if not answers
        else {
            len(answers),
            sum(item.correct is True for item in answers),
            sum(item.correct is False for item in answers),
            len({item.answers_item for item in answers}),
        }
    )
    objective = evidence.read.claim.objective_id or ""
    if objective in evidence.record.minutes:
        counts.add(evidence.record.minutes[objective])
    return {Fraction(count) for count in counts}


def _drop(check: str, reason: str) -> Finding:
    return Finding("drop", check, reason)


def _mark(check: str, reason: str) -> Finding:
    return Finding("mark", check, reason)
