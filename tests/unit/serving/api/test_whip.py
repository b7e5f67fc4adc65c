"""WHIP through the gateway to real ingest workers with real peers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.live.ingest_worker import IngestWorker
from serving.live.process import open_worker, signalling_app
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.serving.serving_app import serve

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def no_workers(services: Services) -> None:
    """Strike off what other tests have left in the list."""
    for worker in await services.workers.list_workers():
        await services.workers.remove(worker.id)


@pytest.fixture
async def worker(
    settings: Settings, served_database: str, services: Services, no_workers: None
) -> AsyncIterator[IngestWorker]:
    async with open_worker(settings, served_database) as opened:
        async with serve(signalling_app(opened, services.token_secret)) as url:
            await opened.register(url)
            yield opened
        await services.workers.remove(opened.id)


@pytest.fixture
async def peer() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    yield connection
    await connection.close()


@pytest.fixture
def whip(lesson: Lesson) -> str:
    return f"/v1/lessons/{lesson.id}/whip"


@pytest.fixture
def as_learner(learner: Participant, token_of: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(learner)}"}


async def test_a_peer_is_published_trickled_to_and_ended(
    api: httpx.AsyncClient,
    worker: IngestWorker,
    peer: RTCPeerConnection,
    whip: str,
    lesson: Lesson,
    as_learner: dict[str, str],
) -> None:
    offer = peer.localDescription.sdp
    answer = await api.post(whip, content=offer, headers=as_learner | SDP)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/sdp")
    assert answer.text.startswith("v=0")
    assert answer.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
    location, tag = answer.headers["location"], answer.headers["etag"]
    assert location.startswith(f"{whip}/{worker.id}/")
    tracks = (await api.get(f"/v1/lessons/{lesson.id}")).json()["tracks"]
    assert [(track["kind"], track["ended_at_ms"]) for track in tracks] == [("audio", None)]

    fragment = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n"
    for if_match in ({}, {"If-Match": tag}):
        headers = as_learner | FRAGMENT | if_match
        assert (await api.patch(location, content=fragment, headers=headers)).status_code == 204
    stale = as_learner | FRAGMENT | {"If-Match": '"other"'}
    assert (await api.patch(location, content=fragment, headers=stale)).status_code == 412
    restart = f"a=ice-ufrag:new\r\na=ice-pwd:{'n' * 24}\r\n{fragment}"
    headers = as_learner | FRAGMENT
    assert (await api.patch(location, content=restart, headers=headers)).status_code == 422

    assert (await api.delete(location, headers=as_learner)).status_code == 200
    assert (await api.delete(location, headers=as_learner)).status_code == 404


async def test_a_taken_track_is_refused(
    api: httpx.AsyncClient,
    worker: IngestWorker,
    peer: RTCPeerConnection,
    whip: str,
    as_learner: dict[str, str],
) -> None:
    offer = peer.localDescription.sdp
    assert (await api.post(whip, content=offer, headers=as_learner | SDP)).status_code == 201
    second = await api.post(whip, content=offer, headers=as_learner | SDP)
    assert (second.status_code, second.json()["code"]) == (409, "conflict")


async def test_what_the_worker_refuses_comes_through_as_its_problem(
    api: httpx.AsyncClient, worker: IngestWorker, whip: str, as_learner: dict[str, str]
) -> None:
    response = await api.post(whip, content="not an offer", headers=as_learner | SDP)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_foreign_peer_cannot_be_ended(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    peer: RTCPeerConnection,
    whip: str,
    lesson: Lesson,
    as_learner: dict[str, str],
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    offer = peer.localDescription.sdp
    answer = await api.post(whip, content=offer, headers=as_learner | SDP)
    headers = {"Authorization": f"Bearer {token_of(other)}"}
    refused = await api.delete(answer.headers["location"], headers=headers)
    assert refused.status_code == 404


async def test_a_dead_worker_is_passed_over(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    peer: RTCPeerConnection,
    whip: str,
    as_learner: dict[str, str],
) -> None:
    await services.workers.heartbeat(worker.id, peers=10, load=0.5, draining=False)
    dead = await services.workers.register(new_id("wrk"), url=NOBODY, capacity_peers=20)
    response = await api.post(whip, content=peer.localDescription.sdp, headers=as_learner | SDP)
    await services.workers.remove(dead.id)
    assert response.status_code == 201
    assert worker.id in response.headers["location"]


@pytest.mark.parametrize(("load", "draining"), [(0.9, False), (0.1, True)])
async def test_full_or_draining_workers_answer_try_again_later(
    api: httpx.AsyncClient,
    services: Services,
    no_workers: None,
    whip: str,
    as_learner: dict[str, str],
    load: float,
    draining: bool,
) -> None:
    full = await services.workers.register(new_id("wrk"), url=NOBODY, capacity_peers=20)
    await services.workers.heartbeat(full.id, peers=18, load=load, draining=draining)
    response = await api.post(whip, content="v=0\r\n", headers=as_learner | SDP)
    assert (response.status_code, response.json()["code"]) == (503, "overloaded")
    assert int(response.headers["retry-after"]) > 0


async def test_without_any_worker_the_answer_is_try_again_later(
    api: httpx.AsyncClient,
    services: Services,
    no_workers: None,
    whip: str,
    as_learner: dict[str, str],
) -> None:
    absent = await api.post(whip, content="v=0\r\n", headers=as_learner | SDP)
    await services.workers.register(new_id("wrk"), url=NOBODY, capacity_peers=20)
    dead = await api.post(whip, content="v=0\r\n", headers=as_learner | SDP)
    for response in (absent, dead):
        assert (response.status_code, response.json()["code"]) == (503, "overloaded")
        assert int(response.headers["retry-after"]) > 0


async def test_a_publication_whose_worker_is_gone_is_not_found(
    api: httpx.AsyncClient, whip: str, as_learner: dict[str, str]
) -> None:
    response = await api.delete(f"{whip}/wrk_gone/peer", headers=as_learner)
    assert response.status_code == 404


async def test_who_may_not_publish_is_told_why(
    api: httpx.AsyncClient,
    services: Services,
    whip: str,
    lesson: Lesson,
    learner: Participant,
    as_learner: dict[str, str],
    token_of: Callable[..., str],
) -> None:
    observer = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Olga", Role.OBSERVER
    )
    cases = {
        token_of(observer): "observer",
        token_of(learner, lesson_id=new_id("les")): "another lesson",
    }
    for token, word in cases.items():
        headers = {"Authorization": f"Bearer {token}"} | SDP
        response = await api.post(whip, content="v=0\r\n", headers=headers)
        assert response.status_code == 403
        assert word in response.json()["detail"]
    with_key = await api.post(whip, content="v=0\r\n", headers=SDP)
    assert with_key.status_code == 403


async def test_bodies_of_another_type_or_size_are_refused(
    api: httpx.AsyncClient, whip: str, as_learner: dict[str, str]
) -> None:
    plain = await api.post(whip, content="v=0", headers=as_learner | {"Content-Type": "text/plain"})
    assert (plain.status_code, plain.json()["field"]) == (415, "Content-Type")
    large = await api.post(whip, content=b"v" * 70_000, headers=as_learner | SDP)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert large.headers["content-type"] == "application/problem+json"


async def test_an_ended_lesson_takes_no_publisher(
    api: httpx.AsyncClient, whip: str, lesson: Lesson, as_learner: dict[str, str]
) -> None:
    await api.post(f"/v1/lessons/{lesson.id}/end")
    response = await api.post(whip, content="v=0\r\n", headers=as_learner | SDP)
    assert response.status_code == 409


async def test_any_origin_may_ask_what_the_endpoint_takes(
    api: httpx.AsyncClient, whip: str
) -> None:
    plain = await api.options(whip)
    assert (plain.status_code, plain.headers["accept-post"]) == (204, "application/sdp")
    preflight = await api.options(
        whip,
        headers={
            "Origin": "https://platform.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers


async def test_configured_ice_servers_are_links(
    settings: Settings,
    api: httpx.AsyncClient,
    worker: IngestWorker,
    peer: RTCPeerConnection,
    whip: str,
    as_learner: dict[str, str],
) -> None:
    settings.ice_servers.extend(["stun:stun.example.org", "turn:turn.example.org"])
    offer = peer.localDescription.sdp
    response = await api.post(whip, content=offer, headers=as_learner | SDP)
    assert response.headers.get_list("link", split_commas=True) == [
        '<stun:stun.example.org>; rel="ice-server"',
        '<turn:turn.example.org>; rel="ice-server"',
    ]
