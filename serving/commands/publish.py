"""`lectern publish`: a file into a live lesson, by the public API alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from lessons.errors import InvalidInput, Unavailable
from media_ingest.publisher import WhipPublisher
from serving.commands.speaker_names import parse_speaker

REQUEST_SECONDS = 10.0


async def publish_file(
    gateway_url: str, api_key: str, lesson_id: str, speaker: str, file: Path, *, video: bool
) -> None:
    """Add a participant to the lesson and publish the file as theirs until it ends.

    Raises:
        InvalidInput: the speaker or the file is unusable, or the API refuses the request.
        LecternError: the WHIP endpoint refuses the publication, or the connection is lost.
    """
    name, role = parse_speaker(speaker)
    async with httpx.AsyncClient(
        base_url=gateway_url,
        headers={"Authorization": f"Bearer {api_key}"},
        timeout=REQUEST_SECONDS,
    ) as client:
        people = f"/v1/lessons/{lesson_id}/participants"
        person = await _post(client, people, {"name": name, "role": role.value})
        token = await _post(client, f"{people}/{person['id']}/token", {})
    whip_url = f"{gateway_url}/v1/lessons/{lesson_id}/whip"
    await WhipPublisher(whip_url, token["token"], file, video=video).publish()


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        response = await client.post(path, json=body)
    except httpx.TransportError as error:
        raise Unavailable(
            f"{client.base_url} does not answer.", fix="Is `lectern up` running? See --url."
        ) from error
    if not response.is_success:
        raise InvalidInput(f"{client.base_url} answers {response.status_code}: {response.text}")
    answer: dict[str, Any] = response.json()
    return answer
