"""Whether what a summary says was not observed was really not: by looking through the record."""

from __future__ import annotations

from models.summaries.evidence import NOT_DONE, Evidence
from models.summaries.record import Item
from models.summaries.tokens import content_of, tokens_of


def is_absent(evidence: Evidence) -> bool:
    """Tell whether a claim that something was not observed holds."""
    claim, record = evidence.read.claim, evidence.record
    if claim.subject is not None:
        return not record.has_seen(claim.subject)
    if claim.objective_id is not None:
        unmentioned = record.tells_the_talk and not _was_talked_about(evidence)
        return claim.objective_id not in record.minutes and unmentioned
    if any(item.kind == "plan" for item in evidence.cited):
        return all(item.outcome in NOT_DONE for item in evidence.cited)
    if not record.tells_the_talk:
        return False
    return not any(_is_homework(item, evidence) for item in record.items.values())


def _was_talked_about(evidence: Evidence) -> bool:
    """Tell whether one of an objective's words was said: then nobody knows that it was not."""
    words, record = evidence.words, evidence.record
    title = record.titles.get(evidence.read.claim.objective_id or "", "")
    wanted = {token.key for token in content_of(tokens_of(title, words), words)}
    said = (token.key for item in record.said for token in tokens_of(item.text, words))
    return not wanted.isdisjoint(said)


def _is_homework(item: Item, evidence: Evidence) -> bool:
    if item.kind == "homework":
        return True
    cues = evidence.words.cues
    return item.role == "tutor" and cues["homework"].found_in(item.text)
