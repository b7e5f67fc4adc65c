"""The application on a Ray of two nodes: placement, batches, bad windows, a crash."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import psutil
import pytest
import ray
from ray.cluster_utils import Cluster
from ray.serve.handle import DeploymentHandle

from lessons.errors import InvalidInput, LecternError, Unavailable
from models.captions.interface import CaptionWindow
from serving.app import APPLICATION
from serving.captioning.batch_counters import BatchCounters
from serving.captioning.captioner import CAPTIONER, ServedCaptions
from serving.captioning.client import CaptionClient
from tests.end_to_end.models.models_command import ModelsCommand
from tests.media import sample_speech

pytestmark = pytest.mark.timeout(180)

LESSONS = 6
CRASH_NOTICED_SECONDS = 10
RECOVERY_SECONDS = 90


@pytest.fixture
async def client(models_on_two_nodes: ModelsCommand) -> AsyncIterator[CaptionClient]:
    async with CaptionClient(models_on_two_nodes.url) as client:
        yield client


@pytest.fixture(scope="module")
def speech() -> CaptionWindow:
    return CaptionWindow("speech", sample_speech("tutor", 4.0))


def _replica() -> psutil.Process:
    (replica,) = [
        process
        for process in psutil.Process().children(recursive=True)
        if "".join(process.cmdline()).startswith(f"ray::ServeReplica:{APPLICATION}:{CAPTIONER}")
    ]
    return replica


async def test_speech_becomes_words(client: CaptionClient, speech: CaptionWindow) -> None:
    heard = await client.transcribe(speech)
    assert len(heard.words) > 3
    assert (heard.window_id, heard.engine) == ("speech", "pocketsphinx")


async def test_the_captioner_runs_on_the_node_with_its_resource(
    models_on_two_nodes: ModelsCommand, two_nodes: Cluster
) -> None:
    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    having = [node["NodeID"] for node in nodes if "captions" in node["Resources"]]
    assert len(nodes) == 2
    assert len(having) == 1
    assert two_nodes.head_node is not None
    assert having != [two_nodes.head_node.node_id]
    free = ray.available_resources()
    assert free.get("captions", 0) == 0, "the replica does not hold it"


async def test_windows_of_different_lessons_share_one_call_of_the_model(
    whisper_on_two_nodes: DeploymentHandle[Any], speech: CaptionWindow
) -> None:
    captions = ServedCaptions(whisper_on_two_nodes)
    lessons = [CaptionWindow(f"lesson-{n}/track", speech.samples) for n in range(LESSONS)]
    heard = await asyncio.gather(*map(captions.transcribe, lessons))
    counters: BatchCounters = await whisper_on_two_nodes.counters.remote()
    assert [(one.window_id, one.text) for one in heard] == [
        (one.id, "the answer is seven") for one in lessons
    ]
    assert counters.windows == LESSONS
    assert counters.largest > 1
    assert counters.calls < LESSONS


async def test_speech_of_different_lessons_is_decoded_side_by_side(
    client: CaptionClient, speech: CaptionWindow
) -> None:
    lessons = [CaptionWindow(f"lesson-{n}/track", speech.samples) for n in range(LESSONS)]
    heard = await asyncio.gather(*map(client.transcribe, lessons))
    assert [one.window_id for one in heard] == [one.id for one in lessons]
    assert len({one.text for one in heard}) == 1, "the same speech is heard the same"


async def test_a_bad_window_is_refused_and_the_next_one_is_not(
    client: CaptionClient, speech: CaptionWindow
) -> None:
    with pytest.raises(InvalidInput, match="not finite"):
        await client.transcribe(CaptionWindow("nan", np.full(1600, np.nan, dtype=np.float32)))
    assert (await client.transcribe(speech)).words


async def test_silence_has_no_words(client: CaptionClient) -> None:
    silence = CaptionWindow("silence", np.zeros(32_000, dtype=np.float32))
    assert (await client.transcribe(silence)).words == ()


async def test_a_replica_that_dies_in_mid_call_is_noticed_and_replaced(
    client: CaptionClient, speech: CaptionWindow
) -> None:
    long_window = CaptionWindow("long", np.tile(speech.samples, 7))
    call = asyncio.create_task(client.transcribe(long_window))
    await asyncio.sleep(1.0)
    assert not call.done()
    _replica().kill()
    killed = time.monotonic()
    with pytest.raises(Unavailable):
        await call
    assert time.monotonic() - killed < CRASH_NOTICED_SECONDS
    assert await _words_again(client, speech)


async def _words_again(client: CaptionClient, speech: CaptionWindow) -> bool:
    give_up = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < give_up:
        try:
            return bool((await client.transcribe(speech)).words)
        except LecternError:
            await asyncio.sleep(0.5)
    return False
