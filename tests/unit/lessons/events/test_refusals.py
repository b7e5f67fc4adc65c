"""A refused event names the field, the reason and the fix."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.errors import InvalidInput
from lessons.events import DATA_TYPES, parse_posted


def _refused(name: str, **changes: Any) -> InvalidInput:
    data = {**DATA_TYPES[name].example, **changes}
    event = {"id": "p-1", "type": name, "subject": "par_1", "data": data}
    with pytest.raises(InvalidInput) as refused:
        parse_posted(event)
    return refused.value


def test_an_unknown_field_is_told_the_nearest_one() -> None:
    error = _refused("poll.answered", response_time=8200)
    assert (error.field, error.fix) == (
        "data.response_time",
        "Did you mean 'response_time_ms'?",
    )


def test_an_unknown_field_inside_an_item_is_told_the_nearest_of_the_item() -> None:
    items = [{"item_id": "q1", "objectve_id": "o", "score": 1, "max_score": 1}]
    error = _refused("assessment.submitted", items=items)
    assert error.field == "data.items.0.objectve_id"
    assert error.fix == "Did you mean 'objective_id'?"


def test_a_field_like_none_is_told_all_of_them() -> None:
    error = _refused("poll.closed", zzz=1)
    assert error.fix == "Known: poll_id."
    assert _refused("hand.raised", zzz=1).fix == "It takes none."


def test_a_value_that_is_no_choice_is_told_the_nearest() -> None:
    error = _refused("content.opened", kind="slides")
    assert (error.field, error.fix) == ("data.kind", 'Did you mean "slide"?')


def test_a_missing_field_is_named() -> None:
    event = {"id": "p-1", "type": "poll.closed", "data": {}}
    with pytest.raises(InvalidInput, match="It is required") as refused:
        parse_posted(event)
    assert (refused.value.field, refused.value.fix) == ("data.poll_id", "Send 'poll_id'.")


def test_a_rule_between_fields_is_told_in_our_words() -> None:
    error = _refused("poll.opened", correct_options=[7])
    assert error.field == "data"
    assert error.reason == "Correct_options names option 7, which is not there."
    assert error.fix == "See GET /v1/event-types/poll.opened."


def test_an_unknown_type_is_told_the_nearest_and_quoted_in_short() -> None:
    for given, meant in {"poll.anwsered": "poll.answered", "chat.post": "chat.posted"}.items():
        with pytest.raises(InvalidInput) as refused:
            parse_posted({"id": "p-1", "type": given})
        assert meant in str(refused.value.fix)
    with pytest.raises(InvalidInput) as refused:
        parse_posted({"id": "p-1", "type": "x" * 100_000})
    assert len(str(refused.value.reason)) < 300
