"""Whose a sentence is: whom it is about and whose words it tells, by the record and not its writer.

A sentence is sealed under one key. One that would need two is not said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lessons.summary import ClaimKind
from lessons.summary.claims import mentioned_in
from models.summaries.evidence import Evidence
from models.summaries.templates import quotable
from models.summaries.tokens import is_said_in, tokens_of

FOR_ALL: frozenset[ClaimKind] = frozenset({"taught", "homework", "next_step"})
"""Kinds that tell of the lesson where they tell a tutor's words, and not of the tutor."""

SET_IN_WRITING = frozenset({"plan", "homework", "marked"})
"""Kinds of events that have a title, which nobody says."""

SPOKEN = frozenset({"caption", "chat"})


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a sentence is, as `lessons.summary.Claim` has it."""

    subject: str | None
    speaker: str | None
    title: str | None


def ownership_of(evidence: Evidence) -> Ownership | None:
    """Return whose a claim is; None where it is several people's, so that no one key seals it."""
    claim = evidence.read.claim
    titles = [quote for quote in evidence.read.quotes if _is_title(quote, evidence)]
    said = [quote for quote in evidence.read.quotes if quote not in titles]
    speakers = _quoted(said, evidence) if said else _told(titles, evidence)
    if len(set(titles)) > 1 or len(speakers) > 1 or (said and not speakers):
        return None
    speaker, title = next(iter(speakers), None), next(iter(titles), None)
    if claim.subject is not None and claim.subject != speaker:
        return None if said else Ownership(claim.subject, None, title)
    learners = _learners_named(titles, evidence)
    if speaker is None:
        about = next(iter(learners), None)
        return Ownership(about, None, title) if len(learners) < 2 else None
    return Ownership(_subject(speaker, learners, evidence), speaker, title)


def _is_title(quote: str, evidence: Evidence) -> bool:
    """Tell whether a quote is the title of the claim's objective, or of what it cites."""
    objective = evidence.record.titles.get(evidence.read.claim.objective_id or "", "")
    if objective and quote in (objective, quotable(objective)):
        return True
    return any(
        item.kind in SET_IN_WRITING
        and is_said_in(quote.removesuffix(" …"), item.text, evidence.words)
        for item in evidence.cited
    )


def _quoted(said: Sequence[str], evidence: Evidence) -> frozenset[str]:
    """Return who said these words in what is cited; of several, whom the claim names."""
    found: set[str] = set()
    for quote in said:
        who = {
            item.participant_id
            for item in evidence.cited
            if item.participant_id and is_said_in(quote, item.text, evidence.words)
        }
        agent = evidence.read.agent
        found |= {agent} if agent in who and agent is not None else who
    return frozenset(found)


def _told(titles: Sequence[str], evidence: Evidence) -> frozenset[str]:
    """Return whose words are told in others; what several said together is the lesson's."""
    if titles or evidence.read.claim.kind == "not_observed":
        return frozenset()
    who = {item.participant_id for item in evidence.cited if item.kind in SPOKEN}
    return frozenset(one for one in who if one) if len(who) == 1 else frozenset()


def _subject(speaker: str, learners: frozenset[str], evidence: Evidence) -> str | None:
    """Return whom a sentence in somebody's words is about.

    A tutor's words about the lesson are for all; in which they name a learner, for those who teach.
    """
    claim = evidence.read.claim
    teaches = evidence.record.people[speaker].role == "tutor"
    for_all = claim.subject is None or claim.kind in FOR_ALL
    return None if teaches and for_all and not learners else speaker


def _learners_named(titles: Sequence[str], evidence: Evidence) -> frozenset[str]:
    """Return the learners whom a claim names, by id or in words, in quotations as well."""
    text = evidence.read.claim.text
    for title in titles:
        text = text.replace(title, " ")
    words = {token.text for token in tokens_of(text, evidence.words)}
    mentioned = mentioned_in(text)
    return frozenset(
        who
        for who, person in evidence.record.people.items()
        if person.role != "tutor"
        and (
            who in mentioned
            or any(token.text in words for token in tokens_of(person.name, evidence.words))
        )
    )
