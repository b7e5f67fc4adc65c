from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput, NotAllowed
from lessons.events import DATA_TYPES, PLATFORM_TYPES, EventDraft, PollAnswered, parse_posted
from lessons.events.posted import MAX_LEVELS


def _posted(**changes: Any) -> dict[str, Any]:
    event = {
        "id": "platform-1",
        "type": "poll.answered",
        "subject": "par_1",
        "data": {"poll_id": "poll-7", "options": [0]},
    }
    return {key: value for key, value in (event | changes).items() if value is not None}


def test_a_posted_event_becomes_a_draft() -> None:
    draft = parse_posted(_posted(time="2026-11-22T10:15:30Z", lessontimems=1200))
    assert draft.data == PollAnswered(poll_id="poll-7", options=[0])
    assert (draft.id, draft.subject, draft.lesson_time_ms) == ("platform-1", "par_1", 1200)
    assert draft.time == datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


def test_time_and_place_on_the_lesson_clock_may_be_left_to_the_ledger() -> None:
    draft = parse_posted(_posted())
    assert draft.time is None
    assert draft.lesson_time_ms is None


@pytest.mark.parametrize("name", sorted(PLATFORM_TYPES))
def test_every_platform_type_can_be_posted(name: str) -> None:
    assert parse_posted(_posted(type=name, data=dict(DATA_TYPES[name].example))).data.type == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\0b"}, "id"),
        ({"subject": "a\0b"}, "subject"),
        ({"data": {"poll_id": "a\0b", "options": [0]}}, "data"),
        ({"data": {"poll_id": "p", "options": [[]]}}, "data.options.0"),
        ({"data": {"poll_id": "p", "options": [{"a\0": 1}]}}, "data"),
        ({"subject": "x" * 201}, "subject"),
        ({"source": "x" * 2001}, "source"),
        ({"dataschema": "urn:lectern:event:poll.opened:1"}, "dataschema"),
        ({"dataschema": "urn:lectern:event:poll.answered:one"}, "dataschema"),
        ({"dataschema": "urn:lectern:event:poll.answered:٣"}, "dataschema"),
        ({"type": None}, "type"),
        ({"type": "poll.answer"}, "type"),
        ({"subject": None}, "subject"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-22T10:15:30"}, "time"),
        ({"lessontimems": -1}, "lessontimems"),
        ({"lessontimems": 2**31}, "lessontimems"),
        ({"specversion": "0.3"}, "specversion"),
        ({"data": {}}, "data.poll_id"),
        ({"data": {"poll_id": "p", "options": ["a"]}}, "data.options.0"),
        ({"data": {"poll_id": "p", "options": [], "mood": "calm"}}, "data.mood"),
        ({"data": "text"}, "data"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_bad_field_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_posted(_posted(**changes))
    assert refused.value.field == field


@pytest.mark.parametrize("name", sorted(set(DATA_TYPES) - PLATFORM_TYPES))
def test_what_lectern_records_is_not_taken_from_a_platform(name: str) -> None:
    with pytest.raises(NotAllowed, match=name):
        parse_posted(_posted(type=name, data=dict(DATA_TYPES[name].example)))


@pytest.mark.parametrize("opening", [{}, []])
def test_what_nests_deeper_than_any_event_is_refused(opening: Any) -> None:
    deep = opening
    for _ in range(MAX_LEVELS):
        deep = {"a": deep} if isinstance(opening, dict) else [deep]
    with pytest.raises(InvalidInput, match="32 levels") as refused:
        parse_posted(_posted(data={"poll_id": deep}))
    assert refused.value.field == "data"


def test_the_version_of_the_data_may_be_said() -> None:
    draft = parse_posted(_posted(dataschema="urn:lectern:event:poll.answered:1"))
    assert draft.data == PollAnswered(poll_id="poll-7", options=[0])


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(sorted(PLATFORM_TYPES))
fields = st.sampled_from(
    ["id", "subject", "time", "lessontimems", "data", "specversion", "source", "dataschema"]
)


@given(name=names, field=fields, value=anything)
def test_whatever_stands_in_a_field_it_is_taken_or_refused_in_words(
    name: str, field: str, value: Any
) -> None:
    event = _posted(type=name, data=dict(DATA_TYPES[name].example)) | {field: value}
    outcome = _outcome(event)
    if isinstance(outcome, InvalidInput):
        assert str(outcome.field).partition(".")[0] in {field, "subject"}
    else:
        f"{outcome.id}{outcome.subject}{outcome.data.model_dump_json()}".encode()


@given(name=names, data=st.data())
def test_whatever_stands_in_the_data_it_is_taken_or_refused_in_words(
    name: str, data: st.DataObject
) -> None:
    example = dict(DATA_TYPES[name].example)
    field = data.draw(st.sampled_from([*example, "unknown"]))
    event = _posted(type=name, data=example | {field: data.draw(anything)})
    outcome = _outcome(event)
    if isinstance(outcome, InvalidInput):
        assert str(outcome.field).startswith("data")
    else:
        outcome.data.model_dump_json().encode()


def _outcome(event: dict[str, Any]) -> EventDraft | InvalidInput:
    try:
        return parse_posted(event)
    except InvalidInput as refused:
        return refused
