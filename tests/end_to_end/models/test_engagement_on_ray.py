"""The engagement model as a Serve deployment, and a live lesson that is judged by it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import make_url, text

from features.engagement import FEATURES
from lessons.events import EngagementSignal, EventDraft
from lessons.events.hands import HandRaised
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from models.engagement.selection import choose_model
from serving.engagement.client import EngagementClient
from serving.engagement.process import open_follower
from serving.engagement.wire import TopicPair
from serving.observability.engagement_metrics import EngagementMetrics
from serving.settings import Settings
from tests.end_to_end.models.models_command import ModelsCommand, eventually
from tests.keys import MASTER_KEY

pytestmark = pytest.mark.timeout(240)

LOADING_SECONDS = 120
PATIENCE_SECONDS = 60


def _ready(command: ModelsCommand) -> dict[str, Any] | None:
    told = command.told("engagement")
    return told if told is not None and told["state"] == "ready" else None


async def test_ticks_of_many_processes_are_judged_by_the_model_that_was_chosen(
    models_on_two_nodes: ModelsCommand,
) -> None:
    told = eventually(lambda: _ready(models_on_two_nodes), LOADING_SECONDS)
    chosen = choose_model().model
    assert (told["model"], told["version"]) == (chosen.name, chosen.version)
    made = np.random.default_rng(3)
    windows = made.normal(size=(50, told["history"], len(FEATURES))).astype(np.float32)
    windows[:, :, ::4] = np.nan
    async with EngagementClient(models_on_two_nodes.url) as client:
        answers = await asyncio.gather(*(client.estimate(windows[n::5]) for n in range(5)))
        expected = chosen.probabilities(windows)
        for number, answer in enumerate(answers):
            assert answer.model == chosen.name
            np.testing.assert_allclose(answer.probabilities, expected[number::5], atol=1e-4)
    async with httpx.AsyncClient(base_url=models_on_two_nodes.url, trust_env=False) as http:
        refused = await http.post("/engagement", content=b"nonsense")
    assert (refused.status_code, refused.json()["field"]) == (422, "body")


async def test_what_is_said_is_nearer_to_its_own_topic(models_on_two_nodes: ModelsCommand) -> None:
    told = eventually(lambda: _ready(models_on_two_nodes), LOADING_SECONDS)
    if told["embeddings"] is None:
        pytest.skip("the packages of the embedding model are not installed")
    topic = "Adding fractions with unlike denominators"
    pairs = [
        TopicPair(said="first I find a common denominator for both fractions", topic=topic),
        TopicPair(said="did you see the football game last night", topic=topic),
    ]
    async with EngagementClient(models_on_two_nodes.url) as client:
        near, far = await client.similarities(pairs)
    assert near > far + 0.2


async def test_a_live_lesson_is_judged_by_the_served_model(
    models_on_two_nodes: ModelsCommand,
    lone_database: Database,
    database_url: str,
    tenant_id: str,
) -> None:
    told = eventually(lambda: _ready(models_on_two_nodes), LOADING_SECONDS)
    lessons, ledger = LessonStore(lone_database), Ledger(lone_database)
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    ada = await lessons.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
    await lessons.start_lesson(tenant_id, lesson.id)
    where = (tenant_id, lesson.id)
    await ledger.append(*where, [EventDraft(HandRaised(), None, ada.id)])
    async with lone_database.transaction(None) as connection:
        name = await connection.scalar(text("SELECT current_database()"))
    url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    settings = Settings(models_url=models_on_two_nodes.url, master_key=MASTER_KEY)
    metrics = EngagementMetrics()
    async with open_follower(settings, url, metrics) as follower, follower.following():
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await ledger.read(*where, types=[EngagementSignal.type])):
                await asyncio.sleep(0.2)
    signal = found[0]
    assert isinstance(signal.data, EngagementSignal)
    assert signal.subject == ada.id
    assert (signal.data.model, signal.data.model_version) == (told["model"], told["version"])
    served = metrics.registry.get_sample_value(
        "lectern_engagement_ticks_total", {"where": "served"}
    )
    assert served
