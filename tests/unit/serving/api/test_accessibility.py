"""The accessibility record of a lesson, over the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from lessons.accessibility.histogram import BUCKETS, histogram
from lessons.events import (
    CaptionFinal,
    CaptionsMeasured,
    CaptionsTargetMet,
    CaptionsTargetMissed,
    EventDraft,
)
from lessons.records import Lesson, Participant
from serving.web.display_reports import DisplayReports
from serving.web.services import Services

LATENCIES = [800, 900, 1_000, 4_000]


@pytest.fixture
async def captioned(services: Services, lesson: Lesson, learner: Participant) -> Lesson:
    """A lesson with four finals, one of them late, and an alarm that ended."""
    live = await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    drafts = []
    for number, latency in enumerate(LATENCIES):
        said = dict(CaptionFinal.example) | {
            "caption_id": f"cap_{number}",
            "participant_id": learner.id,
            "start_ms": number * 20_000,
            "end_ms": number * 20_000 + 900,
            "speech_end_ms": number * 20_000 + 900,
            "finalised_at_ms": number * 20_000 + 900 + latency,
            "text": "three quarters",
            "words": [],
            "confidence": 0.8,
        }
        data = CaptionFinal.model_validate(said)
        drafts.append(EventDraft(data, data.start_ms, learner.id, id=data.caption_id))
    measured = dict(CaptionsMeasured.example) | {"words_final": 8, "words_erased": 2}
    missed = dict(CaptionsTargetMissed.example) | {"since_ms": 10_000}
    met = dict(CaptionsTargetMet.example) | {"since_ms": 10_000, "until_ms": 52_000}
    for data_class, example in (
        (CaptionsMeasured, measured),
        (CaptionsTargetMissed, missed),
        (CaptionsTargetMet, met),
    ):
        drafts.append(EventDraft(data_class.model_validate(example), 90_000, learner.id))
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)
    return live


async def test_the_record_tells_how_the_captions_served(
    api: httpx.AsyncClient, captioned: Lesson, learner: Participant
) -> None:
    path = f"/v1/lessons/{captioned.id}"
    correction = {"text": "four quarters"}
    await api.post(f"{path}/captions/cap_1/corrections", json=correction)
    record = (await api.get(f"{path}/accessibility")).json()
    assert record["speech_end_to_final"] == {
        "count": 4,
        "p50_ms": 900,
        "p95_ms": 4_000,
        "p99_ms": 4_000,
    }
    assert record["word_to_publish"]["count"] == 4
    assert record["flicker"] == {"words_final": 8, "words_erased": 2, "normalised_erasure": 0.25}
    assert record["reading_rate"]["cues"] == 4
    assert record["confidence"] == [
        {
            "participant_id": learner.id,
            "name": "Ada",
            "role": "learner",
            "captions": 4,
            "words": 8,
            "mean": 0.8,
        }
    ]
    sample = record["sampled_accuracy"]
    assert (sample["corrected_captions"], sample["words"], sample["errors"]) == (1, 2, 1)
    assert "never the accuracy" in sample["note"]
    assert record["time_outside_ms"] == 42_000
    assert [one["reason"] for one in record["outages"]] == ["no_captions"]
    assert [(one["start_ms"], one["finals"]) for one in record["minutes"]] == [(0, 3), (60_000, 1)]
    assert record["targets"]["speech_end_to_final_ms"] == 3_000


async def test_a_learner_may_see_it_and_whoever_looks_is_written_down(
    api: httpx.AsyncClient,
    services: Services,
    captioned: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    path = f"/v1/lessons/{captioned.id}/accessibility"
    ada = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.get(path, headers=ada)).status_code == 200
    assert (await api.get(path)).status_code == 200
    log = await services.disclosures.list_disclosures(captioned.tenant_id, learner.person_id)
    assert "accessibility" in {entry.what for entry in log}


async def test_a_tenant_sets_its_targets(api: httpx.AsyncClient, captioned: Lesson) -> None:
    targets = {"caption_targets": {"speech_end_to_final_ms": 2_000}}
    tenant = f"/v1/tenants/{captioned.tenant_id}"
    assert (await api.patch(tenant, json={"settings": targets})).status_code == 200
    record = (await api.get(f"/v1/lessons/{captioned.id}/accessibility")).json()
    assert record["targets"] == {"speech_end_to_final_ms": 2_000, "word_to_screen_ms": 4_000}


async def test_what_viewers_report_is_added_up_and_names_none_of_them(
    api: httpx.AsyncClient,
    services: Services,
    captioned: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    path = f"/v1/lessons/{captioned.id}/accessibility"
    ada = {"Authorization": f"Bearer {token_of(learner)}"}
    report = {
        "start_ms": 0,
        "end_ms": 0,
        "word_to_screen": histogram([900, 1_900]),
        "clock_uncertainty_ms": 7,
    }
    for headers in (ada, ada, {}):
        answer = await api.post(f"{path}/display", json=report, headers=headers)
        assert answer.status_code == 202
        assert answer.json()["now_ms"] >= 0
    silent = report | {"word_to_screen": [0] * BUCKETS}
    assert (await api.post(f"{path}/display", json=silent)).status_code == 202
    wrong = report | {"word_to_screen": [1]}
    refused = await api.post(f"{path}/display", json=wrong)
    assert (refused.status_code, refused.json()["field"]) == (422, "word_to_screen")
    await services.display_reports.write_all()
    record = (await api.get(path)).json()
    assert (record["word_to_screen"]["count"], record["screen_reports"]) == (6, 3)
    assert record["word_to_screen"]["p95_ms"] == 2_000
    assert record["clock_uncertainty_ms"] == 7
    events = await services.ledger.read(
        captioned.tenant_id, captioned.id, types=["captions.displayed"]
    )
    assert [event.subject for event in events] == [None]


async def test_reports_are_written_by_themselves(services: Services, captioned: Lesson) -> None:
    async with DisplayReports(services.ledger, gathering_seconds=0.0) as reports:
        place = (captioned.tenant_id, captioned.id)
        reports.add(*place, (0, 30_000), histogram([500]), 3)
        types = ["captions.displayed"]
        async with asyncio.timeout(10):
            while not await services.ledger.read(*place, types=types):
                await asyncio.sleep(0.02)


async def test_nobody_reports_of_a_lesson_that_has_not_begun(
    api: httpx.AsyncClient, lesson: Lesson
) -> None:
    report = {
        "start_ms": 0,
        "end_ms": 0,
        "word_to_screen": [0] * BUCKETS,
        "clock_uncertainty_ms": 7,
    }
    answer = await api.post(f"/v1/lessons/{lesson.id}/accessibility/display", json=report)
    assert (answer.status_code, answer.json()["field"]) == (409, "lesson_id")
