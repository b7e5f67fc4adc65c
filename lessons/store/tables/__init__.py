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
from lessons.store.tables.courses import (
    attendances,
    courses,
    curricula,
    homework,
    learning_record_cursors,
    learning_record_progress,
    mastery_weeks,
    objective_evidence,
    objective_prerequisites,
    objective_records,
    objectives,
)
from lessons.store.tables.following import (
    follower_marks,
    ledger_commits,
    webhook_deliveries,
    webhook_lanes,
    webhooks,
)
from lessons.store.tables.people import (
    contracts,
    domains,
    guardianships,
    people,
    role_assignments,
    tenants,
)
from lessons.store.tables.privacy import subject_keys
from lessons.store.tables.sign_in import identities, sign_ins, token_generations

__all__ = [
    "api_keys",
    "attendances",
    "contracts",
    "courses",
    "curricula",
    "domains",
    "follower_marks",
    "guardianships",
    "homework",
    "identities",
    "ingest_workers",
    "learning_events",
    "learning_record_cursors",
    "learning_record_progress",
    "ledger_commits",
    "lessons",
    "mastery_weeks",
    "metadata",
    "objective_evidence",
    "objective_prerequisites",
    "objective_records",
    "objectives",
    "participants",
    "people",
    "recordings",
    "role_assignments",
    "sign_ins",
    "subject_keys",
    "tenants",
    "token_generations",
    "tracks",
    "webhook_deliveries",
    "webhook_lanes",
    "webhooks",
]
