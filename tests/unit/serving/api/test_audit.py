from __future__ import annotations

from collections.abc import Callable

import httpx
import psycopg

from lessons.records import Lesson, Participant
from serving.web.services import Services


async def test_the_trail_is_read_verified_and_signed(
    api: httpx.AsyncClient, services: Services, tenant_id: str, served_database: str
) -> None:
    assert (await api.post("/v1/audit/checkpoints")).status_code == 404
    for number in range(3):
        await services.audit.record(tenant_id, "key_1", "create", f"lesson {number}")
    page = (await api.get("/v1/audit", params={"limit": 2})).json()
    rest = (await api.get("/v1/audit", params={"before": page["next"]})).json()
    positions = [entry["position"] for entry in page["entries"] + rest["entries"]]
    assert (positions, rest["next"]) == ([3, 2, 1], None)
    checkpoint = (await api.post("/v1/audit/checkpoints")).json()
    assert checkpoint["hash"] == page["entries"][0]["hash"]
    assert (await api.get("/v1/audit/verification")).json() == {
        "entries": 3,
        "intact": True,
        "faults": [],
    }
    async with await psycopg.AsyncConnection.connect(served_database) as connection:
        await connection.execute(
            "DELETE FROM audit_entries WHERE tenant_id = %s AND position = 2", (tenant_id,)
        )
    broken = (await api.get("/v1/audit/verification")).json()
    assert broken["faults"] == [{"position": 2, "problem": "missing: 2"}]
    assert not broken["intact"]


async def test_decisions_on_consent_are_audited(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant
) -> None:
    await api.delete(f"/v1/people/{learner.person_id}/consents/audio")
    (entry,) = (await api.get("/v1/audit")).json()["entries"]
    assert (entry["action"], entry["resource"]) == ("revoke", f"consent of {learner.person_id}")
    assert entry["actor"].startswith("key_")


async def test_a_learner_does_not_read_the_trail(
    api: httpx.AsyncClient, learner: Participant, token_of: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    for path in ("/v1/audit", "/v1/audit/verification"):
        assert (await api.get(path, headers=headers)).status_code == 403
    assert (await api.post("/v1/audit/checkpoints", headers=headers)).status_code == 403
