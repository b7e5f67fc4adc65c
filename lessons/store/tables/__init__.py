"""The tables, for building statements; the migrations make them and a test compares the two."""

from lessons.store.tables.core import (
    api_keys,
    ingest_workers,
    learning_events,
    lessons,
    metadata,
    participants,
    recordings,
    tracks,
)
from lessons.store.tables.following import ledger_commits
from lessons.store.tables.people import (
    contracts,
    domains,
    guardianships,
    people,
    role_assignments,
    tenants,
)
from lessons.store.tables.sign_in import identities, sign_ins, token_generations

__all__ = [
    "api_keys",
    "contracts",
    "domains",
    "guardianships",
    "identities",
    "ingest_workers",
    "learning_events",
    "ledger_commits",
    "lessons",
    "metadata",
    "participants",
    "people",
    "recordings",
    "role_assignments",
    "sign_ins",
    "tenants",
    "token_generations",
    "tracks",
]
