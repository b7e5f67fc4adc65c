from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, text

from lessons.errors import Conflict, LecternError, NotFound
from lessons.events import EventDraft, PollAnswered
from lessons.privacy.holdings import HOLDINGS, Erasure
from lessons.records import Lesson, Participant, RecordingFile
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, RecordingStore, TrackStore
from lessons.store.audit import AuditStore
from lessons.store.consents import ConsentStore
from lessons.store.erasure import ErasureStore
from lessons.store.tables import guardianships, homework, identities, metadata
from tests.unit.lessons.store.catalogue import Catalogue

BY = "key_1"


@pytest.fixture
def erasures(database: Database) -> ErasureStore:
    return ErasureStore(database)


def _answer(participant: Participant) -> EventDraft:
    return EventDraft(PollAnswered(poll_id="private-poll", options=[1]), 7, participant.id)


async def _everything(database_url: str, tenant_id: str) -> str:
    """Every row of the tenant as text, as it lies on the disk."""
    found: list[str] = []
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for name, table in metadata.tables.items():
            if "tenant_id" not in table.c:
                continue
            cursor = await connection.execute(
                f"SELECT to_jsonb(held)::text FROM {name} AS held WHERE tenant_id = %s".encode(),  # noqa: S608
                (tenant_id,),
            )
            found += [row[0] for row in await cursor.fetchall()]
    return "\n".join(found)


async def test_after_an_erasure_nothing_in_the_store_names_or_tells_of_the_person(
    database: Database,
    database_url: str,
    erasures: ErasureStore,
    lesson_store: LessonStore,
    lesson: Lesson,
) -> None:
    tenant_id = lesson.tenant_id
    ada = await lesson_store.add_participant(
        tenant_id, lesson.id, "Ada Lovelace", Role.LEARNER, "platform-user-17"
    )
    ben = await lesson_store.add_participant(tenant_id, lesson.id, "Ben", Role.LEARNER)
    await Ledger(database).append(tenant_id, lesson.id, [_answer(ada), _answer(ben), _answer(ada)])
    await RecordingStore(database).create(
        tenant_id, lesson.id, [RecordingFile(name="ada.opus", path="x", participant_id=ada.id)]
    )
    now = datetime.now(UTC)
    whose = {"tenant_id": tenant_id, "person_id": ada.person_id}
    async with database.transaction(tenant_id) as connection:
        await connection.execute(
            insert(identities).values(
                **whose, issuer="https://id", subject="ada@school", created_at=now, signed_in_at=now
            )
        )
        await connection.execute(
            insert(homework).values(
                **whose, homework_id="h1", lesson_id=lesson.id, title="Ada's page", objective_ids=[]
            )
        )
        await connection.execute(
            insert(guardianships).values(
                tenant_id=tenant_id,
                guardian_id=ben.person_id,
                child_id=ada.person_id,
                created_at=now,
            )
        )
    assert "Ada" in await _everything(database_url, tenant_id)

    proof = await erasures.erase(tenant_id, ada.person_id, BY)

    left = await _everything(database_url, tenant_id)
    for trace in ("Ada", "ada.opus", "platform-user-17", "ada@school", "private-poll"):
        assert trace not in left
    assert proof.sealed_events == 2
    assert len(proof.sample) == 2
    assert proof.rows_deleted["guardianships"] == 1
    assert proof.rows_deleted["homework"] == 1
    events = await Ledger(database).read(tenant_id, lesson.id)
    types = {event.id: event.type for event in events}
    assert sorted(types.values())[:2] == ["event.erased", "event.erased"]
    assert "poll.answered" in types.values()
    assert [event.ledgersequence for event in events] == list(range(1, len(events) + 1))
    people = await lesson_store.list_participants(tenant_id, lesson.id)
    assert [(person.name, person.external_id) for person in people] == [
        ("Erased person", None),
        ("Ben", None),
    ]


