"""Contracts: what an institutional client may have of a tenant's data, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.records import Contract
from lessons.store.database import Database
from lessons.store.people import read_person
from lessons.store.tables import contracts


class ContractStore:
    """Keeps a tenant's contracts. None is ever deleted: it is let run out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        *,
        title: str,
        purposes: Sequence[str],
        valid_from: date,
        valid_until: date | None = None,
        client_person_id: str | None = None,
    ) -> Contract:
        """Store a contract.

        Raises:
            NotFound: the tenant has no such person.
            InvalidInput: it ends before it begins.
        """
        _require_in_order(valid_from, valid_until)
        contract = Contract(
            id=new_id("ctr"),
            title=title,
            purposes=list(purposes),
            valid_from=valid_from,
            valid_until=valid_until,
            client_person_id=client_person_id,
            created_at=datetime.now(UTC),
        )
        async with self._database.transaction(tenant_id) as connection:
            if client_person_id is not None:
                await read_person(connection, tenant_id, client_person_id, field="client_person_id")
            row = {**contract.model_dump(), "tenant_id": tenant_id}
            await connection.execute(insert(contracts).values(row))
        return contract

    async def get(self, tenant_id: str, contract_id: str) -> Contract:
        """Return one contract.

        Raises:
            NotFound: the tenant has no such contract.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await _read(connection, tenant_id, contract_id)

    async def list_contracts(
        self,
        tenant_id: str,
        limit: int = 50,
        before: str | None = None,
        client_person_id: str | None = None,
    ) -> list[Contract]:
        """Return contracts, newest first.

        Args:
            before: id of the last contract of the page before this one.
            client_person_id: only those of this client; None means all.
        """
        query = select(contracts).where(contracts.c.tenant_id == tenant_id)
        if before is not None:
            query = query.where(contracts.c.id < before)
        if client_person_id is not None:
            query = query.where(contracts.c.client_person_id == client_person_id)
        async with self._database.transaction(tenant_id) as connection:
            rows = await connection.execute(query.order_by(contracts.c.id.desc()).limit(limit))
            return [Contract.model_validate(row) for row in rows]

    async def end(self, tenant_id: str, contract_id: str, valid_until: date) -> Contract:
        """Set the last day on which the contract is good.

        Raises:
            NotFound: the tenant has no such contract.
            InvalidInput: it would end before it begins.
        """
        async with self._database.transaction(tenant_id) as connection:
            contract = await _read(connection, tenant_id, contract_id)
            _require_in_order(contract.valid_from, valid_until)
            await connection.execute(
                update(contracts)
                .where(contracts.c.tenant_id == tenant_id, contracts.c.id == contract_id)
                .values(valid_until=valid_until)
            )
        return contract.model_copy(update={"valid_until": valid_until})


async def _read(connection: AsyncConnection, tenant_id: str, contract_id: str) -> Contract:
    query = select(contracts).where(
        contracts.c.tenant_id == tenant_id, contracts.c.id == contract_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no contract {contract_id!r}.", field="contract_id")
    return Contract.model_validate(row)


def _require_in_order(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInput(
            f"It would end on {valid_until}, before it begins on {valid_from}.",
            field="valid_until",
            fix="Give a later day, or leave it out.",
        )
