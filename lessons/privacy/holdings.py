"""What Lectern holds about people, table by table: how long it is kept, and how it is erased.

Retention, erasure and the export of a person's record all go by this one list, and a test holds it
against the tables that there are: a table that is added later cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Erasure(StrEnum):
    """What becomes of a person's rows when the person is erased."""

    KEY = "the body stays sealed under a key that is destroyed"
    DELETE = "the rows are deleted"
    BLANK = "what names the person is overwritten"
    KEEP = "the rows stay: they name nobody but by an id that leads nowhere any more"


class Kept(StrEnum):
    """Which of a tenant's retention settings says how long rows are kept."""

    CAPTIONS = "captions_days"
    EVENTS = "events_days"
    SIGNALS = "signals_days"
    RECORDINGS = "recordings_days"
    PAYLOADS = "payloads_days"
    DISCLOSURES = "disclosures_days"


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds.

    Attributes:
        what: in words, for the person whose record is exported.
        people: columns with ids of the persons whom a row is about.
        participants: columns with ids of such participants.
        erasure: what becomes of the rows when such a person is erased.
        blanks: for `Erasure.BLANK`: what the columns are overwritten with.
        hidden: columns that are secrets of the installation, so they are never exported.
        kept: the setting that says how long; None: for as long as the tenant exists.
        age: columns of the rows' age; the first that is not null counts.
    """

    what: str
    people: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    erasure: Erasure = Erasure.KEEP
    blanks: Mapping[str, str | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    kept: Kept | None = None
    age: tuple[str, ...] = ()


ERASED_NAME = "Erased person"

HOLDINGS: Mapping[str, Holding] = MappingProxyType(
    {
        # The person, and who they are to others.
        "people": Holding(
            "the person",
            people=("id",),
            erasure=Erasure.BLANK,
            blanks={"name": ERASED_NAME, "external_id": None, "email": None},
        ),
        "participants": Holding(
            "places in lessons",
            people=("person_id",),
            erasure=Erasure.BLANK,
            blanks={"name": ERASED_NAME, "external_id": None},
        ),
        "role_assignments": Holding("roles", people=("person_id",), erasure=Erasure.DELETE),
        "guardianships": Holding(
            "guardians and children", people=("guardian_id", "child_id"), erasure=Erasure.DELETE
        ),
        "contracts": Holding("contracts as their client", people=("client_person_id",)),
        "identities": Holding(
            "identities at sign-in providers", people=("person_id",), erasure=Erasure.DELETE
        ),
        "sign_ins": Holding(
            "sign-ins",
            people=("person_id",),
            erasure=Erasure.DELETE,
            hidden=frozenset({"secret_digest"}),
            kept=Kept.PAYLOADS,
            age=("ended_at", "expires_at"),
        ),
        "token_generations": Holding("revoked tokens", participants=("participant_id",)),
        # Lessons.
        "learning_events": Holding("learning events", people=("person_id",), erasure=Erasure.KEY),
        "tracks": Holding("microphones and cameras", participants=("participant_id",)),
        "recordings": Holding(
            "recordings that were worked through", kept=Kept.RECORDINGS, age=("created_at",)
        ),
        "attendances": Holding(
            "attendance",
            people=("person_id",),
            erasure=Erasure.DELETE,
            kept=Kept.EVENTS,
            age=("first_seen_at",),
        ),
        # What was derived from events.
        "objective_evidence": Holding(
            "evidence on objectives",
            people=("person_id",),
            erasure=Erasure.DELETE,
            kept=Kept.EVENTS,
            age=("occurred_at",),
        ),
        "objective_records": Holding(
            "estimates of mastery",
            people=("person_id",),
            erasure=Erasure.DELETE,
            kept=Kept.EVENTS,
            age=("known_at", "practised_at", "covered_at"),
        ),
        "mastery_weeks": Holding(
            "mastery over the weeks",
            people=("person_id",),
            erasure=Erasure.DELETE,
            kept=Kept.EVENTS,
            age=("known_at",),
        ),
        "homework": Holding(
            "homework",
            people=("person_id",),
            erasure=Erasure.DELETE,
            kept=Kept.EVENTS,
            age=("completed_at", "due_at", "assigned_at"),
        ),
        # Privacy itself.
        "consent_decisions": Holding("decisions on consent", people=("person_id",)),
        "disclosures": Holding(
            "who saw the data",
            people=("person_id",),
            kept=Kept.DISCLOSURES,
            age=("disclosed_at",),
        ),
        "subject_keys": Holding(
            "the key of the record",
            people=("person_id",),
            erasure=Erasure.KEY,
            hidden=frozenset({"wrapped_key", "master_key_id"}),
        ),
        "erasures": Holding("proofs of erasure", people=("person_id",)),
        # What went to others, and what is left of sending it.
        "webhook_deliveries": Holding(
            "deliveries to webhooks, without their bodies",
            kept=Kept.PAYLOADS,
            age=("last_attempt_at",),
        ),
        "caption_outputs": Holding(
            "meetings that captions are sent to",
            hidden=frozenset({"sealed_url"}),
            kept=Kept.PAYLOADS,
            age=("created_at",),
        ),
        # About nobody: the tenant, its lessons and courses, and how far processes have come.
        **{
            name: Holding(what)
            for name, what in {
                "api_keys": "keys of platforms",
                "audit_checkpoints": "the audit trail, which names people by id alone",
                "audit_entries": "the audit trail, which names people by id alone",
                "audit_heads": "the audit trail, which names people by id alone",
                "courses": "courses",
                "curricula": "curricula",
                "data_holders": "which tenants hold data",
                "domains": "hosts of tenants",
                "follower_marks": "how far a follower has come",
                "ingest_workers": "processes of this installation",
                "learning_record_cursors": "how far the learning record has come",
                "learning_record_progress": "how far the learning record has come",
                "lessons": "lessons",
                "objective_prerequisites": "what comes before an objective",
                "objectives": "objectives",
                "retention_marks": "how far retention has come",
                "tenants": "the tenant and its settings",
                "webhook_lanes": "how far deliveries have come",
                "webhooks": "endpoints of other systems",
            }.items()
        },
        "ledger_commits": Holding(
            "what was appended when", kept=Kept.EVENTS, age=("committed_at",)
        ),
    }
)
"""Every table that there is, by its name."""


_FAMILIES_KEPT: Mapping[str, Kept] = MappingProxyType(
    # A summary quotes captions, so it goes with them, and so does the recap that is made of it.
    {
        "captions": Kept.CAPTIONS,
        "engagement": Kept.SIGNALS,
        "summaries": Kept.CAPTIONS,
        "recaps": Kept.CAPTIONS,
    }
)


def kept_of_family(family: str) -> Kept:
    """Return the setting that says how long events of a family are kept."""
    return _FAMILIES_KEPT.get(family, Kept.EVENTS)
