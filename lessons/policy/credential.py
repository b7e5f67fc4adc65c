"""Who asks: an API key of a tenant, a participant of one lesson, or a person who signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lessons.roles import Role

CredentialKind = Literal["api_key", "participant", "person"]


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request proves about its sender. What they may do is the matrix's to say.

    Attributes:
        tenant_id: the tenant that is acted on.
        lesson_id, participant_id, role, name: of a participant, as the token says; the role may
            have changed since, so decisions ask the store.
        api_key_id: of an API key.
        home_tenant_id: where the credential lives: `tenant_id` itself or an ancestor of it.
        person_id: of a person who signed in; of a participant where the token says it.
        scopes: what an API key is limited to, such as `lessons:read`; None means everything.
        token_id: the `jti` of a token; the id of a person's sign-in.
        generation: of a participant token: how often the participant's tokens had been revoked
            when it was minted.
        expires_at: when it stops being good by itself; None: never.
    """

    tenant_id: str
    kind: CredentialKind
    lesson_id: str | None = None
    participant_id: str | None = None
    role: Role | None = None
    name: str | None = None
    api_key_id: str | None = None
    home_tenant_id: str = ""
    person_id: str | None = None
    scopes: frozenset[str] | None = None
    token_id: str | None = None
    generation: int = 0
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.home_tenant_id:
            object.__setattr__(self, "home_tenant_id", self.tenant_id)

    @property
    def actor(self) -> str:
        """The id under which the record keeps who did something."""
        return self.api_key_id or self.participant_id or self.person_id or self.home_tenant_id
