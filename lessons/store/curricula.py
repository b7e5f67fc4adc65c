"""Curricula: made by hand or imported, and imported again without losing anybody's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.courses import Curriculum, ImportReport
from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.objectives import CurriculumDraft, ObjectiveDraft
from lessons.store.database import Database
from lessons.store.learning_record_reset import read_curriculum_anew
from lessons.store.tables import curricula, objective_prerequisites, objectives

_CHANGEABLE = ("code", "statement", "external_id", "kind", "parent_id", "position", "retired_at")


class CurriculumStore:
    """Keeps curricula and takes in those that others publish."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, tenant_id: str, title: str) -> Curriculum:
        """Store a curriculum that has no objectives yet.

        Raises:
            InvalidInput: the title is empty.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await _create(connection, tenant_id, title, None)

    async def get(self, tenant_id: str, curriculum_id: str) -> Curriculum:
        """Return one curriculum.

        Raises:
            NotFound: the tenant has no such curriculum.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await read_curriculum(connection, tenant_id, curriculum_id)

    async def list_curricula(
        self, tenant_id: str, limit: int = 50, before: str | None = None
    ) -> list[Curriculum]:
        """Return the newest curricula, newest first.

        Args:
            before: id of the last curriculum of the page before this one.

        Raises:
            NotFound: there is no curriculum `before`.
        """
        columns = curricula.c
        query = (
            select(curricula)
            .where(columns.tenant_id == tenant_id)
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            if before is not None:
                last = await read_curriculum(connection, tenant_id, before)
                query = query.where(
                    tuple_(columns.created_at, columns.id) < (last.created_at, last.id)
                )
            return [Curriculum.model_validate(row) for row in await connection.execute(query)]

    async def import_draft(
        self, tenant_id: str, draft: CurriculumDraft, curriculum_id: str | None = None
    ) -> ImportReport:
        """Take a curriculum in, whole or not at all.

        Objectives that are known by their external id, else by their code, keep their ids and with
        them every learner's record; those that the file no longer has are retired, not removed.

        Args:
            curriculum_id: the one to import into; None for the one with the draft's external id,
                or a new one.

        Raises:
            NotFound: the tenant has no such curriculum.
            InvalidInput: a new curriculum has no title.
            Conflict: the file is another curriculum than the one to import into.
        """
        async with self._database.transaction(tenant_id) as connection:
            curriculum = await _target(connection, tenant_id, draft, curriculum_id)
            report = await _Import(connection, curriculum, draft).run()
            await read_curriculum_anew(connection, tenant_id, curriculum.id)
        return report


class _Import:
    """One import under the curriculum row's lock."""

    def __init__(
        self, connection: AsyncConnection, curriculum: Curriculum, draft: CurriculumDraft
    ) -> None:
        self._connection = connection
        self._curriculum = curriculum
        self._draft = draft
        self._now = datetime.now(UTC)

    async def run(self) -> ImportReport:
        """Write what differs, and tell how much that was."""
        stored = await self._stored()
        ids = _matched_ids(stored, self._draft.objectives)
        rows = [
            self._row(position, objective, ids)
            for position, objective in enumerate(self._draft.objectives)
        ]
        by_id = {row["id"]: row for row in stored}
        changed = [row for row in rows if row["id"] in by_id and _differs(by_id[row["id"]], row)]
        created = [row for row in rows if row["id"] not in by_id]
        retired = [
            row["id"]
            for row in stored
            if row["id"] not in set(ids.values()) and row["retired_at"] is None
        ]
        await self._write(created + changed, retired)
        prerequisites = await self._write_prerequisites(ids)
        curriculum = await self._date_import()
        return ImportReport(
            curriculum=curriculum,
            created=len(created),
            changed=len(changed),
            unchanged=len(rows) - len(created) - len(changed),
            retired=len(retired),
            prerequisites=prerequisites,
            passed_over=dict(self._draft.passed_over),
        )

    async def _stored(self) -> Sequence[RowMapping]:
        query = select(objectives).where(
            objectives.c.tenant_id == self._curriculum.tenant_id,
            objectives.c.curriculum_id == self._curriculum.id,
        )
        return (await self._connection.execute(query)).mappings().all()

    def _row(
        self, position: int, objective: ObjectiveDraft, ids: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "tenant_id": self._curriculum.tenant_id,
            "id": ids[objective.code],
            "curriculum_id": self._curriculum.id,
            "code": objective.code,
            "statement": objective.statement,
            "external_id": objective.external_id,
            "kind": objective.kind,
            "parent_id": ids[objective.parent] if objective.parent else None,
            "position": position,
            "created_at": self._now,
            "retired_at": None,
        }

    async def _write(self, rows: Sequence[Mapping[str, Any]], retired: Sequence[str]) -> None:
        if retired:
            await self._connection.execute(
                update(objectives)
                .where(
                    objectives.c.tenant_id == self._curriculum.tenant_id,
                    objectives.c.id.in_(retired),
                )
                .values(retired_at=self._now)
            )
        if rows:
            statement = upsert(objectives)
            await self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id", "id"],
                    set_={name: statement.excluded[name] for name in _CHANGEABLE},
                ),
                rows,
            )

    async def _write_prerequisites(self, ids: Mapping[str, str]) -> int:
        """Put the file's links in the place of those that its objectives had."""
        links = objective_prerequisites
        await self._connection.execute(
            delete(links).where(
                links.c.tenant_id == self._curriculum.tenant_id,
                links.c.objective_id.in_(
                    select(objectives.c.id).where(
                        objectives.c.tenant_id == self._curriculum.tenant_id,
                        objectives.c.curriculum_id == self._curriculum.id,
                    )
                ),
            )
        )
        rows = [
            {
                "tenant_id": self._curriculum.tenant_id,
                "objective_id": ids[objective.code],
                "prerequisite_id": ids[code],
            }
            for objective in self._draft.objectives
            for code in objective.prerequisites
        ]
        if rows:
            await self._connection.execute(insert(links), rows)
        return len(rows)

    async def _date_import(self) -> Curriculum:
        statement = (
            update(curricula)
            .where(
                curricula.c.tenant_id == self._curriculum.tenant_id,
                curricula.c.id == self._curriculum.id,
            )
            .values(
                imported_at=self._now,
                title=self._draft.title or self._curriculum.title,
                external_id=self._draft.external_id or self._curriculum.external_id,
            )
            .returning(curricula)
        )
        return Curriculum.model_validate((await self._connection.execute(statement)).one())


