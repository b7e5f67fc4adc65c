"""Which tokens of a participant are still good: revoking makes all of them worthless at once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from lessons.errors import NotAuthenticated, WrongCredential
from lessons.policy import Credential
from lessons.store.database import Database
from lessons.store.lessons import read_participant
from lessons.store.tables import participants, token_generations


class ParticipantTokenStore:
    """Counts how often a participant's tokens were revoked: a token of an earlier count is void.

    No clock is compared, so a token minted in the very moment of a revocation is either good or
    not, whichever gateway minted it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def generation(self, tenant_id: str, participant_id: str) -> int:
        """Return the count that a new token has to carry."""
        query = select(token_generations.c.generation).where(
            token_generations.c.tenant_id == tenant_id,
            token_generations.c.participant_id == participant_id,
        )
        async with self._database.transaction(tenant_id) as connection:
            return await connection.scalar(query) or 0

    async def require_good(self, credential: Credential) -> None:
        """Let a token pass whose participant exists and which was not revoked.

        Raises:
            WrongCredential: there is no such participant.
            NotAuthenticated: the token was revoked.
        """
        generation = token_generations.c.generation
        same = (token_generations.c.tenant_id == participants.c.tenant_id) & (
            token_generations.c.participant_id == participants.c.id
        )
        query = (
            select(participants.c.id, generation)
            .select_from(participants.outerjoin(token_generations, same))
            .where(
                participants.c.tenant_id == credential.tenant_id,
                participants.c.id == credential.participant_id,
            )
        )
        async with self._database.transaction(credential.tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise WrongCredential("The token's participant is unknown.", field="Authorization")
        if (row.generation or 0) > credential.generation:
            raise NotAuthenticated(
                "The token has been revoked.",
                field="Authorization",
                fix="Mint a new one at POST /v1/lessons/{id}/participants/{pid}/token.",
            )

    async def revoke(self, tenant_id: str, lesson_id: str, participant_id: str) -> None:
        """Make every token of the participant worthless that was minted until now.

        Raises:
            NotFound: the lesson has no such participant.
        """
        first = insert(token_generations).values(
            tenant_id=tenant_id,
            participant_id=participant_id,
            generation=1,
            revoked_at=datetime.now(UTC),
        )
        statement = first.on_conflict_do_update(
            index_elements=[token_generations.c.tenant_id, token_generations.c.participant_id],
            set_={
                "generation": token_generations.c.generation + 1,
                "revoked_at": first.excluded.revoked_at,
            },
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_participant(connection, tenant_id, lesson_id, participant_id)
            await connection.execute(statement)
