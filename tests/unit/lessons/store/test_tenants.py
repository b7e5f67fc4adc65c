"""The tree of tenants in PostgreSQL: who sees whom, moves without circles, settings that follow."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.store import Database
from lessons.store.domains import DomainStore
from lessons.store.tenants import TenantStore
from lessons.tenants import Tenant, TenantSettings


@pytest.fixture
def tenants(database: Database) -> TenantStore:
    return TenantStore(database)


async def grow(tenants: TenantStore, top: str) -> tuple[Tenant, Tenant]:
    school = await tenants.create(top, top, "Hill School", "school", {})
    return school, await tenants.create(top, school.id, "Class 7b", "class", {})


async def test_a_tenant_that_nobody_described_has_the_defaults(
    tenants: TenantStore, tenant_id: str
) -> None:
    assert await tenants.settings(tenant_id) == TenantSettings()
    assert (await tenants.get(tenant_id, tenant_id)).path == [tenant_id]


async def test_each_sees_itself_and_below_and_nothing_above_or_beside(
    tenants: TenantStore, tenant_id: str
) -> None:
    school, class_ = await grow(tenants, tenant_id)
    other, _ = await grow(tenants, tenant_id)
    assert class_.path == [tenant_id, school.id, class_.id]
    assert (await tenants.get(tenant_id, class_.id)).name == "Class 7b"
    below = await tenants.list_below(tenant_id, tenant_id)
    assert [tenant.id for tenant in below] == [school.id, other.id]
    second = await tenants.list_below(tenant_id, tenant_id, limit=1, after=school.id)
    assert [tenant.id for tenant in second] == [other.id]
    for acting, hidden in [(school.id, tenant_id), (school.id, other.id), (class_.id, school.id)]:
        assert not await tenants.is_at_or_below(acting, hidden)
        with pytest.raises(NotFound):
            await tenants.get(acting, hidden)
    assert not await tenants.is_at_or_below(new_id("ten"), school.id)


async def test_a_change_at_the_top_is_in_force_at_the_bottom_at_once(
    tenants: TenantStore, tenant_id: str
) -> None:
    school, class_ = await grow(tenants, tenant_id)
    brand = {"brand": {"name": "Northside"}, "retention": {"events_days": 100}}
    await tenants.change(tenant_id, tenant_id, settings=brand)
    assert (await tenants.settings(class_.id)).brand.name == "Northside"
    await tenants.change(tenant_id, school.id, settings={"retention": {"events_days": 50}})
    assert (await tenants.settings(class_.id)).retention.events_days == 50
    with pytest.raises(InvalidInput) as refused:
        await tenants.change(class_.id, class_.id, settings={"retention": {"events_days": 60}})
    assert refused.value.field == "settings.retention.events_days"
    await tenants.change(tenant_id, school.id, settings={"retention": None})
    assert (await tenants.settings(class_.id)).retention.events_days == 100


async def test_a_moved_school_takes_its_classes_along(tenants: TenantStore, tenant_id: str) -> None:
    school, class_ = await grow(tenants, tenant_id)
    region = await tenants.create(
        tenant_id, tenant_id, "South", "district", {"brand": {"name": "South"}}
    )
    await tenants.change(tenant_id, school.id, parent_id=region.id)
    moved = await tenants.get(region.id, class_.id)
    assert moved.path == [tenant_id, region.id, school.id, class_.id]
    assert moved.effective.brand.name == "South"


async def test_a_circle_is_refused_and_named(tenants: TenantStore, tenant_id: str) -> None:
    school, class_ = await grow(tenants, tenant_id)
    for parent in (school.id, class_.id):
        with pytest.raises(Conflict, match=f"circle: {school.id} > ") as refused:
            await tenants.change(tenant_id, school.id, parent_id=parent)
        assert refused.value.field == "parent_id"
    with pytest.raises(Conflict, match="circle"):
        await tenants.change(tenant_id, tenant_id, parent_id=class_.id)
    assert (await tenants.get(tenant_id, class_.id)).path == class_.path


async def test_two_moves_at_once_make_no_circle(tenants: TenantStore, tenant_id: str) -> None:
    left, _ = await grow(tenants, tenant_id)
    right, _ = await grow(tenants, tenant_id)
    outcomes = await asyncio.gather(
        tenants.change(tenant_id, left.id, parent_id=right.id),
        tenants.change(tenant_id, right.id, parent_id=left.id),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(Conflict) == 1
    paths = [(await tenants.get(tenant_id, one.id)).path for one in (left, right)]
    assert sorted(len(path) for path in paths) == [2, 3]


async def test_data_does_not_change_its_region(tenants: TenantStore, tenant_id: str) -> None:
    school, class_ = await grow(tenants, tenant_id)
    await tenants.change(tenant_id, school.id, settings={"region": "eu"})
    america = await tenants.create(tenant_id, tenant_id, "America", "branch", {"region": "us"})
    with pytest.raises(Conflict, match="region") as refused:
        await tenants.change(tenant_id, class_.id, parent_id=america.id)
    assert refused.value.field == "settings.region"


async def test_a_host_leads_to_one_tenant(
    tenants: TenantStore, database: Database, tenant_id: str
) -> None:
    domains = DomainStore(database)
    school, _ = await grow(tenants, tenant_id)
    host = f"{new_id('host').replace('_', '-')}.example"
    assert await domains.tenant_of(host) is None
    await domains.claim(school.id, host)
    await domains.claim(school.id, host)
    assert await domains.tenant_of(host.upper()) == school.id
    with pytest.raises(Conflict):
        await domains.claim(tenant_id, host)
    assert await domains.list_hosts(tenant_id) == []
    with pytest.raises(NotFound):
        await domains.release(tenant_id, host)
    await domains.release(school.id, host)
    assert await domains.tenant_of(host) is None


async def test_a_providers_secret_lies_in_the_store_for_nobody_to_read(
    tenants: TenantStore, database: Database, tenant_id: str
) -> None:
    """Neither for the tenant that has it nor for those that inherit it."""
    school, _ = await grow(tenants, tenant_id)
    secret = "a-secret-of-the-provider"
    sign_in = {"issuer": "https://id.example", "client_id": "us", "client_secret": secret}
    await tenants.change(tenant_id, tenant_id, settings={"sign_in": sign_in})
    for one in (tenant_id, school.id):
        assert (await tenants.settings(one)).sign_in.client_secret == secret
    async with database.transaction(tenant_id) as connection:
        stored = (await connection.execute(text("SELECT tenants::text FROM tenants"))).scalars()
        assert not any(secret in row for row in stored)
    assert (await tenants.get(tenant_id, tenant_id)).settings["sign_in"] == sign_in
