"""Draws up a recap anew where its summary has changed, without losing what a person wrote."""

from __future__ import annotations

from lessons.recaps.content import MOST_LINES, SECTIONS, RecapContent, RecapLine


def redrafted(old: RecapContent, edited: RecapContent, new: RecapContent) -> RecapContent:
    """Return the new draft with a person's changes to the old one.

    A line that a person took out stays out for as long as the draft has it unchanged. One that a
    person wrote stays, unless it rests on claims that have changed or gone.

    Args:
        old: the draft that the person edited.
        edited: what became of it.
        new: the draft from the changed summary.
    """
    steady = {claim for line in old.lines() if line in new.lines() for claim in line.claim_ids}
    merged: dict[str, list[RecapLine]] = {}
    for name in SECTIONS:
        before, changed, after = getattr(old, name), getattr(edited, name), getattr(new, name)
        standing = [line for line in after if line not in before or line in changed]
        own = [line for line in changed if line not in before and steady.issuperset(line.claim_ids)]
        merged[name] = (standing + [line for line in own if line not in standing])[:MOST_LINES]
    return RecapContent.model_validate(merged)
