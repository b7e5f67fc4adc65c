from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
import pytest

from lessons.errors import Conflict, InvalidInput, LecternError, NotFound
from lessons.events import AttentionFocused, CameraObserved, EventDraft, HandRaised
from lessons.identifiers import new_id
from lessons.privacy.consent import Basis, ConsentMissing, Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, TrackStore, WorkerStore
from lessons.store.audit import AuditStore
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.consents import ConsentStore

BY = "key_1"


@pytest.fixture
def changes(database: Database) -> ConsentChanges:
    return ConsentChanges(database)


@pytest.fixture
def consents(database: Database) -> ConsentStore:
    return ConsentStore(database)


@pytest.fixture
async def strict(database_url: str, tenant_id: str) -> str:
    """The tenant demands a decision on every purpose."""
    effective = json.dumps({"consent": {"required_purposes": list(Purpose)}})
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO tenants (id, path, name, kind, settings, effective, created_at)"
            " VALUES (%s, ARRAY[%s], 'Strict', 'school', '{}', %s, now())",
            (tenant_id, tenant_id, effective),
        )
    return tenant_id


def _grant(person: Participant, *purposes: Purpose, everywhere: bool = False) -> ConsentChange:
    lesson_id = None if everywhere else person.lesson_id
    return ConsentChange(person.person_id, lesson_id, purposes, True, Basis.GUARDIAN, BY)


def _revoke(person: Participant, *purposes: Purpose, everywhere: bool = False) -> ConsentChange:
    lesson_id = None if everywhere else person.lesson_id
    return ConsentChange(person.person_id, lesson_id, purposes, False, None, BY)


async def _wire(database: Database, lesson: Lesson) -> list[tuple[str, dict[str, Any]]]:
    events = await Ledger(database).read(lesson.tenant_id, lesson.id)
    return [(event.type, event.to_wire()["data"]) for event in events]


async def test_by_default_capture_goes_on_without_any_decision(
    track_store: TrackStore, lesson: Lesson, learner: Participant
) -> None:
    track = await track_store.claim_track(lesson.tenant_id, lesson.id, learner.id, "audio", None, 0)
    assert track.kind == "audio"


