"""A tenant that has one of everything, so that every operation can be tried on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import psycopg
from psycopg import sql

from lessons.events import EventDraft, LearningEvent
from lessons.events.captions import CaptionFinal
from lessons.identifiers import new_id
from lessons.records import Participant, RecordingFile
from lessons.roles import Role
from lessons.store.database import driver_url
from lessons.tokens import mint_participant_token
from serving.web.services import Services


@dataclass
class WholeTenant:
    """One tenant and the ids of what it has, by the names that paths and bodies use.

    Attributes:
        marker: a word that stands in every name and text of the tenant, and nowhere else.
        tokens: a participant token for each role, all in one lesson.
        sign_ins: a proof of a person for each role, held at the tenant's node.
    """

    tenant_id: str
    marker: str
    key: str
    identifiers: dict[str, str] = field(default_factory=dict)
    participants: dict[Role, Participant] = field(default_factory=dict)
    tokens: dict[Role, str] = field(default_factory=dict)
    sign_ins: dict[Role, str] = field(default_factory=dict)

    @property
    def secrets(self) -> set[str]:
        """What nobody else may read: the marker, and every id."""
        names = set(self.identifiers) - {"purpose", "file_format", "number", "event_type", "host"}
        return {self.marker, *(self.identifiers[name] for name in names)}


async def build_tenant(services: Services, api: httpx.AsyncClient, tenant_id: str) -> WholeTenant:
    """Fill a tenant with one of everything."""
    marker = new_id("marker")
    _, key = await services.api_keys.create(tenant_id, marker)
    tenant = WholeTenant(tenant_id, marker, key)
    headers = {"Authorization": f"Bearer {key}"}

    async def make(path: str, **body: Any) -> dict[str, Any]:
        response = await api.post(path, json=body, headers=headers)
        assert response.is_success, (path, response.text)
        made: dict[str, Any] = response.json()
        return made

    await _make_courses(tenant, make)
    await _make_people(services, tenant, make)
    await _make_lesson(services, tenant, make)
    await _make_the_rest(services, tenant, make)
    tenant.identifiers |= {
        "tenant_id": tenant_id,
        "learner_id": tenant.identifiers["person_id"],
        "purpose": "audio",
        "file_format": "json",
        "number": "0",
        "event_type": "hand.raised",
        "host": f"{new_id('h').replace('_', '-')}.example",
        "worker_id": new_id("wrk"),
        "peer_id": new_id("peer"),
    }
    return tenant


async def _make_courses(tenant: WholeTenant, make: Any) -> None:
    ids = tenant.identifiers
    ids["curriculum_id"] = (await make("/v1/curricula", title=tenant.marker))["id"]
    objective = await make(
        f"/v1/curricula/{ids['curriculum_id']}/objectives", code="A1", statement=tenant.marker
    )
    ids["objective_id"] = objective["id"]
    ids["course_id"] = (await make("/v1/courses", title=tenant.marker))["id"]


async def _make_people(services: Services, tenant: WholeTenant, make: Any) -> None:
    ids, people = tenant.identifiers, {}
    for role in Role:
        people[role] = (await make("/v1/people", name=tenant.marker, external_id=role))["id"]
        given = await make(f"/v1/people/{people[role]}/roles", role=role)
        begun, tenant.sign_ins[role] = await services.sign_ins.begin(tenant.tenant_id, people[role])
        ids |= {"assignment_id": given["id"], "sign_in_id": begun.id}
    ids["person_id"], ids["guardian_id"] = people[Role.LEARNER], people[Role.GUARDIAN]
    await make(f"/v1/people/{ids['person_id']}/guardians", guardian_id=ids["guardian_id"])
    contract = await make(
        "/v1/contracts",
        title=tenant.marker,
        purposes=["attendance"],
        valid_from="2020-01-01",
        client_person_id=people[Role.INSTITUTIONAL_CLIENT],
    )
    ids["contract_id"] = contract["id"]


async def _make_lesson(services: Services, tenant: WholeTenant, make: Any) -> None:
    ids = tenant.identifiers
    lesson = (await make("/v1/lessons", title=tenant.marker))["id"]
    ids["lesson_id"] = lesson
    for role in Role:
        added = await make(
            f"/v1/lessons/{lesson}/participants", name=tenant.marker, role=role, external_id=role
        )
        participant = Participant.model_validate(added)
        tenant.participants[role] = participant
        tenant.tokens[role] = mint_participant_token(
            services.token_secret,
            tenant_id=tenant.tenant_id,
            lesson_id=lesson,
            participant_id=participant.id,
            role=role,
            name=participant.name,
            lifetime=timedelta(minutes=5),
        )
    ids["participant_id"] = tenant.participants[Role.LEARNER].id
    for event in await speak(services, tenant, 3):
        if isinstance(event.data, CaptionFinal):
            ids["caption_id"] = event.data.caption_id


async def speak(services: Services, tenant: WholeTenant, times: int) -> list[LearningEvent]:
    """Let the tenant's learner say its marker."""
    learner = tenant.participants[Role.LEARNER]
    drafts = [
        EventDraft(
            CaptionFinal.model_validate(
                dict(CaptionFinal.example)
                | {
                    "caption_id": new_id("cap"),
                    "text": tenant.marker,
                    "words": [],
                    "participant_id": learner.id,
                }
            ),
            number,
            learner.id,
        )
        for number in range(times)
    ]
    appended = await services.ledger.append(tenant.tenant_id, learner.lesson_id, drafts)
    return [one.event for one in appended]


async def _make_the_rest(services: Services, tenant: WholeTenant, make: Any) -> None:
    ids = tenant.identifiers
    key = await make("/v1/api-keys", name=tenant.marker)
    ids["key_id"] = key["id"]
    recording = await services.recordings.create(
        tenant.tenant_id, ids["lesson_id"], [RecordingFile(name=tenant.marker, path="/nowhere")]
    )
    webhook = await services.webhooks.create(
        tenant.tenant_id, url=f"https://hooks.example/{tenant.marker}", secret=b"s" * 32
    )
    ids |= {"recording_id": recording.id, "webhook_id": webhook.id, "message_id": new_id("msg")}


def rows_of(database_url: str, tenant_id: str) -> dict[str, str]:
    """Return a digest of a tenant's rows in every table, as the database's owner sees them."""
    digests = {}
    with psycopg.connect(driver_url(database_url)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns "
            "WHERE column_name = 'tenant_id' AND table_schema = 'public'"
        ).fetchall()
        for (table,) in tables:
            digest = connection.execute(
                sql.SQL(
                    "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {} t "
                    "WHERE tenant_id = %s"
                ).format(sql.Identifier(table)),
                [tenant_id],
            ).fetchone()
            digests[table] = str(digest)
    return digests
