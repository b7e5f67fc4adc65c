"""Lines in others' words are taken out of a recap and put back in their places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.recaps.content import MOST_LINES, SECTIONS, RecapContent, RecapLine
from lessons.recaps.parts import assembled, parted, told_in

SPEAKERS = {"c-tutor": "par_tutor", "c-aide": "par_aide"}
LINES = st.builds(
    RecapLine,
    text=st.sampled_from(["One.", "Two.", "Three."]),
    claim_ids=st.lists(st.sampled_from(["c-child", *SPEAKERS]), max_size=1),
)
CONTENTS = st.fixed_dictionaries(
    {name: st.lists(LINES, max_size=MOST_LINES) for name in SECTIONS}
).map(RecapContent.model_validate)


@given(CONTENTS)
def test_taken_apart_and_put_together_it_is_the_same(content: RecapContent) -> None:
    rest, told = parted(content, SPEAKERS)
    assert not [line for line in rest.lines() if told_in(line, SPEAKERS)]
    assert assembled(rest, [one for placed in told.values() for one in placed]) == content


@given(CONTENTS)
def test_without_one_persons_lines_all_others_are_still_there(content: RecapContent) -> None:
    rest, told = parted(content, SPEAKERS)
    left = assembled(rest, told.get("par_aide", []))
    for (name, lines), (_, kept) in zip(content.sections(), left.sections(), strict=True):
        stays = [line for line in lines if "c-tutor" not in line.claim_ids]
        assert sorted(kept, key=repr) == sorted(stays, key=repr), name
