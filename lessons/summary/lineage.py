"""Which sentences of a rewrite are those of the version before: they keep their ids.

So what somebody put right in a sentence holds, though captions under it were put right as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lessons.summary.claims import Claim
from lessons.summary.document import SummaryDocument
from lessons.summary.parts import changed

ALIKE = 0.5
"""Share of captions, or of time, from which two sentences rest on the same of what was said."""


def carried(document: SummaryDocument, before: SummaryDocument) -> SummaryDocument:
    """Return a rewrite in which sentences that the version before had go by their ids there.

    Only captions may differ under them: an answer or a mark that came since makes another sentence.

    Args:
        before: as it was written, with sentences that somebody took out since.
    """
    old, new = before.claims(), document.claims()
    old_ids, new_ids = ({claim.claim_id for claim in each} for each in (old, new))
    gone = [claim for claim in old if claim.claim_id not in new_ids]
    come = [claim for claim in new if claim.claim_id not in old_ids]
    ids: dict[str, str] = {}
    for _, claim_id, old_id in sorted(_alike(come, gone), key=lambda found: -found[0]):
        if claim_id not in ids and old_id not in ids.values():
            ids[claim_id] = old_id
    return changed(document, lambda claims: _renamed(claims, ids))


def _alike(come: Sequence[Claim], gone: Sequence[Claim]) -> Iterator[tuple[float, str, str]]:
    """Yield which could be which, with how much of what they rest on is the same."""
    for claim in come:
        for old in gone:
            if _tells_of(claim) == _tells_of(old):
                share = max(_captions_shared(claim, old), _time_shared(claim, old))
                if share >= ALIKE or _is_alone(claim):
                    yield share, claim.claim_id, old.claim_id


def _tells_of(claim: Claim) -> tuple[object, ...]:
    """Return what must be the same of two sentences for them to be one."""
    events = frozenset(one for cited in claim.citations for one in cited.event_ids)
    seen = None if claim.kind == "not_observed" else events
    return claim.kind, claim.owner, claim.objective_id, claim.title, seen


def _is_alone(claim: Claim) -> bool:
    """Tell whether no other sentence says the same, so that what it cites need not be alike."""
    return claim.kind == "not_observed" or claim.objective_id is not None


def _captions_shared(one: Claim, other: Claim) -> float:
    own, others = (
        {each for cited in claim.citations for each in cited.caption_ids} for claim in (one, other)
    )
    return len(own & others) / max(1, len(own | others))


def _time_shared(one: Claim, other: Claim) -> float:
    """Return which share of their time is common: superseded captions have other ids."""
    (start, end), (other_start, other_end) = _span(one), _span(other)
    common = min(end, other_end) - max(start, other_start)
    return max(0, common) / max(1, max(end, other_end) - min(start, other_start))


def _span(claim: Claim) -> tuple[int, int]:
    starts = [cited.start_ms for cited in claim.citations]
    return min(starts), max(cited.end_ms for cited in claim.citations)


def _renamed(claims: Sequence[Claim], ids: dict[str, str]) -> list[Claim]:
    return [
        claim.model_copy(update={"claim_id": ids.get(claim.claim_id, claim.claim_id)})
        for claim in claims
    ]
