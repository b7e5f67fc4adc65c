"""Moments at which a learner may not have understood, by rules over what was said and answered.

Each rule's confidence says how often such a moment is one; they are set by hand, not fitted, and a
moment below `LEAST_CONFIDENCE` is not told. Nothing is concluded from a voice or a face.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.reading.cues import asks_for_help, is_correction, is_question, sureness
from features.reading.material import Material
from features.reading.parts import Answer, Question, Utterance
from features.reading.words import content_words, numbers_of
from lessons.summary import Citation, ComprehensionMoment, MomentReason
from models.reading.misconceptions import misconception_of, quoted

NAME = "comprehension-rules"
VERSION = "1"

LEAST_CONFIDENCE = 0.5

REPLY_MS = 15_000
"""Who speaks later than this does not reply."""

FEWEST_TIMES = 4
"""Answers of a learner before one of them can have taken long."""
LONG_TIMES = 3.0
LONG_MS = 30_000
"""An answer takes long that takes three times the learner's median, and at least so long."""

_CONFIDENCES: dict[MomentReason, float] = {
    "hedge": 0.55,
    "contradicted_answer": 0.75,
    "help_seeking": 0.8,
    "repeated_error": 0.8,
    "long_latency": 0.5,
}
_DOUBTFUL = 0.7
_MORE_ERRORS = 0.9


@dataclass(frozen=True, slots=True)
class _Found:
    """A moment before it has its id."""

    who: str
    reason: MomentReason
    citation: Citation
    confidence: float
    objective_id: str | None = None
    misconception: str | None = None


def comprehension_moments(
    material: Material, of_row: Sequence[str | None]
) -> tuple[ComprehensionMoment, ...]:
    """Return the moments of all learners, in time.

    Args:
        of_row: the objective of each utterance, where it is about one.
    """
    learners = {one.participant_id for one in material.people if one.role == "learner"}
    found = [
        *_spoken(material, of_row),
        *_written(material),
        *_repeated_errors(material.answers),
        *_long_latencies(material.answers),
    ]
    kept = [one for one in found if one.who in learners and one.confidence >= LEAST_CONFIDENCE]
    kept.sort(key=lambda one: (one.citation.start_ms, one.who, one.reason))
    return tuple(_moment(one) for one in kept)


def _moment(one: _Found) -> ComprehensionMoment:
    first = [*one.citation.caption_ids, *one.citation.event_ids][0]
    return ComprehensionMoment(
        moment_id=f"{one.reason}:{first}",
        participant_id=one.who,
        reason=one.reason,
        start_ms=one.citation.start_ms,
        end_ms=one.citation.end_ms,
        citations=[one.citation],
        objective_id=one.objective_id,
        misconception=one.misconception,
        confidence=one.confidence,
    )


def _spoken(material: Material, of_row: Sequence[str | None]) -> Iterator[_Found]:
    """Yield at most one moment for each of the learners' utterances: the surest."""
    said = material.utterances
    answered = {one.answer_caption_id: one for one in material.questions if one.answer_caption_id}
    for row, one in enumerate(said):
        if one.role != "learner":
            continue
        question = answered.get(one.caption_id)
        put_right = _put_right(said, row)
        if asks_for_help(one.text, one.language):
            yield _found(one, "help_seeking", of_row[row])
        elif put_right is not None and _says_something(one):
            yield _contradicted(one, put_right, question, of_row[row])
        elif question is not None and question.role == "tutor":
            yield from _hedged(one, question, of_row[row])


def _put_right(said: Sequence[Utterance], row: int) -> Utterance | None:
    """Return the tutor's reply to an utterance, where it says that it was not right."""
    reply = said[row + 1] if row + 1 < len(said) else None
    if reply is None or reply.role != "tutor":
        return None
    if reply.start_ms - said[row].end_ms > REPLY_MS:
        return None
    return reply if is_correction(reply.text, reply.language) else None


def _says_something(one: Utterance) -> bool:
    """Tell whether an utterance states anything that can be right or wrong."""
    if is_question(one.text, one.language) and not numbers_of(one.text, one.language):
        return False
    return bool(numbers_of(one.text, one.language) or content_words(one.text, one.language))