async def test_a_tenant_that_demands_decisions_refuses_capture_until_there_is_one(
    strict: str,
    changes: ConsentChanges,
    track_store: TrackStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    async def claim(kind: Any) -> None:
        await track_store.claim_track(strict, lesson.id, learner.id, kind, None, 0)

    with pytest.raises(ConsentMissing, match="audio"):
        await claim("audio")
    await changes.decide(strict, _grant(learner, Purpose.AUDIO))
    await claim("audio")
    with pytest.raises(ConsentMissing, match="video"):
        await claim("video")


async def test_a_basis_for_the_whole_lesson_covers_everybody_who_has_not_refused(
    strict: str, changes: ConsentChanges, lesson_store: LessonStore, track_store: TrackStore
) -> None:
    lesson = await lesson_store.create_lesson(strict, title="Agreed", consent_basis="contract 7")
    ada, ben = [
        await lesson_store.add_participant(strict, lesson.id, name, role)
        for name, role in (("Ada", Role.LEARNER), ("Ben", Role.LEARNER))
    ]
    await changes.decide(strict, _revoke(ben, Purpose.AUDIO))
    await track_store.claim_track(strict, lesson.id, ada.id, "audio", None, 0)
    with pytest.raises(ConsentMissing, match="taken back"):
        await track_store.claim_track(strict, lesson.id, ben.id, "audio", None, 0)


async def test_taking_consent_back_ends_that_track_in_the_same_commit_and_says_so(
    database: Database,
    changes: ConsentChanges,
    lesson_store: LessonStore,
    track_store: TrackStore,
    worker_store: WorkerStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    worker = await worker_store.register(new_id("wrk"), "http://worker", 4)
    await lesson_store.start_lesson(lesson.tenant_id, lesson.id)
    audio, video = [
        await track_store.claim_track(lesson.tenant_id, lesson.id, learner.id, kind, worker.id, 0)
        for kind in ("audio", "video")
    ]
    (decision,) = await changes.decide(lesson.tenant_id, _revoke(learner, Purpose.VIDEO))
    tracks = await track_store.list_tracks(lesson.tenant_id, lesson.id)
    assert {track.id: track.ended_at_ms is None for track in tracks} == {
        audio.id: True,
        video.id: False,
    }
    events = await _wire(database, lesson)
    assert [name for name, _ in events[-2:]] == ["consent.revoked", "track.ended"]
    assert events[-2][1] == {
        "consent_id": decision.id,
        "participant_id": learner.id,
        "purpose": "video",
        "decided_by": BY,
        "stopped_tracks": [video.id],
    }
    assert (events[-1][1]["track_id"], events[-1][1]["reason"]) == (video.id, "consent revoked")
    (entry, *_) = await AuditStore(database).list_entries(lesson.tenant_id)
    assert (entry.action, entry.resource) == ("revoke", f"consent of {learner.person_id}")
    assert entry.detail["stopped_tracks"] == [video.id]


async def test_a_decision_for_all_lessons_reaches_those_that_are_live_and_those_to_come(
    database: Database,
    changes: ConsentChanges,
    lesson_store: LessonStore,
    track_store: TrackStore,
    tenant_id: str,
) -> None:
    lessons = [await lesson_store.create_lesson(tenant_id, title=str(n)) for n in range(3)]
    places = [
        await lesson_store.add_participant(tenant_id, item.id, "Ada", Role.LEARNER, "ada")
        for item in lessons
    ]
    for item in lessons[:2]:
        await lesson_store.start_lesson(tenant_id, item.id)
    for place in places[:2]:
        await track_store.claim_track(tenant_id, place.lesson_id, place.id, "audio", None, 0)
    await changes.decide(tenant_id, _revoke(places[0], Purpose.AUDIO, everywhere=True))
    told = [[name for name, _ in await _wire(database, item)] for item in lessons]
    assert [names[-2:] for names in told] == [["consent.revoked", "track.ended"]] * 2 + [[]]
    with pytest.raises(ConsentMissing):
        await track_store.claim_track(tenant_id, lessons[2].id, places[2].id, "audio", None, 0)
    await changes.decide(tenant_id, _grant(places[2], Purpose.AUDIO))
    await track_store.claim_track(tenant_id, lessons[2].id, places[2].id, "audio", None, 0)
    with pytest.raises(ConsentMissing):
        await track_store.claim_track(tenant_id, lessons[0].id, places[0].id, "audio", None, 0)


async def test_the_newest_decision_holds_and_every_one_is_kept(
    changes: ConsentChanges, consents: ConsentStore, lesson: Lesson, learner: Participant
) -> None:
    await changes.decide(lesson.tenant_id, _grant(learner, Purpose.AUDIO, Purpose.SIGNALS))
    await changes.decide(lesson.tenant_id, _revoke(learner, Purpose.AUDIO, everywhere=True))
    held = await consents.of_participant(lesson.tenant_id, lesson.id, learner.id)
    assert held.decisions == {"audio": False, "signals": True}
    listed = await consents.list_decisions(lesson.tenant_id, learner.person_id, limit=2)
    assert [(item.purpose, item.granted, item.lesson_id) for item in listed[:1]] == [
        (Purpose.AUDIO, False, None)
    ]
    rest = await consents.list_decisions(lesson.tenant_id, learner.person_id, before=listed[-1].id)
    assert len(listed + rest) == 3
    assert {item.basis for item in rest} == {Basis.GUARDIAN}


async def test_posted_events_about_attention_need_consent_and_others_do_not(
    database: Database, changes: ConsentChanges, lesson: Lesson, learner: Participant
) -> None:
    await changes.decide(lesson.tenant_id, _revoke(learner, Purpose.ACTIVITY))
    outcomes = await Ledger(database).append_each(
        lesson.tenant_id,
        lesson.id,
        [
            EventDraft(AttentionFocused(), 1, learner.id),
            EventDraft(HandRaised(), 2, learner.id),
            EventDraft(HandRaised(), 2, "par_nobody"),
        ],
    )
    codes = [getattr(outcome, "code", "stored") for outcome in outcomes]
    assert codes == ["consent_missing", "stored", "invalid_input"]


async def test_a_track_that_is_claimed_at_the_same_moment_ends_or_is_refused(
    changes: ConsentChanges, lesson_store: LessonStore, track_store: TrackStore, tenant_id: str
) -> None:
    for _ in range(8):
        lesson = await lesson_store.create_lesson(tenant_id, title="Race")
        person = await lesson_store.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
        await asyncio.gather(
            track_store.claim_track(tenant_id, lesson.id, person.id, "audio", None, 0),
            changes.decide(tenant_id, _revoke(person, Purpose.AUDIO, everywhere=True)),
            return_exceptions=True,
        )
        tracks = await track_store.list_tracks(tenant_id, lesson.id)
        assert all(track.ended_at_ms is not None for track in tracks)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (ConsentChange("per_none", None, [Purpose.AUDIO], False, None, BY), NotFound),
        (ConsentChange("per_none", None, [], True, Basis.OWN, BY), InvalidInput),
        (ConsentChange("per_none", None, [Purpose.AUDIO], True, None, BY), InvalidInput),
    ],
)
async def test_a_decision_that_makes_no_sense_is_refused(
    changes: ConsentChanges, tenant_id: str, change: ConsentChange, refusal: type[LecternError]
) -> None:
    with pytest.raises(refusal):
        await changes.decide(tenant_id, change)


