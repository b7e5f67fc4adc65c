"""Objectives: one by one, in order, and what is needed before each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, cast, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from lessons.courses import Objective
from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.objectives import refuse_cycles
from lessons.store.curricula import read_curriculum
from lessons.store.database import Database
from lessons.store.learning_record_reset import read_curriculum_anew
from lessons.store.named_objectives import NamedObjectives
from lessons.store.tables import objective_prerequisites, objectives


class ObjectiveStore:
    """Keeps objectives and sees to it that prerequisites never go round in a circle."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        curriculum_id: str,
        *,
        code: str,
        statement: str,
        prerequisites: Sequence[str] = (),
    ) -> Objective:
        """Add an objective at the end of a curriculum.

        Args:
            prerequisites: ids of objectives of the same curriculum.

        Raises:
            NotFound: the tenant has no such curriculum.
            InvalidInput: a prerequisite is not in the curriculum.
            Conflict: the curriculum has an objective with this code.
        """
        columns = objectives.c
        last = select(func.coalesce(func.max(columns.position), -1)).where(
            columns.tenant_id == tenant_id, columns.curriculum_id == curriculum_id
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_curriculum(connection, tenant_id, curriculum_id, lock=True)
            objective = Objective(
                id=new_id("obj"),
                curriculum_id=curriculum_id,
                code=code,
                statement=statement,
                position=(await connection.scalar(last) or 0) + 1,
                created_at=datetime.now(UTC),
            )
            await _refuse_taken(connection, tenant_id, objective)
            row = objective.model_dump(exclude={"prerequisites"}) | {"tenant_id": tenant_id}
            await connection.execute(insert(objectives).values(row))
            await _set_prerequisites(connection, tenant_id, objective, prerequisites)
            await read_curriculum_anew(connection, tenant_id, curriculum_id)
            return await read_objective(connection, tenant_id, objective.id)

    async def change(
        self,
        tenant_id: str,
        objective_id: str,
        *,
        statement: str | None = None,
        prerequisites: Sequence[str] | None = None,
        retired: bool | None = None,
    ) -> Objective:
        """Change what is given of an objective; None leaves a thing as it is.

        Raises:
            NotFound: the tenant has no such objective.
            InvalidInput: a prerequisite is not in the curriculum, or needs this objective itself.
        """
        values: dict[str, object] = {} if statement is None else {"statement": statement}
        if retired is not None:
            values["retired_at"] = datetime.now(UTC) if retired else None
        async with self._database.transaction(tenant_id) as connection:
            objective = await read_objective(connection, tenant_id, objective_id)
            await read_curriculum(connection, tenant_id, objective.curriculum_id, lock=True)
            if values:
                await connection.execute(
                    update(objectives)
                    .where(objectives.c.tenant_id == tenant_id, objectives.c.id == objective_id)
                    .values(**values)
                )
            if prerequisites is not None:
                await _set_prerequisites(connection, tenant_id, objective, prerequisites)
            return await read_objective(connection, tenant_id, objective_id)

    async def get(self, tenant_id: str, objective_id: str) -> Objective:
        """Return one objective; NotFound if the tenant has no such objective."""
        async with self._database.transaction(tenant_id) as connection:
            return await read_objective(connection, tenant_id, objective_id)

    async def list_objectives(
        self, tenant_id: str, curriculum_id: str, limit: int = 200, after: str | None = None
    ) -> list[Objective]:
        """Return objectives of a curriculum in its order, retired ones included.

        Args:
            after: id of the last objective of the page before this one.

        Raises:
            NotFound: there is no such curriculum, or no objective `after`.
        """
        columns = objectives.c
        query = (
            _with_prerequisites()
            .where(columns.tenant_id == tenant_id, columns.curriculum_id == curriculum_id)
            .order_by(columns.position, columns.id)
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_curriculum(connection, tenant_id, curriculum_id)
            if after is not None:
                last = await read_objective(connection, tenant_id, after)
                query = query.where(tuple_(columns.position, columns.id) > (last.position, last.id))
            return [Objective.model_validate(row) for row in await connection.execute(query)]

    async def get_many(self, tenant_id: str, objective_ids: Collection[str]) -> list[Objective]:
        """Return those of the objectives that the tenant has, in the order of their curricula."""
        columns = objectives.c
        query = (
            _with_prerequisites()
            .where(columns.tenant_id == tenant_id, columns.id.in_(objective_ids))
            .order_by(columns.curriculum_id, columns.position, columns.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            return [Objective.model_validate(row) for row in await connection.execute(query)]

    async def statements(
        self, tenant_id: str, names: Collection[str], course_id: str | None
    ) -> dict[str, str]:
        """Return what objectives say, by the names that events use; none of names of no objective.

        Args:
            course_id: the lesson's course, whose own curriculum goes before others.
        """
        columns = objectives.c
        async with self._database.transaction(tenant_id) as connection:
            found = await NamedObjectives.find(connection, tenant_id, names, course_id)
            ids = {name: each for name in names if (each := found.id_of(name))}
            rows = await connection.execute(
                select(columns.id, columns.statement).where(
                    columns.tenant_id == tenant_id, columns.id.in_(ids.values())
                )
            )
            told = {row.id: row.statement for row in rows}
        return {name: told[each] for name, each in ids.items() if each in told}


def _with_prerequisites() -> Select[tuple[object, ...]]:
    links = objective_prerequisites.c
    needed = (
        select(
            func.coalesce(
                func.array_agg(aggregate_order_by(links.prerequisite_id, links.prerequisite_id)),
                cast([], ARRAY(Text)),
            )
        )
        .where(links.tenant_id == objectives.c.tenant_id, links.objective_id == objectives.c.id)
        .scalar_subquery()
    )
    return select(objectives, needed.label("prerequisites"))


async def read_objective(
    connection: AsyncConnection, tenant_id: str, objective_id: str
) -> Objective:
    """Return one objective within a transaction of the caller.

    Raises:
        NotFound: the tenant has no such objective.
    """
    query = _with_prerequisites().where(
        objectives.c.tenant_id == tenant_id, objectives.c.id == objective_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no objective {objective_id!r}.",
            field="objective_id",
            fix="List them at GET /v1/curricula/{id}/objectives.",
        )
    return Objective.model_validate(row)


async def _refuse_taken(connection: AsyncConnection, tenant_id: str, objective: Objective) -> None:
    found = await connection.scalar(
        select(objectives.c.id).where(
            objectives.c.tenant_id == tenant_id,
            objectives.c.curriculum_id == objective.curriculum_id,
            objectives.c.code == objective.code,
        )
    )
    if found is not None:
        raise Conflict(f"The curriculum has an objective {objective.code!r} already.", field="code")


async def _set_prerequisites(
    connection: AsyncConnection,
    tenant_id: str,
    objective: Objective,
    prerequisites: Sequence[str],
) -> None:
    """Replace an objective's prerequisites, under the curriculum row's lock."""
    rows = await connection.execute(
        _with_prerequisites().where(
            objectives.c.tenant_id == tenant_id,
            objectives.c.curriculum_id == objective.curriculum_id,
        )
    )
    known = {each.id: each for each in map(Objective.model_validate, rows)}
    for prerequisite in prerequisites:
        if prerequisite not in known:
            raise InvalidInput(
                f"The curriculum has no objective {prerequisite!r}.",
                field="prerequisites",
                fix="Name objectives of the same curriculum by their ids.",
            )
    needs = {known[each].code: [known[p].code for p in known[each].prerequisites] for each in known}
    needs[objective.code] = [known[each].code for each in prerequisites]
    refuse_cycles(needs, field="prerequisites")
    links = objective_prerequisites
    await connection.execute(
        delete(links).where(links.c.tenant_id == tenant_id, links.c.objective_id == objective.id)
    )
    if prerequisites:
        await connection.execute(
            insert(links),
            [
                {"tenant_id": tenant_id, "objective_id": objective.id, "prerequisite_id": each}
                for each in dict.fromkeys(prerequisites)
            ],
        )
