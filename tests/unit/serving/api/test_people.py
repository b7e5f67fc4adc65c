"""People, their roles, guardians and contracts over the API."""

from __future__ import annotations

import httpx
import pytest


async def new_person(api: httpx.AsyncClient, name: str, **body: str) -> str:
    made = await api.post("/v1/people", json={"name": name, **body})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_person_is_made_found_and_changed(api: httpx.AsyncClient) -> None:
    ada = await new_person(api, "Ada", external_id="u17")
    found = (await api.get("/v1/people", params={"external_id": "u17"})).json()
    assert [person["id"] for person in found["people"]] == [ada]
    twice = await api.post("/v1/people", json={"name": "Ada", "external_id": "u17"})
    assert (twice.status_code, twice.json()["field"]) == (409, "external_id")
    changed = await api.patch(f"/v1/people/{ada}", json={"email": "ada@hill.example"})
    assert (changed.json()["name"], changed.json()["email"]) == ("Ada", "ada@hill.example")
    ben = await new_person(api, "Ben")
    assert (await api.patch(f"/v1/people/{ben}", json={"external_id": "u17"})).status_code == 409
    first = (await api.get("/v1/people?limit=1")).json()
    second = (await api.get("/v1/people", params={"before": first["next"]})).json()
    assert [page["people"][0]["id"] for page in (first, second)] == [ben, ada]


async def test_a_participant_is_the_same_person_in_every_lesson(api: httpx.AsyncClient) -> None:
    ada = await new_person(api, "Ada", external_id="u17")
    for _ in range(2):
        lesson = (await api.post("/v1/lessons", json={"title": "Fractions"})).json()["id"]
        body = {"name": "Ada", "role": "learner", "external_id": "u17"}
        added = await api.post(f"/v1/lessons/{lesson}/participants", json=body)
        assert added.json()["person_id"] == ada


async def test_roles_are_given_and_taken_away(api: httpx.AsyncClient) -> None:
    ines = await new_person(api, "Ines")
    path = f"/v1/people/{ines}/roles"
    given = await api.post(path, json={"role": "instructor"})
    assert given.status_code == 201
    assert (await api.get(path)).json() == {"roles": [given.json()]}
    assert (await api.delete(f"{path}/{given.json()['id']}")).status_code == 204
    assert (await api.get(path)).json() == {"roles": []}
    assert (await api.delete(f"{path}/{given.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("roles", {"role": "instructer"}, 422, "role"),
        ("roles", {"role": "instructor", "course_id": "crs_none"}, 404, "course_id"),
        ("guardians", {"guardian_id": "per_none"}, 404, "guardian_id"),
    ],
)
async def test_a_bad_role_or_guardian_is_refused_by_field(
    api: httpx.AsyncClient, path: str, body: dict[str, str], status: int, field: str
) -> None:
    ines = await new_person(api, "Ines")
    refused = await api.post(f"/v1/people/{ines}/{path}", json=body)
    assert (refused.status_code, refused.json()["field"]) == (status, field)


async def test_a_guardian_is_added_twice_and_ended_once(api: httpx.AsyncClient) -> None:
    ada, grace = await new_person(api, "Ada"), await new_person(api, "Grace")
    path = f"/v1/people/{ada}/guardians"
    for _ in range(2):
        assert (await api.post(path, json={"guardian_id": grace})).status_code == 201
    assert [one["guardian_id"] for one in (await api.get(path)).json()["guardians"]] == [grace]
    assert (await api.post(path, json={"guardian_id": ada})).status_code == 409
    assert (await api.delete(f"{path}/{grace}")).status_code == 204
    assert (await api.get(path)).json() == {"guardians": []}
    assert (await api.delete(f"{path}/{grace}")).status_code == 404


async def test_a_contract_runs_from_day_to_day(api: httpx.AsyncClient) -> None:
    client = await new_person(api, "Client")
    body = {
        "title": "Reading support",
        "purposes": ["attendance"],
        "valid_from": "2026-09-01",
        "client_person_id": client,
    }
    made = await api.post("/v1/contracts", json=body)
    assert made.status_code == 201
    path = f"/v1/contracts/{made.json()['id']}"
    assert (await api.get(path)).json() == made.json()
    backwards = await api.patch(path, json={"valid_until": "2026-08-31"})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "valid_until")
    ended = await api.patch(path, json={"valid_until": "2027-07-31"})
    assert ended.json()["valid_until"] == "2027-07-31"
    listed = (await api.get("/v1/contracts")).json()
    assert [item["id"] for item in listed["contracts"]] == [made.json()["id"]]
