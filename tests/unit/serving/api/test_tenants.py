"""Tenants and brand over the API: a tree, settings that go down it, and a host that shows them."""

from __future__ import annotations

import httpx

from lessons.identifiers import new_id
from serving.web.services import Services


async def new_tenant(api: httpx.AsyncClient, name: str, **body: object) -> str:
    made = await api.post("/v1/tenants", json={"name": name, **body})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_tree_is_grown_and_its_settings_go_down_it(
    api: httpx.AsyncClient, tenant_id: str
) -> None:
    school = await new_tenant(api, "Hill School", settings={"brand": {"name": "Hill"}})
    class_ = await new_tenant(api, "7b", kind="class", parent_id=school)
    found = (await api.get(f"/v1/tenants/{class_}")).json()
    assert found["path"] == [tenant_id, school, class_]
    assert (found["settings"], found["effective"]["brand"]["name"]) == ({}, "Hill")
    listed = (await api.get("/v1/tenants", params={"parent_id": school, "limit": 1})).json()
    assert [item["id"] for item in listed["tenants"]] == [class_] == [listed["next"]]
    changed = await api.patch(f"/v1/tenants/{school}", json={"settings": {"brand": None}})
    assert changed.json()["effective"]["brand"]["name"] == "Lectern"


async def test_a_circle_and_a_wider_setting_are_refused_by_field_and_fix(
    api: httpx.AsyncClient,
) -> None:
    school = await new_tenant(api, "Hill School", settings={"retention": {"captions_days": 30}})
    class_ = await new_tenant(api, "7b", parent_id=school)
    circle = await api.patch(f"/v1/tenants/{school}", json={"parent_id": class_})
    assert (circle.status_code, circle.json()["field"]) == (409, "parent_id")
    assert f"{school} > {class_} > {school}" in circle.json()["detail"]
    wider = {"settings": {"retention": {"captions_days": 31}}}
    refused = await api.patch(f"/v1/tenants/{class_}", json=wider)
    assert (refused.status_code, refused.json()["field"]) == (
        422,
        "settings.retention.captions_days",
    )
    unknown = await api.patch(f"/v1/tenants/{class_}", json={"settings": {"brnad": {}}})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "settings.brnad")


async def test_a_key_acts_on_a_tenant_below_its_own_and_on_no_other(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    school = await new_tenant(api, "Hill School")
    below = {"Lectern-Tenant": school}
    made = await api.post("/v1/lessons", json={"title": "Fractions"}, headers=below)
    assert made.json()["tenant_id"] == school
    path = f"/v1/lessons/{made.json()['id']}"
    assert (await api.get(path, headers=below)).status_code == 200
    assert (await api.get(path)).status_code == 404
    _, key = await services.api_keys.create(school, "school")
    own = {"Authorization": f"Bearer {key}"}
    assert (await api.get(path, headers=own)).status_code == 200
    upwards = await api.get("/v1/lessons", headers=own | {"Lectern-Tenant": tenant_id})
    assert (upwards.status_code, upwards.json()["field"]) == (403, "Lectern-Tenant")
    assert (await api.get(f"/v1/tenants/{tenant_id}", headers=own)).status_code == 404


async def test_a_secret_is_written_and_never_read(api: httpx.AsyncClient) -> None:
    sign_in = {"issuer": "https://id.example", "client_id": "x", "client_secret": "hush-hush"}
    school = await new_tenant(api, "Hill School", settings={"sign_in": sign_in})
    class_ = await new_tenant(api, "7b", parent_id=school)
    for tenant in (school, class_):
        assert "hush-hush" not in (await api.get(f"/v1/tenants/{tenant}")).text


async def test_a_host_shows_the_brand_of_its_tenant_without_a_credential(
    api: httpx.AsyncClient,
) -> None:
    brand = {"name": "Hill", "primary_colour": "#14532d"}
    school = await new_tenant(api, "Hill School", settings={"brand": brand})
    host = f"{new_id('h').replace('_', '-')}.example"
    path = f"/v1/tenants/{school}/domains"
    assert (await api.put(f"{path}/{host}")).status_code == 204
    assert (await api.get(path)).json() == {"hosts": [host], "next": None}
    del api.headers["Authorization"]
    shown = (await api.get("/v1/brand", headers={"Host": f"{host}:8443"})).json()
    assert (shown["name"], shown["primary_colour"], shown["tenant_id"]) == (
        "Hill",
        "#14532d",
        school,
    )
    for other in ("nobody.example", "[::", ""):
        plain = await api.get("/v1/brand", headers={"Host": other})
        assert (plain.status_code, plain.json()["name"]) == (200, "Lectern")


async def test_a_host_is_claimed_once_and_released(api: httpx.AsyncClient) -> None:
    school, other = await new_tenant(api, "Hill"), await new_tenant(api, "Dale")
    host = f"{new_id('h').replace('_', '-')}.example"
    await api.put(f"/v1/tenants/{school}/domains/{host}")
    taken = await api.put(f"/v1/tenants/{other}/domains/{host}")
    assert (taken.status_code, taken.json()["field"]) == (409, "host")
    assert (await api.delete(f"/v1/tenants/{school}/domains/{host}")).status_code == 204
    assert (await api.put(f"/v1/tenants/{other}/domains/{host}")).status_code == 204
    bad = await api.put(f"/v1/tenants/{other}/domains/no_host")
    assert bad.status_code == 422


async def test_a_tenant_is_not_bound_to_a_region_where_nobody_could_reach_it(
    api: httpx.AsyncClient, tenant_id: str
) -> None:
    bound = {"settings": {"region": "eu"}}
    for refused in (
        await api.patch(f"/v1/tenants/{tenant_id}", json=bound),
        await api.post("/v1/tenants", json={"name": "Elsewhere", "kind": "school", **bound}),
    ):
        assert (refused.status_code, refused.json()["field"]) == (422, "settings.region")
    assert (await api.get("/v1/lessons")).status_code == 200
