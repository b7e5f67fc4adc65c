"""Drafts a recap from a lesson's summary: templates in plain words, and sentences that may go out.

Nothing is said that the summary does not say of this child, or of the lesson as a whole. Activities
are proposals made of an objective's own words; they claim nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lessons.recaps.content import RecapContent, RecapLine
from lessons.summary import (
    Claim,
    CoveredObjective,
    LearnerSummary,
    MomentReason,
    SummaryDocument,
    mention,
)
from operations.recaps.discretion import Others, compares, tells_of_a_measure

WRITER = "recap-templates"
WRITER_VERSION = "1"

MOST_TOPICS = 2
MOST_SENTENCES = 2
"""Taken over from the summary into one part of the page."""

MOST_HOMEWORK = 3
ACTIVITIES = 2
LONGEST_SENTENCE = 240
LONGEST_TITLE = 120

_TEACH = "Let {child} explain {topic} to you. Ask “why?” after each step."
_AGAIN = "Pick one task on {topic}. Solve it on paper, step by step, and check each step together."

_BY_NEED: Mapping[MomentReason, str] = MappingProxyType(
    {
        "repeated_error": "Do two tasks on {topic}. After each step, say out loud why it is right.",
        "contradicted_answer": "Do one task on {topic} in two ways. See if both give the same.",
        "help_seeking": "Look at one solved task on {topic}. Cover it, solve it, then compare.",
        "hedge": _TEACH,
        "long_latency": "Do three short tasks on {topic}. Take your time; do not use a clock.",
    }
)
"""An activity for each sign that something was not understood yet."""

_ANY_LESSON = (
    "Ask {child} to show you one thing from the lesson, and try it together.",
    "Ask {child} which part of the lesson was hard. Look at that part together.",
)


@dataclass(frozen=True, slots=True)
class RecapSource:
    """What a recap is drafted from.

    Attributes:
        document: the summary as it stands, with what people put right in it.
        lesson_title: as the school calls the lesson.
        others: the other learners of the lesson.
    """

    document: SummaryDocument
    participant_id: str
    lesson_title: str
    others: Others

    @property
    def learner(self) -> LearnerSummary | None:
        """What the summary says of the child; None: nothing."""
        found = (one for one in self.document.learners if one.participant_id == self.participant_id)
        return next(found, None)

    def may_say(self, claim: Claim) -> bool:
        """Tell whether a sentence of the summary may stand in the recap as it is."""
        return (
            claim.status == "grounded"
            and len(claim.text) <= LONGEST_SENTENCE
            and not self.others.are_in(claim.text)
            and not compares(claim.text)
        )


def draft_of(source: RecapSource) -> RecapContent | None:
    """Return what the recap says; None where the summary has no part about the child."""
    learner = source.learner
    if learner is None:
        return None
    needs = _needs(source)
    return RecapContent(
        did=_did(source, learner),
        went_well=_went_well(source, learner),
        practise=[line for line, _ in needs],
        activities=_activities(source, learner, [topic for _, topic in needs if topic]),
        homework=_homework(source),
    )


def _did(source: RecapSource, learner: LearnerSummary) -> list[RecapLine]:
    child = mention(source.participant_id)
    if not learner.observed:
        text = f"We did not see much of {child} in this lesson. That can have many reasons."
        return [_about(source), RecapLine(text=text)]
    worked = learner.answers_right + learner.answers_wrong > 0
    how = [*(["spoke in the lesson"] * bool(learner.talk_ms)), *(["worked on tasks"] * worked)]
    took_part = [RecapLine(text=f"{child} {' and '.join(how)}.")] if how else []
    responses = [claim for claim in learner.claims if claim.kind == "response"]
    return [_about(source), *took_part, *_sentences(source, responses, MOST_SENTENCES)]


def _about(source: RecapSource) -> RecapLine:
    """Return what the lesson was about: its objectives, else its parts, else its name."""
    longest = sorted(source.document.objectives, key=lambda one: -one.time_spent_ms)[:MOST_TOPICS]
    if longest:
        ids = {one.objective_id for one in longest}
        cited = [c for c in source.document.objective_claims if c.objective_id in ids]
        return _line(f"The lesson was about {_joined(map(_topic, longest))}.", cited)
    taught = [s for s in source.document.segments if s.kind in ("instruction", "practice")]
    titles = [s.title for s in taught if not source.others.are_in(s.title)][:MOST_TOPICS]
    titles = titles or [source.lesson_title]
    if source.others.are_in(titles[0]):
        return RecapLine(text="This page is about one lesson.")
    return RecapLine(text=f"The lesson was about {_joined(map(_quoted, titles))}.")


def _went_well(source: RecapSource, learner: LearnerSummary) -> list[RecapLine]:
    own = [c for c in source.document.strong_moments if c.subject == source.participant_id]
    lines = _sentences(source, own, MOST_SENTENCES)
    if learner.answers_right and not learner.answers_wrong:
        lines.append(RecapLine(text="All answers that were checked were right."))
    elif learner.answers_right > learner.answers_wrong:
        lines.append(RecapLine(text="Most answers that were checked were right."))
    return lines


def _needs(source: RecapSource) -> list[tuple[RecapLine, str | None]]:
    """Return what to practise, each with its objective in words: the child's own needs first."""
    claims = source.document.reinforcement
    own = [claim for claim in claims if claim.subject == source.participant_id]
    shared = [claim for claim in claims if claim.subject is None]
    objectives = {one.objective_id: one for one in source.document.objectives}
    found: dict[str, tuple[RecapLine, str | None]] = {}
    for claim in [*own, *shared]:
        objective = objectives.get(claim.objective_id or "")
        if objective is not None:
            topic = _topic(objective)
            found.setdefault(topic, (_line(f"Practise {topic}.", [claim]), topic))
        elif claim.subject is not None and _may_be_quoted(source, claim):
            found.setdefault(claim.text, (_line(claim.text, [claim]), None))
    return list(found.values())[:MOST_TOPICS]