def _contradicted(
    one: Utterance, reply: Utterance, question: Question | None, objective_id: str | None
) -> _Found:
    asked = question.text if question is not None else ""
    slip = misconception_of(asked, one.text, one.language)
    cited = [one.caption_id, reply.caption_id]
    if slip is not None and question is not None:
        cited.insert(0, question.caption_id)
    start_ms = min(one.start_ms, question.at_ms) if slip and question else one.start_ms
    citation = Citation(caption_ids=cited, start_ms=start_ms, end_ms=reply.end_ms)
    told = slip or f"Said {quoted(one.text)}, which the tutor put right."
    confidence = _CONFIDENCES["contradicted_answer"]
    return _Found(
        one.participant_id, "contradicted_answer", citation, confidence, objective_id, told
    )


def _hedged(one: Utterance, question: Question, objective_id: str | None) -> Iterator[_Found]:
    how = sureness(one.text, one.language)
    if how == "sure":
        return
    citation = Citation(
        caption_ids=[question.caption_id, one.caption_id],
        start_ms=min(question.at_ms, one.start_ms),
        end_ms=one.end_ms,
    )
    confidence = _DOUBTFUL if how == "doubtful" else _CONFIDENCES["hedge"]
    yield _Found(one.participant_id, "hedge", citation, confidence, objective_id)


def _found(one: Utterance, reason: MomentReason, objective_id: str | None) -> _Found:
    citation = Citation(caption_ids=[one.caption_id], start_ms=one.start_ms, end_ms=one.end_ms)
    return _Found(one.participant_id, reason, citation, _CONFIDENCES[reason], objective_id)


def _written(material: Material) -> Iterator[_Found]:
    language = next((one.language for one in material.utterances), "en")
    for one in material.chats:
        if asks_for_help(one.text, language):
            citation = Citation(event_ids=[one.event_id], start_ms=one.at_ms, end_ms=one.at_ms)
            yield _Found(one.participant_id, "help_seeking", citation, _CONFIDENCES["help_seeking"])


def _repeated_errors(answers: Sequence[Answer]) -> Iterator[_Found]:
    """Yield one moment for each learner and item or objective that was wrong more than once."""
    wrong: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
    for one in answers:
        if one.correct is False:
            about = one.objective_id or f"{one.assessment_id or ''}/{one.item_id}"
            wrong[one.participant_id, about].append(one)
    for (who, _), errors in wrong.items():
        if len(errors) < 2:
            continue
        citation = Citation(
            event_ids=[one.event_id for one in errors],
            start_ms=errors[0].at_ms,
            end_ms=errors[-1].at_ms,
        )
        confidence = _MORE_ERRORS if len(errors) > 2 else _CONFIDENCES["repeated_error"]
        yield _Found(
            who,
            "repeated_error",
            citation,
            confidence,
            errors[0].objective_id,
            _same_answer(errors),
        )


def _same_answer(errors: Sequence[Answer]) -> str | None:
    """Return what was answered more than once to the same item, though it is wrong."""
    given: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in errors:
        if one.response:
            given[one.item_id, one.response.strip()] += 1
    often = [place for place, times in given.items() if times > 1]
    if not often:
        return None
    item, response = often[0]
    return f"Answered {quoted(response)} to item {quoted(item)} more than once."


def _long_latencies(answers: Sequence[Answer]) -> Iterator[_Found]:
    times: defaultdict[str, list[Answer]] = defaultdict(list)
    for one in answers:
        if one.duration_ms is not None:
            times[one.participant_id].append(one)
    for who, own in times.items():
        if len(own) < FEWEST_TIMES:
            continue
        ordered = sorted(one.duration_ms or 0 for one in own)
        for one in own:
            took_ms = one.duration_ms or 0
            if took_ms >= max(LONG_MS, LONG_TIMES * _median_of_others(ordered, took_ms)):
                start_ms = max(0, one.at_ms - took_ms)
                citation = Citation(event_ids=[one.event_id], start_ms=start_ms, end_ms=one.at_ms)
                confidence = _CONFIDENCES["long_latency"]
                yield _Found(who, "long_latency", citation, confidence, one.objective_id)


def _median_of_others(ordered: Sequence[int], own: int) -> float:
    """Return the median of sorted numbers without one of them; no list is made for each."""
    place = bisect_left(ordered, own)
    lower, upper = (len(ordered) - 2) // 2, (len(ordered) - 1) // 2
    return sum(ordered[at + (at >= place)] for at in (lower, upper)) / 2
