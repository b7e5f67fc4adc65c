"""An export on a real database: all of it, once, in step, and without what was erased."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lessons.errors import Conflict, InvalidInput
from lessons.events import (
    AssessmentItemAnswered,
    CaptionCorrected,
    CaptionFinal,
    EventDraft,
    HandRaised,
    LearningEvent,
)
from lessons.exports import VIEWS, Exported, Exporter, open_export
from lessons.exports.layout import EVENTS, MANIFEST, Manifest, only_writer, tenant_folder
from lessons.exports.side_tables import SIDE_TABLES
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.erasure import ErasureStore


@pytest.fixture
async def lesson(database: Database, tenant_id: str) -> Lesson:
    return await LessonStore(database).create_lesson(tenant_id, title="Fractions")


@pytest.fixture
async def learner(database: Database, lesson: Lesson) -> Participant:
    return await LessonStore(database).add_participant(
        lesson.tenant_id, lesson.id, "Ada", Role.LEARNER, "pupil-1"
    )


def _answer(learner: Participant, number: int = 1) -> EventDraft:
    data = AssessmentItemAnswered(
        item_id=f"q{number}", correct=number % 2 == 0, objective_id="fractions.add"
    )
    return EventDraft(data, number, learner.id)


async def _export(database: Database, tenant_id: str, folder: Path) -> Exported:
    return await Exporter(database).export(tenant_id, folder, lambda _: None)


def _events(folder: Path) -> list[tuple[str, int, str]]:
    with open_export(folder) as connection:
        return connection.execute(
            "SELECT lesson_id, sequence, event_id FROM events ORDER BY ALL"
        ).fetchall()


async def _stored(database: Database, *lessons: Lesson) -> list[tuple[str, int, str]]:
    found: list[LearningEvent] = []
    for lesson in lessons:
        found += await Ledger(database).read(lesson.tenant_id, lesson.id, limit=1000)
    return sorted((event.lessonid, event.ledgersequence, event.id) for event in found)


async def test_an_export_holds_every_event_with_its_body_open(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    ledger = Ledger(database)
    await ledger.append(lesson.tenant_id, lesson.id, [_answer(learner, 1), _answer(learner, 2)])
    exported = await _export(database, lesson.tenant_id, tmp_path)
    assert (exported.new_events, exported.events) == (2, 2)
    assert exported.folder == tmp_path / f"tenant={lesson.tenant_id}"
    assert _events(exported.folder) == await _stored(database, lesson)
    month = f"month={lesson.created_at:%Y-%m}"
    assert [path.name for path in (exported.folder / EVENTS).iterdir()] == [month]
    with open_export(exported.folder) as connection:
        rows = connection.execute(
            "SELECT person_id, item_id, correct, objective_id, attempt FROM answers ORDER BY ALL"
        ).fetchall()
    assert rows == [
        (learner.person_id, "q1", False, "fractions.add", 1),
        (learner.person_id, "q2", True, "fractions.add", 1),
    ]


async def test_captions_are_exported_as_they_were_corrected_last(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    def final(caption_id: str, text: str) -> EventDraft:
        said = dict(CaptionFinal.example) | {"caption_id": caption_id, "text": text}
        return EventDraft(CaptionFinal.model_validate(said), 0, learner.id, id=caption_id)

    def correction(revision: int, text: str) -> EventDraft:
        put = {"caption_id": "cap_1", "revision": revision, "text": text, "corrected_by": "par_9"}
        return EventDraft(CaptionCorrected.model_validate(put), 0, about=learner.id)

    drafts = [final("cap_1", "free quarters"), final("cap_2", "of it")]
    drafts += [correction(6, "three quarters"), correction(5, "come late")]
    await Ledger(database).append(lesson.tenant_id, lesson.id, drafts)
    exported = await _export(database, lesson.tenant_id, tmp_path)
    with open_export(exported.folder) as connection:
        rows = connection.execute(
            "SELECT caption_id, text, text_at_first, engine FROM captions ORDER BY ALL"
        ).fetchall()
    assert rows == [
        ("cap_1", "three quarters", "free quarters", "faster-whisper"),
        ("cap_2", "of it", "of it", "faster-whisper"),
    ]


async def test_a_second_run_adds_only_what_is_new(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    ledger = Ledger(database)
    await ledger.append(lesson.tenant_id, lesson.id, [_answer(learner, 1)])
    first = await _export(database, lesson.tenant_id, tmp_path)
    assert (await _export(database, lesson.tenant_id, tmp_path)).new_events == 0
    await ledger.append(lesson.tenant_id, lesson.id, [_answer(learner, 2)])
    second = await _export(database, lesson.tenant_id, tmp_path)
    assert (second.new_events, second.events) == (1, 2)
    assert _events(first.folder) == await _stored(database, lesson)


async def test_what_an_interrupted_run_left_is_removed(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner, 1)])
    folder = (await _export(database, lesson.tenant_id, tmp_path)).folder
    (part,) = (folder / EVENTS).glob("*/*.parquet")
    part.with_name("part_left.parquet").write_bytes(part.read_bytes())
    await _export(database, lesson.tenant_id, tmp_path)
    assert _events(folder) == await _stored(database, lesson)


async def test_another_tenants_record_is_not_in_it(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner, 1)])
    stranger = await _export(database, new_id("ten"), tmp_path)
    assert (stranger.new_events, stranger.events) == (0, 0)
    with open_export(stranger.folder) as connection:
        for name in (EVENTS, *SIDE_TABLES, *VIEWS):
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)  # noqa: S608


async def test_it_names_nobody(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner, 1)])
    folder = (await _export(database, lesson.tenant_id, tmp_path)).folder
    with open_export(folder) as connection:
        people = connection.execute("SELECT * FROM participants").fetchall()
    assert people == [(learner.id, lesson.id, learner.person_id, "learner")]


async def test_the_views_work_in_duckdbs_own_shell(
    database: Database,
    lesson: Lesson,
    learner: Participant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(learner, 1)])
    folder = (await _export(database, lesson.tenant_id, tmp_path)).folder
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        connection.execute((folder / "views.sql").read_text("utf-8"))
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (1,)


async def test_two_exports_into_one_folder_do_not_meet(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    with only_writer(tenant_folder(tmp_path, tenant_id)), pytest.raises(Conflict):
        await _export(database, tenant_id, tmp_path)


async def test_a_folder_with_something_else_is_refused(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    folder = tenant_folder(tmp_path, tenant_id)
    folder.mkdir()
    (folder / MANIFEST).write_text("{}", "utf-8")
    with pytest.raises(InvalidInput, match="another folder"):
        await _export(database, tenant_id, tmp_path)
    other = Manifest(tenant_id="ten_other")
    other.save(folder)
    with pytest.raises(InvalidInput, match="another tenant"):
        await _export(database, tenant_id, tmp_path)
    with pytest.raises(InvalidInput, match="no export"):
        open_export(tmp_path)


async def test_an_erased_person_is_taken_out_at_the_next_run(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    other = await LessonStore(database).add_participant(
        lesson.tenant_id, lesson.id, "Ben", Role.LEARNER
    )
    drafts = [_answer(learner, 1), _answer(other, 2)]
    await Ledger(database).append(lesson.tenant_id, lesson.id, drafts)
    await _export(database, lesson.tenant_id, tmp_path)
    await ErasureStore(database).erase(lesson.tenant_id, learner.person_id, "tests")
    await Ledger(database).append(lesson.tenant_id, lesson.id, [_answer(other, 3)])
    exported = await _export(database, lesson.tenant_id, tmp_path)
    assert (exported.refreshed_lessons, exported.events) == (1, len(_events(exported.folder)))
    assert _events(exported.folder) == await _stored(database, lesson)
    with open_export(exported.folder) as connection:
        types = connection.execute("SELECT type FROM events ORDER BY sequence LIMIT 3").fetchall()
    assert types[0] == ("event.erased",)
    assert [path for path in exported.folder.rglob("*.parquet") if b"q1" in path.read_bytes()] == []
    assert (await _export(database, lesson.tenant_id, tmp_path)).events == exported.events


_SWEEP = text(
    """
    INSERT INTO retention_marks (tenant_id, kind, swept_until)
    VALUES (:tenant_id, 'events_days', now())
    """
)


async def test_what_retention_swept_is_taken_out_at_the_next_run(
    database: Database, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    tenant_id = lesson.tenant_id
    await Ledger(database).append(tenant_id, lesson.id, [_answer(learner, 1), _answer(learner, 2)])
    await LessonStore(database).end_lesson(tenant_id, lesson.id)
    assert (await _export(database, tenant_id, tmp_path)).events == 3
    async with database.transaction(tenant_id) as connection:
        await connection.execute(text("SET LOCAL ROLE lectern_retention"))
        await connection.execute(text("DELETE FROM learning_events WHERE sequence < 3"))
        await connection.execute(_SWEEP, {"tenant_id": tenant_id})
    exported = await _export(database, tenant_id, tmp_path)
    assert exported.events == 1
    assert _events(exported.folder) == await _stored(database, lesson)


on_a_real_database = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@on_a_real_database
@given(
    steps=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)) | st.just("export"), max_size=10)
)
async def test_however_runs_and_appends_alternate_nothing_is_lost_or_doubled(
    database: Database, tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    tenant_id, folder = new_id("ten"), tmp_path_factory.mktemp("export")
    lessons = [
        await LessonStore(database).create_lesson(tenant_id, title=f"Lesson {number}")
        for number in range(3)
    ]
    for step in (*steps, "export"):
        if isinstance(step, tuple):
            number, count = step
            drafts = [EventDraft(HandRaised(), 0, "par_1") for _ in range(count)]
            await Ledger(database).append(tenant_id, lessons[number].id, drafts)
        else:
            exported = await _export(database, tenant_id, folder)
    assert _events(exported.folder) == await _stored(database, *lessons)