def _matched_ids(stored: Sequence[RowMapping], drafts: Sequence[ObjectiveDraft]) -> dict[str, str]:
    """Return the id of every draft's objective by its code: its old one where it is known."""
    by_external = {row["external_id"]: row["id"] for row in stored if row["external_id"]}
    by_code = {row["code"]: row["id"] for row in stored}
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for draft in drafts:
        known = by_external.get(draft.external_id or "")
        if known is not None and known not in taken:
            ids[draft.code] = known
            taken.add(known)
    for draft in drafts:
        if draft.code not in ids:
            known = by_code.get(draft.code)
            ids[draft.code] = known if known and known not in taken else new_id("obj")
            taken.add(ids[draft.code])
    return ids


def _differs(stored: RowMapping, row: Mapping[str, Any]) -> bool:
    return any(stored[name] != row[name] for name in _CHANGEABLE)


async def _target(
    connection: AsyncConnection,
    tenant_id: str,
    draft: CurriculumDraft,
    curriculum_id: str | None,
) -> Curriculum:
    """Return the curriculum to import into, locked until commit."""
    if curriculum_id is not None:
        curriculum = await read_curriculum(connection, tenant_id, curriculum_id, lock=True)
        if None not in (draft.external_id, curriculum.external_id) and (
            draft.external_id != curriculum.external_id
        ):
            raise Conflict(
                f"The file is {draft.external_id!r}, the curriculum {curriculum.external_id!r}.",
                field="curriculum_id",
                fix="Import it without naming a curriculum.",
            )
        other = await _published_as(connection, tenant_id, draft.external_id)
        if other is not None and other.id != curriculum_id:
            raise Conflict(
                f"The file is the curriculum {other.id!r} already.",
                field="curriculum_id",
                fix="Import it into that one.",
            )
        return curriculum
    known = await _published_as(connection, tenant_id, draft.external_id)
    if known is not None:
        return known
    return await _create(connection, tenant_id, draft.title or "", draft.external_id)


async def _published_as(
    connection: AsyncConnection, tenant_id: str, external_id: str | None
) -> Curriculum | None:
    """Return the curriculum with a publisher's identifier, locked until commit."""
    if external_id is None:
        return None
    query = select(curricula).where(
        curricula.c.tenant_id == tenant_id, curricula.c.external_id == external_id
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return None if row is None else Curriculum.model_validate(row)


async def _create(
    connection: AsyncConnection, tenant_id: str, title: str, external_id: str | None
) -> Curriculum:
    if not title.strip():
        raise InvalidInput("A curriculum needs a title.", field="title")
    curriculum = Curriculum(
        id=new_id("cur"),
        tenant_id=tenant_id,
        title=title,
        external_id=external_id,
        created_at=datetime.now(UTC),
    )
    # Two imports of the same document at once: the second one finds the first one's row.
    statement = upsert(curricula).values(curriculum.model_dump())
    row = await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "external_id"],
            index_where=curricula.c.external_id.is_not(None),
            set_={"title": statement.excluded.title},
        ).returning(curricula)
    )
    return Curriculum.model_validate(row.one())


async def read_curriculum(
    connection: AsyncConnection, tenant_id: str, curriculum_id: str, *, lock: bool = False
) -> Curriculum:
    """Return one curriculum within a transaction of the caller; `lock` keeps it until commit.

    Raises:
        NotFound: the tenant has no such curriculum.
    """
    query = select(curricula).where(
        curricula.c.tenant_id == tenant_id, curricula.c.id == curriculum_id
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no curriculum {curriculum_id!r}.",
            field="curriculum_id",
            fix="List them at GET /v1/curricula.",
        )
    return Curriculum.model_validate(row)
