"""What is inferred about learners, over the API: one's own, open contests, a group's numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from lessons.events import (
    EngagementNudge,
    EngagementProfile,
    EngagementSignal,
    EventData,
    EventDraft,
)
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange
from serving.web.services import Services

TokenOf = Callable[..., str]
WHILE_MS = 125_000
"""How long the lesson has been going on."""


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def live(services: Services, lesson: Lesson) -> Lesson:
    """The lesson, begun two minutes ago."""
    await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    begun = datetime.now(UTC) - timedelta(milliseconds=WHILE_MS)
    async with services.database.transaction(lesson.tenant_id) as connection:
        await connection.execute(
            text("UPDATE lessons SET started_at = :begun WHERE id = :id"),
            {"begun": begun, "id": lesson.id},
        )
    return await services.lessons.get_lesson(lesson.tenant_id, lesson.id)


async def join(services: Services, lesson: Lesson, name: str, role: Role) -> Participant:
    return await services.lessons.add_participant(lesson.tenant_id, lesson.id, name, role)


async def tell(services: Services, lesson: Lesson, who: Participant, *claims: EventData) -> None:
    drafts = [
        EventDraft(data, getattr(data, "end_ms", 100_000), who.id, id=f"{who.id}:{number}")
        for number, data in enumerate(claims)
    ]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)


def signal(state: str, end_ms: int = 110_000, since_ms: int = 60_000) -> EngagementSignal:
    changes = {"state": state, "since_ms": since_ms, "start_ms": end_ms - 5_000, "end_ms": end_ms}
    return EngagementSignal.model_validate(dict(EngagementSignal.example) | changes)


def profile() -> EngagementProfile:
    return EngagementProfile.model_validate(EngagementProfile.example)


async def post(api: httpx.AsyncClient, lesson: Lesson, token: str | None, **event: Any) -> None:
    headers = bearer(token) if token else {}
    answer = await api.post(f"/v1/lessons/{lesson.id}/events", json=event, headers=headers)
    assert answer.json()["results"][0]["status"] == 201, answer.text


async def own_view(
    api: httpx.AsyncClient, lesson: Lesson, who: Participant, token: str, **query: Any
) -> dict[str, Any]:
    path = f"/v1/lessons/{lesson.id}/engagement/learners/{who.id}"
    answer = await api.get(path, headers=bearer(token), params=query)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def test_a_learner_reads_everything_that_is_inferred_and_nobody_elses(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    other = await join(services, live, "Ben", Role.LEARNER)
    nudge = EngagementNudge.model_validate(EngagementNudge.example)
    await tell(
        services, live, learner, signal("working", 65_000), signal("stuck"), profile(), nudge
    )
    await tell(services, live, other, signal("away"))
    seen = await own_view(api, live, learner, token_of(learner))
    assert (seen["is_inferred"], seen["reason"]) == (True, None)
    assert seen["current"]["data"]["state"] == "stuck"
    assert seen["profile"]["type"] == "engagement.profile"
    assert {one["subject"] for one in seen["inferred"]} == {learner.id}
    assert [one["type"] for one in seen["inferred"]] == [
        "engagement.nudge",
        "engagement.profile",
        "engagement.signal",
        "engagement.signal",
    ]
    path = f"/v1/lessons/{live.id}/engagement/learners/{other.id}"
    refused = await api.get(path, headers=bearer(token_of(learner)))
    assert (refused.status_code, refused.json()["field"]) == (403, "participant_id")
    observer = await join(services, live, "Olga", Role.OBSERVER)
    refused = await api.get(path, headers=bearer(token_of(observer)))
    assert refused.status_code == 403
    tutor = await join(services, live, "Tina", Role.INSTRUCTOR)
    await own_view(api, live, learner, token_of(tutor))
    logged = await services.disclosures.list_disclosures(live.tenant_id, learner.person_id)
    assert "engagement" in [entry.what for entry in logged]


async def test_pages_go_back_to_the_beginning(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    await tell(
        services, live, learner, *(signal("working", ms, 0) for ms in range(5_000, 60_000, 5_000))
    )
    token, before, found = token_of(learner), None, []
    while True:
        query = {"limit": 4} | ({"before": before} if before else {})
        page = await own_view(api, live, learner, token, **query)
        found += [one["lessontimems"] for one in page["inferred"]]
        before = page["next_before"]
        if before is None:
            break
    assert found == list(range(55_000, 0, -5_000))


async def test_a_contest_stands_until_somebody_who_teaches_has_looked(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    tutor = await join(services, live, "Tina", Role.INSTRUCTOR)
    await tell(services, live, learner, signal("away", 80_000), signal("away", 110_000))
    token, contested = token_of(learner), f"{learner.id}:0"
    await post(
        api,
        live,
        token,
        id="contest-1",
        type="engagement.contested",
        subject=learner.id,
        data={"signal_ids": [contested], "remark": "I was here."},
    )
    seen = await own_view(api, live, learner, token)
    assert seen["left_out"] == [f"{learner.id}:1", contested]  # The state went on.
    assert [one["contest"]["id"] for one in seen["contests"]] == ["contest-1"]
    path = f"/v1/lessons/{live.id}/engagement/contests"
    listed = (await api.get(path, headers=bearer(token_of(tutor)))).json()["contests"]
    assert [(one["contest"]["id"], len(one["claims"])) for one in listed] == [("contest-1", 2)]
    assert (await api.get(path, headers=bearer(token))).status_code == 403
    review = {
        "id": "review-1",
        "type": "engagement.reviewed",
        "subject": learner.id,
        "data": {"contest_id": "contest-1", "outcome": "upheld"},
    }
    own = await api.post(f"/v1/lessons/{live.id}/events", json=review, headers=bearer(token))
    assert own.json()["results"][0]["status"] == 403  # Nobody reviews their own.
    await post(api, live, token_of(tutor), **review)
    assert (await api.get(path, headers=bearer(token_of(tutor)))).json()["contests"] == []
    seen = await own_view(api, live, learner, token)
    assert seen["left_out"] == []
    assert seen["contests"][0]["review"]["data"]["outcome"] == "upheld"


async def test_a_guardian_contests_for_their_child_and_for_nobody_else(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    other = await join(services, live, "Ben", Role.LEARNER)
    tutor = await join(services, live, "Tina", Role.INSTRUCTOR)
    await tell(services, live, learner, signal("away"))
    grace = (await api.post("/v1/people", json={"name": "Grace"})).json()["id"]
    _, proof = await services.sign_ins.begin(live.tenant_id, grace)
    path = f"/v1/lessons/{live.id}/engagement"
    body = {"id": "contest-1", "signal_ids": [f"{learner.id}:0"], "remark": "She was on paper."}

    async def contest(who: Participant, token: str, **changes: Any) -> httpx.Response:
        where = f"{path}/learners/{who.id}/contests"
        return await api.post(where, json=body | changes, headers=bearer(token))

    assert (await contest(learner, proof)).status_code == 403  # Nobody's guardian yet.
    await api.post(f"/v1/people/{learner.person_id}/guardians", json={"guardian_id": grace})
    seen = await own_view(api, live, learner, proof)
    assert (seen["contests"], seen["left_out"]) == ([], [])
    answer = await contest(learner, proof)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["subject"], answer.json()["data"]["contested_by"]) == (
        learner.id,
        "guardian",
    )
    assert (await contest(learner, proof)).json()["ledgersequence"] == answer.json()[
        "ledgersequence"
    ]
    assert (await contest(learner, proof, remark="Something else.")).status_code == 409
    assert (await contest(other, proof)).status_code == 403
    assert (await contest(learner, token_of(tutor))).status_code == 403
    wrong = await contest(learner, proof, id="contest-2", signal_ids=[])
    assert wrong.status_code == 422, wrong.text
    seen = await own_view(api, live, learner, token_of(learner))
    assert seen["left_out"] == [f"{learner.id}:0"]
    listed = (await api.get(f"{path}/contests", headers=bearer(token_of(tutor)))).json()["contests"]
    assert [one["contest"]["data"]["remark"] for one in listed] == ["She was on paper."]
    entries = (await api.get("/v1/audit")).json()["entries"]
    where = f"lessons/{live.id}/engagement/learners/{learner.id}/contests"
    told = [(one["actor"], one["action"], one["resource"]) for one in entries]
    assert (grace, "contest engagement", where) in told


async def test_a_learner_contests_for_themself_alone_and_is_no_guardian(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    other = await join(services, live, "Ben", Role.LEARNER)
    path = f"/v1/lessons/{live.id}/engagement/learners"
    span, headers = {"start_ms": 0, "end_ms": 5_000}, bearer(token_of(learner))
    own = await api.post(f"{path}/{learner.id}/contests", json=span, headers=headers)
    assert (own.status_code, own.json()["data"]["contested_by"]) == (201, "learner")
    others = await api.post(f"{path}/{other.id}/contests", json=span, headers=headers)
    assert others.status_code == 403
    posing = {
        "id": "c",
        "type": "engagement.contested",
        "subject": learner.id,
        "data": span | {"contested_by": "guardian"},
    }
    posted = await api.post(f"/v1/lessons/{live.id}/events", json=posing, headers=headers)
    assert posted.json()["results"][0]["problem"]["field"] == "contested_by"


async def test_after_consent_was_taken_back_nothing_is_shown_as_how_it_is(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    await tell(services, live, learner, signal("working"))
    change = ConsentChange(
        learner.person_id, live.id, [Purpose.SIGNALS], granted=False, basis=None, decided_by="key"
    )
    await services.consent_changes.decide(live.tenant_id, change)
    seen = await own_view(api, live, learner, token_of(learner))
    assert (seen["is_inferred"], seen["current"]) == (False, None)
    assert seen["reason"] == "Consent to signals was refused or taken back."
    assert len(seen["inferred"]) == 1  # What was inferred before is still theirs to read.


async def test_a_school_that_wants_no_signals_is_told_as_the_reason(
    api: httpx.AsyncClient,
    services: Services,
    live: Lesson,
    learner: Participant,
    token_of: TokenOf,
) -> None:
    await services.tenants.change(
        live.tenant_id, live.tenant_id, settings={"engagement": {"signals": False}}
    )
    seen = await own_view(api, live, learner, token_of(learner))
    assert (seen["is_inferred"], seen["reason"]) == (False, "The school has switched signals off.")


async def aggregate(api: httpx.AsyncClient, lesson: Lesson, token: str) -> dict[str, Any]:
    path = f"/v1/lessons/{lesson.id}/engagement/aggregate"
    answer = await api.get(path, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def test_an_observer_sees_shares_of_five_or_more_and_no_name(
    api: httpx.AsyncClient, services: Services, live: Lesson, token_of: TokenOf
) -> None:
    observer = await join(services, live, "Olga", Role.OBSERVER)
    people = [await join(services, live, f"L{number}", Role.LEARNER) for number in range(5)]
    for who in people[:4]:
        await tell(services, live, who, signal("working"))
    seen = await aggregate(api, live, token_of(observer))
    assert (seen["suppressed"], seen["learners"], seen["states"]) == (True, None, None)
    await tell(services, live, people[4], signal("stuck"))
    seen = await aggregate(api, live, token_of(observer))
    assert (seen["suppressed"], seen["at_ms"]) == (False, 120_000)
    assert seen["states"] == {"working": 0.8, "stuck": 0.2}
    assert not any(who.id in str(seen) or who.name in str(seen) for who in people)
    learner_asks = await api.get(
        f"/v1/lessons/{live.id}/engagement/aggregate", headers=bearer(token_of(people[0]))
    )
    assert learner_asks.status_code == 403


async def test_what_is_contested_is_in_no_number_even_of_a_signal_long_ago(
    api: httpx.AsyncClient, services: Services, live: Lesson, token_of: TokenOf
) -> None:
    observer = await join(services, live, "Olga", Role.OBSERVER)
    people = [await join(services, live, f"L{number}", Role.LEARNER) for number in range(6)]
    for who in people:
        await tell(
            services, live, who, signal("drifting", 10_000, 0), signal("drifting", 110_000, 0)
        )
    await post(
        api,
        live,
        token_of(people[0]),
        id="contest-1",
        type="engagement.contested",
        subject=people[0].id,
        data={"signal_ids": [f"{people[0].id}:0"]},
    )
    assert (await aggregate(api, live, token_of(observer)))["learners"] == 5


async def test_a_lesson_that_has_not_begun_has_no_numbers(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant
) -> None:
    answer = await api.get(f"/v1/lessons/{lesson.id}/engagement/aggregate")
    assert (answer.json()["at_ms"], answer.json()["suppressed"]) == (None, True)
    missing = await api.get("/v1/lessons/les_none/engagement/aggregate")
    assert missing.status_code == 404
    stranger = await api.get(f"/v1/lessons/{lesson.id}/engagement/learners/par_none")
    assert (stranger.status_code, stranger.json()["field"]) == (404, "participant_id")
