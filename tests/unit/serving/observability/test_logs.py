"""What a log line says, and what it never says."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lessons.errors import Conflict, InvalidInput, Unavailable
from lessons.identifiers import new_id, number_of
from lessons.store import Database
from serving.observability.logs import JsonLines, TextLines

SAID = "the mitochondrion is what Zebediah calls home"

FORMATTERS: list[Callable[[str], logging.Formatter]] = [JsonLines, TextLines]


def line(formatter: logging.Formatter, message: str, *args: object, failed: bool = False) -> str:
    record = logging.LogRecord(
        "serving.live",
        logging.ERROR,
        __file__,
        1,
        message,
        args,
        sys.exc_info() if failed else None,
    )
    return formatter.format(record)


def test_a_line_names_its_process_its_event_and_the_ids_in_it() -> None:
    lesson_id, caption_id = new_id("les"), new_id("cap")
    told = json.loads(
        line(JsonLines("ingest-1"), "lesson %s: caption %s waits", lesson_id, caption_id)
    )
    assert told["process"] == "ingest-1"
    assert told["event"] == "lesson %s: caption %s waits"
    assert told["message"] == f"lesson {lesson_id}: caption {caption_id} waits"
    assert told["lesson_id"] == lesson_id
    assert told["trace_id"] == f"{number_of(caption_id):032x}"
    assert told["level"] == "error"


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_an_outage_is_told_in_its_own_words(formatter: Callable[[str], logging.Formatter]) -> None:
    outage = Unavailable("The database does not answer: connection refused.")
    assert "connection refused" in line(formatter("jobs"), "the relay waits: %s", outage)


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    "error",
    [
        InvalidInput(f"{SAID!r} is no role.", field="role"),
        Conflict(f"Event {SAID} is stored with another body."),
        ValueError(f"invalid literal: {SAID!r}"),
        KeyError(SAID),
    ],
)
def test_what_an_error_quotes_is_in_no_line(
    formatter: Callable[[str], logging.Formatter], error: Exception
) -> None:
    lines = [line(formatter("jobs"), "it failed: %s", error)]
    try:
        try:
            raise error
        except Exception as first:
            raise RuntimeError(SAID) from first
    except RuntimeError:
        lines.append(line(formatter("jobs"), "it failed", failed=True))
    for told in lines:
        assert "Zebediah" not in told
    assert type(error).__name__ in lines[1]
    assert "RuntimeError" in lines[1]
    assert "test_logs.py" in lines[1], "where it failed is told"


def test_what_asyncio_appends_to_its_message_is_left_out() -> None:
    told = line(JsonLines("jobs"), f"Task exception was never retrieved\nfuture: {SAID}")
    assert "Task exception was never retrieved" in told
    assert "Zebediah" not in told


@given(st.text())
def test_every_line_is_one_json_object_on_one_line(anything: str) -> None:
    told = line(JsonLines("jobs"), "it was %s", anything)
    assert len(told.splitlines()) == 1
    assert json.loads(told)["process"] == "jobs"


async def test_an_error_of_the_store_does_not_quote_what_was_to_be_stored(
    database: Database, tenant_id: str
) -> None:
    with pytest.raises(DBAPIError) as failure:
        async with database.transaction(tenant_id) as connection:
            await connection.execute(text("SELECT :said FROM no_such_table"), {"said": SAID})
    assert "Zebediah" not in str(failure.value)
