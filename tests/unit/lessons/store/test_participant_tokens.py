from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.errors import NotAuthenticated, NotFound, WrongCredential
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.records import Participant
from lessons.roles import Role
from lessons.store import Database, LessonStore
from lessons.store.participant_tokens import ParticipantTokenStore


@pytest.fixture
def tokens(database: Database) -> ParticipantTokenStore:
    return ParticipantTokenStore(database)


@pytest.fixture
def credential(tenant_id: str, learner: Participant) -> Credential:
    return Credential(
        tenant_id=tenant_id,
        kind="participant",
        lesson_id=learner.lesson_id,
        participant_id=learner.id,
        role=learner.role,
    )


async def test_every_token_of_before_is_revoked_and_none_of_after(
    tokens: ParticipantTokenStore, credential: Credential, tenant_id: str, learner: Participant
) -> None:
    await tokens.require_good(credential)
    for count in (1, 2):
        await tokens.revoke(tenant_id, learner.lesson_id, learner.id)
        with pytest.raises(NotAuthenticated, match="revoked"):
            await tokens.require_good(replace(credential, generation=count - 1))
        assert await tokens.generation(tenant_id, learner.id) == count
        await tokens.require_good(replace(credential, generation=count))


async def test_somebody_elses_tokens_stay_good(
    tokens: ParticipantTokenStore,
    credential: Credential,
    tenant_id: str,
    learner: Participant,
    lesson_store: LessonStore,
) -> None:
    other = await lesson_store.add_participant(tenant_id, learner.lesson_id, "Ben", Role.LEARNER)
    await tokens.revoke(tenant_id, learner.lesson_id, learner.id)
    await tokens.require_good(replace(credential, participant_id=other.id))


async def test_nobody_revokes_across_lessons_or_tenants(
    tokens: ParticipantTokenStore, credential: Credential, tenant_id: str, learner: Participant
) -> None:
    with pytest.raises(NotFound):
        await tokens.revoke(tenant_id, new_id("les"), learner.id)
    with pytest.raises(NotFound):
        await tokens.revoke(new_id("ten"), learner.lesson_id, learner.id)
    await tokens.require_good(credential)


async def test_a_token_of_a_participant_that_never_was_is_wrong(
    tokens: ParticipantTokenStore, credential: Credential
) -> None:
    with pytest.raises(WrongCredential):
        await tokens.require_good(replace(credential, participant_id=new_id("par")))