async def test_the_proof_can_be_checked_and_stays_the_same(
    database: Database,
    database_url: str,
    erasures: ErasureStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    tenant_id = lesson.tenant_id
    await Ledger(database).append(tenant_id, lesson.id, [_answer(learner) for _ in range(3)])
    proof = await erasures.erase(tenant_id, learner.person_id, BY)
    assert await erasures.erase(tenant_id, learner.person_id, "key_2") == proof
    assert await erasures.get_proof(tenant_id, learner.person_id) == proof
    check = await erasures.check(tenant_id, proof)
    assert check.model_dump() == {
        "key_is_destroyed": True,
        "bodies_unchanged": 3,
        "bodies_gone": 0,
        "bodies_readable": 0,
    }
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        row = await connection.execute(
            "SELECT wrapped_key, destroyed_at FROM subject_keys WHERE person_id = %s",
            (learner.person_id,),
        )
        assert await row.fetchone() == (None, proof.key_destroyed_at)
        await connection.execute(
            "DELETE FROM learning_events WHERE lesson_id = %s AND sequence = 1", (lesson.id,)
        )
    assert (await erasures.check(tenant_id, proof)).bodies_gone == 1
    (entry, *_) = await AuditStore(database).list_entries(tenant_id)
    assert (entry.position, entry.action) == (proof.audit_position, "erase")
    assert entry.resource == f"person {learner.person_id}"


async def test_what_an_erased_person_publishes_ends_and_cannot_begin_again(
    database: Database,
    erasures: ErasureStore,
    lesson_store: LessonStore,
    track_store: TrackStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    tenant_id = lesson.tenant_id
    await lesson_store.start_lesson(tenant_id, lesson.id)
    track = await track_store.claim_track(tenant_id, lesson.id, learner.id, "audio", None, 0)
    proof = await erasures.erase(tenant_id, learner.person_id, BY)
    assert proof.stopped_tracks == [track.id]
    (ended,) = await track_store.list_tracks(tenant_id, lesson.id)
    assert ended.ended_at_ms is not None
    with pytest.raises(Conflict, match="erased"):
        await Ledger(database).append(tenant_id, lesson.id, [_answer(learner)])
    held = await ConsentStore(database).of_participant(tenant_id, lesson.id, learner.id)
    assert not any(held.decisions.values())


async def test_events_from_before_bodies_were_sealed_are_erased_too(
    database: Database,
    database_url: str,
    erasures: ErasureStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO learning_events (lesson_day, lesson_id, sequence, tenant_id, event_id,"
            " type, version, subject, occurred_at, lesson_time_ms, data, body_digest)"
            " VALUES (%s, %s, 1, %s, 'evt_old', 'hand.lowered', 1, %s, now(), 5,"
            """ '{"lowered_by": "par_open"}', '')""",
            (lesson.created_at.date(), lesson.id, lesson.tenant_id, learner.id),
        )
    proof = await erasures.erase(lesson.tenant_id, learner.person_id, BY)
    assert proof.events_in_the_open == 1
    assert "par_open" not in await _everything(database_url, lesson.tenant_id)
    (event,) = await Ledger(database).read(lesson.tenant_id, lesson.id)
    assert event.type == "event.erased"


async def test_somebody_who_is_not_there_is_not_erased(
    database: Database, erasures: ErasureStore, lesson: Lesson, learner: Participant
) -> None:
    for tenant_id, person_id in (
        (lesson.tenant_id, "per_none"),
        ("ten_other", learner.person_id),
    ):
        with pytest.raises(NotFound):
            await erasures.erase(tenant_id, person_id, BY)
    with pytest.raises(NotFound):
        await erasures.get_proof(lesson.tenant_id, learner.person_id)
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner)])


async def test_an_erased_person_who_comes_back_is_somebody_new(
    erasures: ErasureStore, lesson_store: LessonStore, tenant_id: str
) -> None:
    async def join() -> Participant:
        lesson = await lesson_store.create_lesson(tenant_id, title="A lesson")
        return await lesson_store.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER, "ada")

    before = await join()
    await erasures.erase(tenant_id, before.person_id, BY)
    assert (await join()).person_id != before.person_id


def test_every_table_is_on_the_list_of_holdings() -> None:
    assert set(HOLDINGS) == set(metadata.tables)


@pytest.mark.parametrize("name", HOLDINGS)
def test_what_is_said_of_a_table_fits_it(name: str) -> None:
    holding, columns = HOLDINGS[name], metadata.tables[name].c
    named = (*holding.people, *holding.participants, *holding.age, *holding.hidden, *holding.blanks)
    assert set(named) <= set(columns.keys())
    assert (holding.kept is None) == (not holding.age)
    assert (holding.erasure is Erasure.BLANK) == bool(holding.blanks)
    persons = {"person_id", "guardian_id", "child_id", "client_person_id"}
    mentions = persons & {column.name for column in columns}
    assert mentions <= set(holding.people)


async def test_the_role_that_deletes_is_bound_by_row_level_security_too(database_url: str) -> None:
    def findings(url: str) -> list[Any]:
        with psycopg.connect(url) as connection:
            found = Catalogue(connection, "lectern_retention").findings()
        return [item for item in found if item.name != "lectern_app"]

    assert findings(database_url) == []


async def test_a_login_that_may_not_erase_is_told_what_it_lacks(
    database: Database, lesson: Lesson, learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lessons.store.retention_role.RETENTION_ROLE", "nobody_has_this_role")
    with pytest.raises(LecternError, match="GRANT nobody_has_this_role"):
        await ErasureStore(database).erase(lesson.tenant_id, learner.person_id, BY)


async def test_the_application_cannot_delete_what_only_retention_may(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction(tenant_id) as connection:
        allowed = await connection.scalar(
            text("SELECT has_table_privilege('lectern_app', 'learning_events', 'DELETE')")
        )
    assert allowed is False