async def test_a_decision_for_a_lesson_that_the_person_is_not_in_is_refused(
    changes: ConsentChanges, lesson_store: LessonStore, lesson: Lesson, learner: Participant
) -> None:
    other = await lesson_store.create_lesson(lesson.tenant_id, title="Another")
    change = ConsentChange(learner.person_id, other.id, [Purpose.AUDIO], False, None, BY)
    with pytest.raises(NotFound):
        await changes.decide(lesson.tenant_id, change)


async def test_nothing_is_decided_for_somebody_who_was_erased(
    database_url: str, changes: ConsentChanges, lesson: Lesson, learner: Participant
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "UPDATE people SET erased_at = now() WHERE id = %s", (learner.person_id,)
        )
    with pytest.raises(Conflict, match="erased"):
        await changes.decide(lesson.tenant_id, _grant(learner, Purpose.AUDIO))


async def test_a_camera_is_looked_at_on_a_decision_alone_though_nobody_demands_one(
    ledger: Ledger, changes: ConsentChanges, lesson: Lesson, learner: Participant
) -> None:
    seen = EventDraft(CameraObserved.model_validate(CameraObserved.example), 65_000, learner.id)
    focused = EventDraft(AttentionFocused(), 65_000, learner.id)
    refused, stored = await ledger.append_each(lesson.tenant_id, lesson.id, [seen, focused])
    assert isinstance(refused, ConsentMissing)
    assert not isinstance(stored, LecternError)
    await changes.decide(lesson.tenant_id, _grant(learner, Purpose.CAMERA_SIGNALS))
    (taken,) = await ledger.append_each(lesson.tenant_id, lesson.id, [seen])
    assert not isinstance(taken, LecternError)
    await changes.decide(lesson.tenant_id, _revoke(learner, Purpose.CAMERA_SIGNALS))
    later = EventDraft(seen.data, 70_000, learner.id)
    (refused,) = await ledger.append_each(lesson.tenant_id, lesson.id, [later])
    assert isinstance(refused, ConsentMissing)
