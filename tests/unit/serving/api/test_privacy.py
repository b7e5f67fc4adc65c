from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from lessons.events import CaptionFinal, EventDraft, PollAnswered
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _said(speaker: Participant, text: str) -> EventDraft:
    said = {"text": text, "participant_id": speaker.id, "participant_name": speaker.name}
    data = CaptionFinal.model_validate({**CaptionFinal.example, **said})
    return EventDraft(data, data.start_ms, speaker.id)


@pytest.fixture
async def tutor(services: Services, lesson: Lesson) -> Participant:
    return await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Mo Tutor", Role.INSTRUCTOR
    )


@pytest.fixture
async def recorded(
    services: Services, lesson: Lesson, learner: Participant, tutor: Participant
) -> str:
    """Ada and her tutor have spoken, and she has answered; the path of her person."""
    await services.ledger.append(
        lesson.tenant_id,
        lesson.id,
        [
            _said(learner, "three <quarters>"),
            _said(tutor, "right you are"),
            EventDraft(PollAnswered(poll_id="p7", options=[1]), 9, learner.id),
        ],
    )
    return f"/v1/people/{learner.person_id}"


async def test_the_whole_record_of_one_person_is_taken_away_and_nobody_elses(
    api: httpx.AsyncClient, recorded: str, learner: Participant
) -> None:
    await api.post(f"{recorded}/consents", json={"purposes": ["audio"], "basis": "own"})
    answer = await api.get(f"{recorded}/export.json", headers={"Lectern-Purpose": "on request"})
    assert answer.status_code == 200
    record = answer.json()
    (lesson,) = record["lessons"]
    assert [event["type"] for event in lesson["events"]] == ["caption.final", "poll.answered"]
    assert lesson["events"][0]["data"]["text"] == "three <quarters>"
    assert "right you are" not in answer.text
    sections = {section["table"]: section["rows"] for section in record["sections"]}
    assert [row["name"] for row in sections["participants"]] == ["Ada"]
    assert [row["purpose"] for row in sections["consent_decisions"]] == ["audio"]
    assert "wrapped_key" not in answer.text
    seen = (await api.get(f"{recorded}/disclosures")).json()["disclosures"]
    assert [(item["what"], item["purpose"]) for item in seen] == [("personal export", "on request")]
    (entry, *_) = (await api.get("/v1/audit")).json()["entries"]
    assert (entry["action"], entry["resource"]) == ("export", f"person {learner.person_id}")


async def test_the_page_is_readable_branded_and_escaped(
    api: httpx.AsyncClient, services: Services, tenant_id: str, recorded: str
) -> None:
    brand = {"name": "Hill School", "primary_colour": "#14532d"}
    await services.tenants.change(tenant_id, tenant_id, settings={"brand": brand})
    page = await api.get(f"{recorded}/export.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "attachment" in page.headers["content-disposition"]
    assert "three &lt;quarters&gt;" in page.text
    for shown in ("Hill School", "#14532d", "Ada", "poll.answered", "Fractions"):
        assert shown in page.text


async def test_a_learner_takes_their_own_record_and_no_other(
    api: httpx.AsyncClient,
    recorded: str,
    learner: Participant,
    tutor: Participant,
    token_of: Callable[..., str],
) -> None:
    own = _bearer(token_of(learner))
    assert (await api.get(f"{recorded}/export.json", headers=own)).status_code == 200
    theirs = f"/v1/people/{tutor.person_id}/export.json"
    assert (await api.get(theirs, headers=own)).status_code == 403
    assert (await api.get(f"{recorded}/disclosures", headers=own)).json()["disclosures"] == []
    assert (await api.post(f"{recorded}/erasure", headers=own)).status_code == 403


async def test_an_erased_person_is_gone_from_every_answer(
    api: httpx.AsyncClient, recorded: str, lesson: Lesson, learner: Participant
) -> None:
    assert (await api.get(f"{recorded}/erasure")).status_code == 404
    erased = await api.post(f"{recorded}/erasure")
    assert (erased.status_code, erased.json()["sealed_events"]) == (200, 2)
    assert (await api.post(f"{recorded}/erasure")).json() == erased.json()
    state = (await api.get(f"{recorded}/erasure")).json()
    assert state["check"] == {
        "key_is_destroyed": True,
        "bodies_unchanged": 2,
        "bodies_gone": 0,
        "bodies_readable": 0,
    }
    events = await api.get(f"/v1/lessons/{lesson.id}/events")
    captions = await api.get(f"/v1/lessons/{lesson.id}/captions.vtt")
    record = await api.get(f"{recorded}/export.json")
    for answer in (events, captions, record):
        assert answer.status_code == 200
        assert "<quarters>" not in answer.text
        assert "Ada" not in answer.text
    assert "right you are" in captions.text
    types = [event["type"] for event in events.json()["events"]]
    assert types[:3] == ["event.erased", "caption.final", "event.erased"]


async def test_the_schedule_says_what_each_rule_reaches(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    await services.tenants.change(
        tenant_id, tenant_id, settings={"retention": {"captions_days": 30}}
    )
    rules = {rule["setting"]: rule for rule in (await api.get("/v1/retention")).json()["rules"]}
    assert rules["retention.captions_days"]["days"] == 30
    assert "caption.final" in rules["retention.captions_days"]["event_types"]
    assert "objective_evidence" in rules["retention.events_days"]["tables"]
    assert rules["retention.recordings_days"]["swept_until"] is None


async def test_who_is_not_there_is_not_found(api: httpx.AsyncClient) -> None:
    for path in ("export.json", "disclosures", "erasure"):
        assert (await api.get(f"/v1/people/per_none/{path}")).status_code == 404
    assert (await api.post("/v1/people/per_none/erasure")).status_code == 404
    assert (await api.get("/v1/people/per_none/export.pdf")).status_code == 422
