"""How each learner responded, what went well, and what needs reinforcement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from features.languages.asking import asks_for_help, does_not_know
from features.reading.parts import Answer
from lessons.summary import ClaimKind, mention
from models.summaries.correctness import correctness_of
from models.summaries.interface import DraftClaim
from models.summaries.lesson_view import LessonView
from models.summaries.quoting import Sentence
from models.summaries.templates import quotable

QUOTED_A_KIND = 2
MOST_CITED = 150
WEAK_SHARE = 0.5
"""Share of wrong answers from which an objective needs reinforcement with a learner."""

REPEATED = 2
REASONING = "providing_evidence_or_reasoning"


def responses(view: LessonView) -> Iterator[DraftClaim]:
    """Tell of each learner's answers, reasons, questions, and else of what they said."""
    for learner in view.learners:
        who = learner.participant_id
        yield from _answered(view, who)
        said = view.said_by(who)
        reasons = _longest([one for one in said if _reasons(one, view)])
        questions = _longest([one for one in said if one.asks])
        others = _longest([one for one in said if not one.asks])
        yield from _quoted(view, "reasoned", reasons)
        yield from _quoted(view, "asked", questions)
        if not reasons and not questions:
            yield from _quoted(view, "said", others)


def strong_moments(view: LessonView) -> Iterator[DraftClaim]:
    """Quote reasons that were right, and answers that became right; praise proves nothing."""
    for learner in view.learners:
        reasons = [one for one in view.said_by(learner.participant_id) if _reasons(one, view)]
        right = [one for one in reasons if _is_right(one, view)]
        yield from _quoted(view, "reasoned", _longest(right), "strong_moment")
        answers = view.answers_by(learner.participant_id)
        for tries in _by_item(answers):
            if not tries[0].correct and tries[-1].correct:
                yield _counted(view, "recovered", "strong_moment", tries)


def reinforcement(view: LessonView) -> Iterator[DraftClaim]:
    """Return what needs reinforcement, the most needed first: wrong answers, then help sought."""
    weak = [found for learner in view.learners for found in _weak(view, learner.participant_id)]
    yield from (claim for _, claim in sorted(weak, key=lambda found: -found[0]))
    for learner in view.learners:
        sought = [
            one
            for one in view.said_by(learner.participant_id)
            if asks_for_help(one.text, view.words) or does_not_know(one.text, view.words)
        ]
        yield from _quoted(view, "said", _longest(sought), "needs_reinforcement")


def _weak(view: LessonView, who: str) -> Iterator[tuple[float, DraftClaim]]:
    """Give objectives and exercises with their weight: how many answers were wrong."""
    answers = view.answers_by(who)
    by_objective: dict[str, list[Answer]] = {}
    for answer in answers:
        by_objective.setdefault(answer.objective_id or "", []).append(answer)
    alone = by_objective.pop("", [])
    for objective_id, group in by_objective.items():
        wrong = sum(not answer.correct for answer in group)
        if wrong and wrong >= WEAK_SHARE * len(group):
            kind: ClaimKind = "needs_reinforcement"
            yield wrong, _counted(view, "weak_objective", kind, group, objective_id)
    for tries in _by_item(alone):
        wrong = sum(not answer.correct for answer in tries)
        if wrong >= REPEATED and not tries[-1].correct:
            yield wrong, _counted(view, "weak_item", "needs_reinforcement", tries)


def _answered(view: LessonView, who: str) -> Iterator[DraftClaim]:
    answers = view.answers_by(who)[:MOST_CITED]
    if answers:
        yield _counted(view, "answered", "response", answers)
        return
    unmarked = view.unmarked_by(who)[:MOST_CITED]
    if unmarked:
        said = view.templates.say("answered_unmarked", who=mention(who), total=len(unmarked))
        cited = tuple(answer.event_id for answer in unmarked)
        yield DraftClaim("response", said, cited, subject=who)


def _counted(
    view: LessonView,
    template: str,
    kind: ClaimKind,
    answers: Sequence[Answer],
    objective_id: str | None = None,
) -> DraftClaim:
    cited = answers[:MOST_CITED]
    who = cited[0].participant_id
    right = sum(bool(answer.correct) for answer in cited)
    values: dict[str, object] = {"who": mention(who)}
    if template == "answered":
        values |= {"right": right, "total": len(cited)}
    elif template != "recovered":
        values |= {"wrong": len(cited) - right, "total": len(cited)}
    if objective_id is not None:
        values["title"] = quotable(view.record.titles.get(objective_id, objective_id))
    return DraftClaim(
        kind,
        view.templates.say(template, **values),
        tuple(answer.event_id for answer in cited),
        subject=who,
        objective_id=objective_id,
    )


def _quoted(
    view: LessonView, template: str, sentences: Sequence[Sentence], kind: ClaimKind = "response"
) -> Iterator[DraftClaim]:
    for sentence in sentences:
        who = sentence.utterance.participant_id
        yield DraftClaim(
            kind,
            view.templates.say(template, who=mention(who), quote=quotable(sentence.text)),
            (sentence.utterance.caption_id,),
            subject=who,
        )


def _longest(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences with most content that was heard, one per caption, in time."""
    best: dict[str, Sentence] = {}
    for sentence in sorted(sentences, key=lambda one: -len(one.content) * one.clarity):
        best.setdefault(sentence.utterance.caption_id, sentence)
    chosen = list(best.values())[:QUOTED_A_KIND]
    return sorted(chosen, key=lambda one: one.utterance.start_ms)


def _reasons(sentence: Sentence, view: LessonView) -> bool:
    if sentence.asks:
        return False
    caption_id = sentence.utterance.caption_id
    moved = any(
        move.caption_id == caption_id and move.move == REASONING for move in view.reading.moves
    )
    return moved or sentence.has("reasons", view.words)


def _is_right(sentence: Sentence, view: LessonView) -> bool:
    item = view.record.items[sentence.utterance.caption_id]
    return correctness_of(item, view.record, view.words) == "right"


def _by_item(answers: Sequence[Answer]) -> list[list[Answer]]:
    def item(answer: Answer) -> tuple[str, str]:
        return answer.assessment_id or "", answer.item_id

    return [list(tries) for _, tries in groupby(sorted(answers, key=item), key=item)]
