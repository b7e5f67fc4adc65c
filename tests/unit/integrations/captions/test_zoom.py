"""What is sent to Zoom, and what its answers mean."""

from __future__ import annotations

import pytest

from integrations.address_guard import AddressGuard
from integrations.captions.zoom import (
    LINE_CHARACTERS,
    ZoomFailure,
    ZoomSender,
    host_of,
    line_url,
    lines_of,
    number_url,
)
from lessons.errors import InvalidInput
from tests.unit.integrations.captions.spoken import final
from tests.unit.integrations.captions.zoom_meeting import Fault, running_meeting

URL = "https://wmcc.zoom.us/closedcaption?id=7&ns=GZHkEA&sparams=id%2Cns&signature=nYtX"
LOCAL = AddressGuard(["127.0.0.0/8"])


def test_a_line_is_posted_under_its_number_and_language() -> None:
    assert line_url(URL, 3, "en-US") == f"{URL}&seq=3&lang=en-US"
    assert number_url(URL) == URL.replace("/closedcaption?", "/closedcaption/seq?")


def test_a_number_that_was_copied_along_is_left_out() -> None:
    assert line_url(f"{URL}&seq=9&lang=de-DE", 3, "en-US") == f"{URL}&seq=3&lang=en-US"


@pytest.mark.parametrize("url", ["https://zoom.us/j/123", "https://zoom.us/?id=1", "nonsense"])
def test_a_link_to_join_is_no_caption_url(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        host_of(url)
    assert refused.value.field == "url"
    assert host_of(URL) == "wmcc.zoom.us"


def test_the_speaker_is_named_and_long_captions_are_cut_between_words() -> None:
    assert lines_of(final("three\nquarters", 0, 900)) == ["Ada: three quarters"]
    long = " ".join(["pizza"] * 40)
    lines = lines_of(final(long, 0, 900))
    assert all(len(line) <= LINE_CHARACTERS for line in lines)
    assert " ".join(lines) == f"Ada: {long}"


async def test_lines_arrive_as_plain_text_each_under_the_next_number() -> None:
    async with running_meeting() as meeting, ZoomSender(LOCAL) as sender:
        for number, line in enumerate(["Ada: drei Äpfel & <Birnen>", "Ines: ja"], 1):
            assert await sender.last_number(meeting.url) == number - 1
            await sender.send(meeting.url, number, "de-DE", line)
    assert meeting.lines == ["Ada: drei Äpfel & <Birnen>\n", "Ines: ja\n"]
    assert meeting.languages == {"de-DE"}


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        (Fault.NOT_STARTED, True),
        (Fault.OVERLOADED, False),
        (Fault.CUT_BEFORE, False),
        (Fault.CUT_AFTER, False),
        (Fault.HANG_AFTER, False),
    ],
)
async def test_a_failure_says_whether_the_line_may_have_been_taken(
    fault: Fault, refused: bool
) -> None:
    async with running_meeting() as meeting, ZoomSender(LOCAL, timeout_seconds=0.3) as sender:
        meeting.faults = [fault]
        with pytest.raises(ZoomFailure) as failed:
            await sender.send(meeting.url, 1, "en-US", "hello")
    assert failed.value.refused is refused


async def test_a_number_out_of_turn_is_refused_by_the_meeting() -> None:
    async with running_meeting() as meeting, ZoomSender(LOCAL) as sender:
        await sender.send(meeting.url, 1, "en-US", "one")
        for number in (1, 3):
            with pytest.raises(ZoomFailure, match="400"):
                await sender.send(meeting.url, number, "en-US", "again")
    assert meeting.refused == [1, 3]


async def test_internal_addresses_are_not_connected_to() -> None:
    async with running_meeting() as meeting, ZoomSender(AddressGuard()) as sender:
        with pytest.raises(ZoomFailure, match=r"internal address 127\.0\.0\.1"):
            await sender.send(meeting.url, 1, "en-US", "hello")
    assert meeting.lines == []


async def test_a_wrong_url_is_told_in_plain_words() -> None:
    async with running_meeting() as meeting, ZoomSender(LOCAL) as sender:
        with pytest.raises(ZoomFailure, match="not whole, or has expired"):
            await sender.last_number(meeting.url.replace("signature", "sign"))
