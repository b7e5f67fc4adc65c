"""Where a recap stands, by its events: the newest version counts, and what comes late does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lessons.events import EVENT_TYPES, EventData, LearningEvent, RecapDrafted, lesson_source
from lessons.events.recaps import RECAPS
from lessons.recaps.label import GENERATED, GENERATED_AND_EDITED, label_of
from lessons.recaps.record import Recap, Recaps

ADA = "par_ada"
BEGIN = datetime(2026, 11, 22, 17, tzinfo=UTC)
TYPES = {data.type: data for data in RECAPS.types}


def event(number: int, name: str, **changes: Any) -> LearningEvent:
    data: EventData = TYPES[name].model_validate({**TYPES[name].example, **changes})
    return EVENT_TYPES[name].model_validate(
        {
            "id": f"evt-{number}",
            "source": lesson_source("les_1"),
            "type": name,
            "subject": ADA,
            "time": BEGIN + timedelta(minutes=number),
            "dataschema": type(data).data_schema(),
            "tenantid": "ten_1",
            "lessonid": "les_1",
            "lessontimems": 0,
            "ledgersequence": number + 1,
            "data": data,
        }
    )


def after(*told: tuple[str, dict[str, Any]]) -> Recap:
    recap = Recaps(event(n, name, **changes) for n, (name, changes) in enumerate(told)).of(ADA)
    assert recap is not None
    return recap


DRAFTED = ("recap.drafted", {"recap_version": 1})


def test_a_draft_is_approved_by_its_version() -> None:
    recap = after(DRAFTED, ("recap.approved", {"recap_version": 1}))
    assert (recap.status, recap.decided_at) == ("approved", BEGIN + timedelta(minutes=1))
    assert "checked it" in recap.label.sentence


def test_an_edit_has_to_be_approved_anew() -> None:
    edited = ("recap.edited", {"recap_version": 2})
    recap = after(DRAFTED, ("recap.approved", {"recap_version": 1}), edited)
    assert (recap.status, recap.version, recap.decided_at) == ("draft", 2, None)
    assert recap.label.digital_source_type.endswith(GENERATED_AND_EDITED)


def test_an_approval_of_an_older_version_came_too_late() -> None:
    edited = ("recap.edited", {"recap_version": 2})
    assert after(DRAFTED, edited, ("recap.approved", {"recap_version": 1})).status == "draft"
    assert after(DRAFTED, edited, ("recap.held", {"recap_version": 1})).status == "draft"


def test_a_new_draft_takes_the_place_of_all_and_keeps_the_receipts() -> None:
    delivered = ("recap.delivered", {"recap_version": 1, "guardian_id": "per_m"})
    approved = ("recap.approved", {"recap_version": 1})
    recap = after(DRAFTED, approved, delivered, ("recap.drafted", {"recap_version": 2}))
    assert (recap.status, recap.edited_by) == ("draft", None)
    assert recap.was_delivered
    assert not recap.is_with("per_m")
    assert recap.label.digital_source_type.endswith(GENERATED)


def test_a_held_one_says_why_and_may_be_approved_after_all() -> None:
    held = ("recap.held", {"recap_version": 1, "reason": "tutor", "remark": "Later."})
    recap = after(DRAFTED, held)
    assert (recap.status, recap.held_reason, recap.remark) == ("held", "tutor", "Later.")
    recap = after(DRAFTED, held, ("recap.approved", {"recap_version": 1}))
    assert (recap.status, recap.held_reason, recap.remark) == ("approved", None, None)


SAID = {"text": "“Do tasks one to four.”", "claim_ids": ["homework-1"]}
PART = (
    "recap.part_written",
    {"participant_id": ADA, "lines": [{"section": "homework", "place": 0, "line": SAID}]},
)


def test_lines_in_others_words_stand_in_the_version_that_has_them_and_no_other() -> None:
    recap = after(PART, DRAFTED)
    assert [line.text for line in recap.content.homework] == [SAID["text"]]
    assert recap.drafted.content == recap.content
    assert recap.speakers == {"homework-1": "par_01kb9x5t7v0000000000000001"}
    edited = ("recap.edited", {"recap_version": 2})
    assert after(PART, DRAFTED, edited).content.homework == []
    again = ("recap.part_written", {**PART[1], "recap_version": 2})
    assert after(DRAFTED, again, edited).content.homework == recap.content.homework


def test_without_a_draft_there_is_nothing() -> None:
    approved = event(0, "recap.approved", recap_version=1)
    assert Recaps([approved]).all() == []


STEPS = st.tuples(
    st.sampled_from(["recap.drafted", "recap.edited", "recap.approved", "recap.held"]),
    st.integers(1, 5),
)


@given(st.lists(STEPS, max_size=12))
def test_what_is_approved_is_always_the_newest_version(steps: list[tuple[str, int]]) -> None:
    told = [(name, {"recap_version": version}) for name, version in steps]
    recap = after(DRAFTED, *told)
    newest = 1
    for name, version in steps:
        if name in ("recap.drafted", "recap.edited"):
            newest = max(newest, version)
    assert recap.version == newest
    if recap.status == "approved":
        assert ("recap.approved", newest) in steps


def test_a_machine_names_no_feeling_but_in_quotation() -> None:
    def drafted(text: str) -> RecapDrafted:
        content = {"did": [{"text": text}]}
        return RecapDrafted.model_validate({**RecapDrafted.example, "content": content})

    with pytest.raises(ValidationError, match="names an emotion"):
        drafted("She was happy.")
    assert drafted("She said “I am happy”.").content.did


def test_the_label_has_the_names_of_both_vocabularies() -> None:
    label = label_of("recap-templates", "1", is_edited=True, is_approved=True)
    assert label.digital_source_type == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    assert label.schema_org_type == (
        "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"
    )
    assert label.sentence.endswith("A person from the school changed and checked it.")
