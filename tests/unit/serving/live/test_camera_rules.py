"""Whose cameras may be looked at: nobody's, unless the tenant says so and no region forbids it."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.privacy.sealing import MasterKey
from lessons.store import Database
from lessons.store.regions import RegionPin
from lessons.store.tenants import TenantStore
from serving.live.camera_rules import CameraRules
from tests.keys import MASTER_KEY

ON = {"engagement": {"camera": True}}


@pytest.mark.parametrize(
    ("settings", "region", "forbidden", "refusal"),
    [
        ({}, None, (), "tenant"),
        ({"engagement": {"camera": False}}, None, (), "tenant"),
        (ON, None, (), None),
        (ON, "eu", ("us",), None),
        (ON, "eu", ("us", "eu"), "region"),
        ({"engagement": {"camera": True, "signals": False}}, None, (), "tenant"),
    ],
)
async def test_cameras_are_looked_at_as_tenant_and_region_say(
    database: Database,
    tenant_id: str,
    settings: dict[str, Any],
    region: str | None,
    forbidden: tuple[str, ...],
    refusal: str | None,
) -> None:
    tenants = TenantStore(database)
    await tenants.change(tenant_id, tenant_id, settings=settings)
    rules = CameraRules(tenants, region, forbidden)
    assert await rules.refusal(tenant_id) == refusal


async def test_no_branch_switches_on_what_is_off_above_it(
    database: Database, tenant_id: str
) -> None:
    tenants = TenantStore(database)
    school = await tenants.create(tenant_id, tenant_id, "Hill", "school", {})
    rules = CameraRules(tenants)
    await tenants.change(tenant_id, tenant_id, settings=ON)
    await tenants.change(school.id, school.id, settings=ON)
    assert await rules.refusal(school.id) is None
    await tenants.change(tenant_id, tenant_id, settings={"engagement": {"camera": False}})
    assert await rules.refusal(school.id) == "tenant"


async def test_a_tenant_bound_to_a_region_that_forbids_it_is_refused_wherever_it_is_served(
    database_url: str, tenant_id: str
) -> None:
    pin = RegionPin("eu", "eu")
    in_europe = Database(database_url, master_key=MasterKey(MASTER_KEY), pin=pin)
    tenants = TenantStore(in_europe)
    await tenants.change(tenant_id, tenant_id, settings={**ON, "region": "eu"})
    assert await CameraRules(tenants, None, ("us",)).refusal(tenant_id) is None
    assert await CameraRules(tenants, None, ("eu",)).refusal(tenant_id) == "region"
    await in_europe.dispose()
