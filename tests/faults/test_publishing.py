"""What goes wrong while publishing, and that it stays one participant's trouble."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lessons.errors import Conflict
from tests.faults.conftest import Classroom
from tests.media import write_wave


async def test_a_publication_leaves_its_whole_story_in_the_ledger(
    classroom: Classroom, speech: Path
) -> None:
    await classroom.publisher(classroom.tutor, speech).publish()
    finals = await classroom.wait_for_finals(2)
    await classroom.wait_for_type("participant.left")
    events = await classroom.events()
    types = [event.type for event in events]
    assert types[:2] == ["lesson.started", "track.published"]
    told = [name for name in types if name != "captions.measured"]
    assert told[-2:] == ["track.ended", "participant.left"]
    assert "participant.joined" in types
    assert [event.ledgersequence for event in events] == list(range(1, len(events) + 1))
    assert {final.participant_id for final in finals} == {classroom.tutor.id}
    assert all(final.role == "instructor" for final in finals)
    for before, after in pairwise(finals):
        assert before.end_ms <= after.start_ms + 400


async def test_a_second_publisher_on_a_taken_track_is_refused_and_the_first_goes_on(
    classroom: Classroom, speech: Path
) -> None:
    first = asyncio.create_task(classroom.publisher(classroom.tutor, speech).publish())
    await classroom.wait_for_type("track.published")
    with pytest.raises(Conflict):
        await classroom.publisher(classroom.tutor, speech).publish()
    await first
    assert await classroom.wait_for_finals(2)
    assert (await classroom.types()).count("track.published") == 1


async def test_an_ended_lesson_takes_no_publisher_and_lets_the_present_one_go(
    classroom: Classroom, speech: Path
) -> None:
    publishing = asyncio.create_task(classroom.publisher(classroom.tutor, speech).publish())
    await classroom.wait_for_finals(1)
    await classroom.services.lessons.end_lesson(classroom.lesson.tenant_id, classroom.lesson.id)
    await classroom.wait_for_type("participant.left")
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    response = await classroom.post_offer("v=0\r\n", classroom.token(classroom.learner))
    assert response.status_code == 409
    assert response.json()["fix"]


@pytest.mark.parametrize(
    ("sdp", "status"),
    [
        ("this is not SDP", 422),
        ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", 422),
        ("\x00\x01", 422),
    ],
)
async def test_a_malformed_offer_is_refused_and_claims_nothing(
    classroom: Classroom, sdp: str, status: int
) -> None:
    response = await classroom.post_offer(sdp, classroom.token(classroom.tutor))
    assert response.status_code == status
    problem = response.json()
    assert problem["field"]
    assert problem["detail"]
    assert await classroom.types() == []


async def test_an_expired_token_is_refused(classroom: Classroom) -> None:
    token = classroom.token(classroom.tutor, lifetime=timedelta(seconds=-1))
    response = await classroom.post_offer("v=0\r\n", token)
    assert response.status_code == 401
    assert "expired" in response.json()["detail"]


async def test_a_token_of_another_lesson_is_refused(classroom: Classroom) -> None:
    other = await classroom.services.lessons.create_lesson(
        classroom.lesson.tenant_id, title="Another"
    )
    headers = {
        "Authorization": f"Bearer {classroom.token(classroom.tutor)}",
        "Content-Type": "application/sdp",
    }
    response = await classroom.services.http.post(
        f"{classroom.url}/v1/lessons/{other.id}/whip", content="v=0\r\n", headers=headers
    )
    assert response.status_code in {403, 404}


async def test_silence_noise_and_tones_leave_no_caption(
    classroom: Classroom, tmp_path: Path
) -> None:
    times = np.arange(16_000 * 2) / 16_000
    noise = np.random.default_rng(1).normal(0, 0.1, len(times))
    tone = 0.3 * np.sin(2 * np.pi * 440 * times)
    samples = np.concatenate([np.zeros(len(times)), noise, tone])
    path = write_wave(tmp_path / "noise.wav", samples)
    await classroom.publisher(classroom.tutor, path).publish()
    await classroom.wait_for_type("participant.left")
    assert await classroom.finals() == []


async def test_a_publication_does_not_outlive_the_revocation_of_its_token(
    classroom: Classroom, speech: Path
) -> None:
    tutor = classroom.tutor
    publishing = asyncio.create_task(classroom.publisher(tutor, speech).publish())
    learning = asyncio.create_task(classroom.publisher(classroom.learner, speech).publish())
    await classroom.wait_for_finals(1)
    await classroom.services.participant_tokens.revoke(
        classroom.lesson.tenant_id, tutor.lesson_id, tutor.id
    )
    async with asyncio.timeout(5):
        await classroom.wait_for_type("participant.left")
    left = [event for event in await classroom.events() if event.type == "participant.left"]
    assert [event.subject for event in left] == [tutor.id]
    refused = await classroom.post_offer("v=0\r\n", classroom.token(tutor))
    assert refused.status_code == 401
    for task in (publishing, learning):
        task.cancel()
    await asyncio.gather(publishing, learning, return_exceptions=True)
