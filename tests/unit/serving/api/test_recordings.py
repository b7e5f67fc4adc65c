"""Uploads of recordings, and the sample: what is stored and queued, and what is refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from lessons.records import Lesson, Participant, Recording
from lessons.store.database import driver_url
from serving.web.services import Services

MEDIA = b"not really media, but bytes" * 1000


@pytest.fixture
def path(lesson: Lesson) -> str:
    return f"/v1/lessons/{lesson.id}/recordings"


def queued(url: str, task: str, lesson_id: str) -> list[dict[str, Any]]:
    with psycopg.connect(driver_url(url)) as connection:
        rows = connection.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s", [task]
        ).fetchall()
    return [args for (args,) in rows if args["lesson_id"] == lesson_id]


def contents_of(recording: Recording) -> list[bytes]:
    return [Path(file.path).read_bytes() for file in recording.files]


def uploads_in(services: Services) -> list[Path]:
    return list((services.settings.data_dir / "recordings").glob("*/*"))


async def test_an_upload_is_stored_and_queued(
    api: httpx.AsyncClient,
    services: Services,
    served_database: str,
    lesson: Lesson,
    learner: Participant,
    path: str,
) -> None:
    files = [("files", ("../ada.opus", MEDIA)), ("files", ("room.mp4", b"x"))]
    form = {"participants": json.dumps([learner.name, None])}
    response = await api.post(path, files=files, data=form)
    recording = response.json()
    assert (response.status_code, recording["status"]) == (202, "queued")
    assert recording["files"] == [
        {"name": "../ada.opus", "participant_id": learner.id},
        {"name": "room.mp4", "participant_id": None},
    ]
    stored = await services.recordings.get(lesson.tenant_id, lesson.id, recording["id"])
    assert contents_of(stored) == [MEDIA, b"x"]
    folder = services.settings.data_dir / "recordings" / recording["id"]
    assert all(Path(file.path).parent == folder for file in stored.files)
    jobs = queued(served_database, "lectern:process_recording", lesson.id)
    assert [job["recording_id"] for job in jobs] == [recording["id"]]
    read = await api.get(f"{path}/{recording['id']}")
    assert read.json() == recording


@pytest.mark.parametrize(
    ("files", "form", "status", "field"),
    [
        ([("files", ("a.opus", b""))], {}, 422, "files[0]"),
        ([("file", ("a.opus", MEDIA))], {}, 422, "file"),
        ([("participants", (None, "[]"))], {}, 422, "files"),
        ([("files", ("a.opus", MEDIA))] * 17, {}, 422, "files"),
        ([("files", ("a.opus", MEDIA))], {"participants": '["Nobody"]'}, 422, "participants[0]"),
        ([("files", ("a.opus", MEDIA))], {"participants": '["a", "b"]'}, 422, "participants"),
        ([("files", ("a.opus", MEDIA))], {"participants": "Ada"}, 422, "participants"),
        ([("files", ("a.opus", MEDIA))], {"participants": "x" * 70_000}, 422, "participants"),
        ([("files", ("a.opus", b"x" * 3_100_000))], {}, 413, "body"),
    ],
)
async def test_a_bad_upload_leaves_nothing_behind(
    api: httpx.AsyncClient,
    services: Services,
    path: str,
    files: list[Any],
    form: dict[str, str],
    status: int,
    field: str,
) -> None:
    response = await api.post(path, files=files, data=form)
    assert (response.status_code, response.json()["field"]) == (status, field)
    assert uploads_in(services) == []


async def test_an_upload_that_is_no_form_or_breaks_off_is_refused(
    api: httpx.AsyncClient, services: Services, path: str
) -> None:
    assert (await api.post(path, content=MEDIA)).status_code == 415
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    for body, status in ((head + MEDIA, 422), (b"nonsense", 422), (b"", 422)):
        response = await api.post(path, content=body, headers=headers)
        assert (response.status_code, response.json()["field"]) == (status, "body")
    assert uploads_in(services) == []


async def test_an_upload_without_a_stated_length_is_bounded_too(
    api: httpx.AsyncClient, services: Services, path: str
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        while True:
            yield MEDIA

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await api.post(path, content=endless(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert uploads_in(services) == []


async def test_an_ended_lesson_or_a_learner_uploads_nothing(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    path: str,
    token_of: Callable[..., str],
) -> None:
    files = [("files", ("a.opus", MEDIA))]
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.post(path, files=files, headers=headers)).status_code == 403
    await api.post(f"/v1/lessons/{lesson.id}/end")
    assert (await api.post(path, files=files)).status_code == 409
    assert uploads_in(services) == []
    assert (await api.get(f"{path}/rec_x")).status_code == 404


async def test_a_fresh_sample_has_its_people_and_is_played_by_a_job(
    api: httpx.AsyncClient, served_database: str
) -> None:
    created = await api.post("/v1/samples")
    assert (created.status_code, created.json()["sample"]) == (201, True)
    lesson_id = created.json()["id"]
    detail = (await api.get(f"/v1/lessons/{lesson_id}")).json()
    assert {person["role"] for person in detail["participants"]} == {"instructor", "learner"}
    assert (await api.post(f"/v1/lessons/{lesson_id}/play")).status_code == 202
    assert len(queued(served_database, "lectern:play_sample", lesson_id)) == 1


async def test_only_a_sample_that_was_not_played_can_be_played(
    api: httpx.AsyncClient, lesson: Lesson
) -> None:
    assert (await api.post(f"/v1/lessons/{lesson.id}/play")).status_code == 409
    sample = (await api.post("/v1/samples")).json()["id"]
    await api.post(f"/v1/lessons/{sample}/end")
    assert (await api.post(f"/v1/lessons/{sample}/play")).status_code == 409
    assert (await api.post("/v1/lessons/les_x/play")).status_code == 404
