"""Which sentences of a rewrite are those of before, as captions under them are put right."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lessons.summary import Citation, Claim, SummaryDocument
from lessons.summary.lineage import carried
from tests.unit.lessons.summary.summaries import ADA, BEN, claim, document


def cited(
    *captions: str, events: tuple[str, ...] = (), start: int = 0, end: int = 1
) -> list[Citation]:
    return [
        Citation(caption_ids=list(captions), event_ids=list(events), start_ms=start, end_ms=end)
    ]


def summary(*claims: Claim) -> SummaryDocument:
    empty: dict[str, Any] = {
        "segments": [],
        "learners": [],
        "reinforcement": [],
        "not_observed": [],
    }
    return document(**empty, next_plan=list(claims))


def id_after(old: Claim, new: Claim) -> str:
    (one,) = carried(summary(new), summary(old)).claims()
    return one.claim_id


def test_an_objective_keeps_its_sentence_whatever_captions_show_it() -> None:
    old = claim("old", objective_id="o", citations=cited("a", "b"))
    assert id_after(old, claim("new", objective_id="o", citations=cited("c"))) == "old"
    assert id_after(old, claim("new", objective_id="p", citations=cited("a", "b"))) == "new"


def test_captions_that_were_superseded_are_known_by_their_time() -> None:
    old = claim("old", ADA, citations=cited("a", start=10_000, end=14_000))
    again = claim("new", ADA, citations=cited("b", start=10_100, end=14_200))
    later = claim("new", ADA, citations=cited("b", start=13_000, end=19_000))
    assert id_after(old, again) == "old"
    assert id_after(old, later) == "new"


def test_an_answer_that_came_since_makes_another_sentence() -> None:
    old = claim("old", ADA, objective_id="o", citations=cited(events=("e1",)))
    assert (
        id_after(old, claim("new", ADA, objective_id="o", citations=cited(events=("e1", "e2"))))
        == "new"
    )


def test_nobody_gets_the_sentence_of_somebody_else() -> None:
    old = claim("old", ADA, citations=cited("a"))
    assert id_after(old, claim("new", BEN, citations=cited("a"))) == "new"


_CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["p", "q", "r", "s", "t"]),
        st.sampled_from([None, ADA, BEN]),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
    ),
    max_size=5,
    unique_by=lambda one: one[0],
)


@given(before=_CLAIMS, after=_CLAIMS)
def test_ids_stay_those_of_one_sentence_and_what_it_had_of_itself_it_keeps(
    before: list[tuple[str, str | None, list[str]]], after: list[tuple[str, str | None, list[str]]]
) -> None:
    old, new = (
        summary(*(claim(one, who, citations=cited(*ids)) for one, who, ids in each))
        for each in (before, after)
    )
    found = carried(new, old)
    assert SummaryDocument.model_validate(found.model_dump()) == found
    owners = {one.claim_id: one.owner for one in old.claims()}
    for one, was in zip(found.claims(), new.claims(), strict=True):
        if was.claim_id in owners:
            assert one.claim_id == was.claim_id
        else:
            assert one.claim_id == was.claim_id or owners[one.claim_id] == one.owner
    assert [one.text for one in found.claims()] == [one.text for one in new.claims()]
