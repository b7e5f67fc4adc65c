"""What comes next: open questions, homework, the plan; and what was not observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lessons.summary import ClaimKind, mention
from models.summaries.checks import is_answered
from models.summaries.evidence import NOT_DONE
from models.summaries.homework import sets_homework
from models.summaries.interface import DraftClaim
from models.summaries.lesson_view import LessonView
from models.summaries.quoting import Sentence
from models.summaries.templates import quotable

MOST_REINFORCED = 3
MOST_QUOTED = 5
MOST_NOT_OBSERVED = 20


def open_questions(view: LessonView) -> Iterator[DraftClaim]:
    """Quote learners' questions that nobody answered, or that were put off."""
    for sentence in view.sentences:
        item = view.record.items[sentence.utterance.caption_id]
        asked = sentence.asks and sentence.utterance.role == "learner"
        if asked and not is_answered(item, view.record, view.words):
            yield _quoted(view, "open_question", "open_question", sentence)


def homework(view: LessonView) -> Iterator[DraftClaim]:
    """Tell of homework as it was set, by an event or in words."""
    for one in view.reading.homework:
        said = view.templates.say("homework_set", title=quotable(one.title))
        yield DraftClaim("homework", said, (one.event_id,))
    for sentence in [one for one in view.sentences if _sets_homework(one, view)][:MOST_QUOTED]:
        yield _quoted(view, "homework_said", "homework", sentence)


def next_steps(view: LessonView, weak: Sequence[DraftClaim]) -> Iterator[DraftClaim]:
    """Plan the next lesson: what was put off, what was announced, what needs reinforcement."""
    for planned in view.reading.plan:
        if planned.outcome == "postponed":
            said = view.templates.say("next_postponed", title=quotable(planned.title))
            yield DraftClaim("next_step", said, planned.event_ids)
    for sentence in [one for one in view.sentences if _announces(one, view)][:MOST_QUOTED]:
        yield _quoted(view, "next_said", "next_step", sentence)
    titles = view.record.titles
    by_objective = {claim.objective_id: claim for claim in weak if claim.objective_id}
    for objective_id in [one for one in by_objective if one in titles][:MOST_REINFORCED]:
        claim = by_objective[objective_id]
        said = view.templates.say("next_reinforce", title=quotable(titles[objective_id or ""]))
        yield DraftClaim(
            "next_step", said, claim.cites, subject=claim.subject, objective_id=objective_id
        )


def not_observed(view: LessonView) -> Iterator[DraftClaim]:
    """Say what could be expected and was not seen; nothing of a lesson with nothing in it."""
    for planned in view.reading.plan:
        if planned.outcome in NOT_DONE:
            said = view.templates.say("not_done", title=quotable(planned.title))
            yield DraftClaim("not_observed", said, planned.event_ids)
    looked_through = _ends(view)
    if not looked_through:
        return
    record = view.record
    for learner in [one for one in view.learners if not record.has_seen(one.participant_id)]:
        who = learner.participant_id
        said = view.templates.say("not_heard", who=mention(who))
        yield DraftClaim("not_observed", said, looked_through, subject=who)
    if not record.tells_the_talk:
        return
    covered = {one.objective_id for one in view.reading.covered}
    missed = [one for one in view.reading.objectives if one.objective_id not in covered]
    for one in missed[:MOST_NOT_OBSERVED]:
        said = view.templates.say("not_addressed", title=quotable(one.title))
        yield DraftClaim("not_observed", said, looked_through, objective_id=one.objective_id)


def _ends(view: LessonView) -> tuple[str, ...]:
    """Return the first and the last thing of the lesson: the span that was looked through."""
    items = sorted(view.record.items.values(), key=lambda item: (item.start_ms, item.item_id))
    return tuple(dict.fromkeys(item.item_id for item in (*items[:1], *items[-1:])))


def _sets_homework(sentence: Sentence, view: LessonView) -> bool:
    return sentence.utterance.role == "tutor" and sets_homework(sentence.text, view.words)


def _announces(sentence: Sentence, view: LessonView) -> bool:
    return (
        sentence.utterance.role == "tutor"
        and not sentence.asks
        and sentence.has("next", view.words)
        and not _sets_homework(sentence, view)
    )


def _quoted(view: LessonView, template: str, kind: ClaimKind, sentence: Sentence) -> DraftClaim:
    who = sentence.utterance.participant_id
    return DraftClaim(
        kind,
        view.templates.say(template, who=mention(who), quote=quotable(sentence.text)),
        (sentence.utterance.caption_id,),
        subject=who,
    )
