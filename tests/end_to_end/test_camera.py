"""A browser's camera, looked at only as long as its learner agrees: numbers in, no pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eval.drawn_face import DrawnFace, drawn_picture
from tests.end_to_end.browser import run_chromium, write_camera_file
from tests.end_to_end.platform_page import classroom
from tests.end_to_end.stack import Stack
from tests.face_models import require_faces

pytestmark = pytest.mark.timeout(300)

CAMERA_FRAMES = 50
SEEN_SECONDS = 90.0


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    require_faces()
    pictures = (
        drawn_picture(DrawnFace(x=0.5 + 0.01 * (number % 8)), width=320, height=240)
        for number in range(CAMERA_FRAMES)
    )
    camera: Path = tmp_path_factory.mktemp("camera") / "learner.y4m"
    with run_chromium(camera=write_camera_file(pictures, camera)) as running:
        yield running


@pytest.fixture
def learner(stack: Stack) -> Iterator[str]:
    """The path of a learner in a lesson of a tenant that looks at cameras."""
    with stack.client() as api:
        _switch(stack, on=True)
        lesson = api.post("/v1/lessons", json={"title": "On camera"}).json()
        path = f"/v1/lessons/{lesson['id']}/participants"
        person = api.post(path, json={"name": "Ada", "role": "learner"}).json()
        yield f"{path}/{person['id']}"
        _switch(stack, on=False)


@pytest.fixture
def page(browser: Browser, stack: Stack, learner: str) -> Iterator[Page]:
    with stack.client() as api:

        def mint_token() -> str:
            return str(api.post(f"{learner}/token").raise_for_status().json()["token"])

        with classroom(stack.url, mint_token) as address:
            context = browser.new_context()
            opened = context.new_page()
            opened.goto(address)
            opened.wait_for_function("() => window.lectern")
            yield opened
            context.close()


def _switch(stack: Stack, *, on: bool) -> None:
    with stack.client() as api:
        settings = {"engagement": {"camera": on}}
        api.patch("/v1/tenants/ten_default", json={"settings": settings}).raise_for_status()


def _events(stack: Stack, learner: str) -> list[dict[str, Any]]:
    with stack.client() as api:
        lesson = learner.split("/participants/")[0]
        events: list[dict[str, Any]] = api.get(f"{lesson}/events").json()["events"]
    return events


def _observed(stack: Stack, learner: str, at_least: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + SEEN_SECONDS
    while True:
        found = [one for one in _events(stack, learner) if one["type"] == "camera.observed"]
        if len(found) >= at_least:
            return found
        assert time.monotonic() < deadline, f"{len(found)} windows of the camera"
        time.sleep(0.5)


def test_a_camera_is_counted_while_its_learner_agrees(
    page: Page, stack: Stack, learner: str
) -> None:
    consents = f"{learner}/consents"
    with stack.client() as api:
        agreed = {"purposes": ["camera_signals"], "basis": "guardian"}
        api.post(consents, json=agreed).raise_for_status()
        page.evaluate("lectern.publish({ video: true }).then(() => null)")
        page.wait_for_function("() => lectern.status.media === 'live'")
        data = _observed(stack, learner, at_least=2)[-1]["data"]
        assert (data["presence"], data["faces_most"], data["facing_screen"]) == (1.0, 1, 1.0)
        assert all(isinstance(value, int | float | str) for value in data.values())
        api.delete(f"{consents}/camera_signals").raise_for_status()
    time.sleep(7)  # The next window would be over by then.
    page.evaluate("lectern.close()")
    types = [event["type"] for event in _events(stack, learner)]
    assert "camera.observed" not in types[types.index("consent.revoked") :]