def _activities(
    source: RecapSource, learner: LearnerSummary, needed: Sequence[str]
) -> list[RecapLine]:
    """Return two things to do at home: for what needs work, else for what the lesson was about."""
    covered = sorted(source.document.objectives, key=lambda one: -one.time_spent_ms)
    topics = list(needed) or [_topic(one) for one in covered[:1]]
    proposals = dict.fromkeys(_proposals(topics, _reasons(source, learner)))
    child = mention(source.participant_id)
    texts = [*proposals, *(text.replace("{child}", child) for text in _ANY_LESSON)]
    return [RecapLine(text=text.replace("{child}", child)) for text in texts[:ACTIVITIES]]


def _proposals(
    topics: Sequence[str], reasons: Mapping[str, Sequence[MomentReason]]
) -> Iterator[str]:
    """Yield activities, the fittest first: one for each topic, then more for the first of them."""
    templates = {
        topic: [*(_BY_NEED[reason] for reason in reasons.get(topic, ())), _TEACH, _AGAIN]
        for topic in topics
    }
    for number, topic in enumerate(topics):
        # Two topics are not both to be explained: the second begins with another template.
        first = 0 if topic in reasons else number % 2
        yield templates[topic][first].replace("{topic}", topic)
    for topic in topics[:1]:
        yield from (template.replace("{topic}", topic) for template in templates[topic])


def _reasons(source: RecapSource, learner: LearnerSummary) -> Mapping[str, list[MomentReason]]:
    """Return by topic how it showed that something was not understood yet."""
    titles = {one.objective_id: _topic(one) for one in source.document.objectives}
    found: dict[str, list[MomentReason]] = {}
    for moment in learner.moments:
        topic = titles.get(moment.objective_id or "")
        if topic is not None:
            found.setdefault(topic, []).append(moment.reason)
    return found


def _homework(source: RecapSource) -> list[RecapLine]:
    """Return homework for everybody and the child's own; its numbers are those of tasks.

    What only a tutor said aloud is a line in the tutor's words, and is sealed as such.
    """
    whose = (None, source.participant_id)
    claims = [claim for claim in source.document.homework if claim.subject in whose]
    return [_line(claim.text, [claim]) for claim in claims if source.may_say(claim)][:MOST_HOMEWORK]


def _sentences(source: RecapSource, claims: Iterable[Claim], most: int) -> list[RecapLine]:
    usable = [claim for claim in claims if _may_be_quoted(source, claim)]
    return [_line(claim.text, [claim]) for claim in usable[:most]]


def _may_be_quoted(source: RecapSource, claim: Claim) -> bool:
    return source.may_say(claim) and not tells_of_a_measure(claim.text)


def _line(text: str, claims: Iterable[Claim]) -> RecapLine:
    return RecapLine(text=text, claim_ids=[claim.claim_id for claim in claims])


def _topic(objective: CoveredObjective) -> str:
    return _quoted(objective.title)


def _quoted(title: str) -> str:
    cut = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"
    return f"“{cut}”"


def _joined(parts: Iterable[str]) -> str:
    return " and ".join(parts)
