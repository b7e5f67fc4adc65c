"""Curricula, objectives and courses over the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from lessons.identifiers import new_id

CSV_HEADERS = {"Content-Type": "text/csv; charset=utf-8"}


def case_package(codes: str, *precedes: tuple[str, str]) -> dict[str, Any]:
    """Return a CFPackage with one-letter items; (a, b) in `precedes` makes a needed for b."""
    return {
        "CFDocument": {"identifier": "doc-1", "title": "Fractions"},
        "CFItems": [
            {"identifier": code, "fullStatement": f"Do {code}", "humanCodingScheme": f"F.{code}"}
            for code in codes
        ],
        "CFAssociations": [
            {
                "associationType": "precedes",
                "originNodeURI": {"identifier": origin},
                "destinationNodeURI": {"identifier": destination},
            }
            for origin, destination in precedes
        ],
    }


async def objectives_of(api: httpx.AsyncClient, curriculum_id: str) -> dict[str, dict[str, Any]]:
    page = (await api.get(f"/v1/curricula/{curriculum_id}/objectives")).json()
    return {each["code"]: each for each in page["objectives"]}


async def test_importing_a_document_again_keeps_ids_and_retires_what_is_gone(
    api: httpx.AsyncClient,
) -> None:
    path = "/v1/curricula/import/case"
    first = (await api.post(path, json=case_package("abc", ("a", "b"), ("b", "c")))).json()
    assert (first["created"], first["prerequisites"]) == (3, 2)
    before = await objectives_of(api, first["curriculum"]["id"])
    assert before["F.c"]["prerequisites"] == [before["F.b"]["id"]]
    again = (await api.post(path, json=case_package("abc", ("a", "b"), ("b", "c")))).json()
    assert again["curriculum"]["id"] == first["curriculum"]["id"]
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 3)
    third = (await api.post(path, json=case_package("acd", ("a", "c")))).json()
    assert (third["created"], third["retired"], third["prerequisites"]) == (1, 1, 1)
    after = await objectives_of(api, first["curriculum"]["id"])
    assert {code: after[code]["id"] for code in before} == {
        code: before[code]["id"] for code in before
    }
    assert after["F.b"]["retired_at"] is not None
    assert after["F.c"]["prerequisites"] == [after["F.a"]["id"]]


async def test_a_file_goes_only_into_its_own_curriculum(api: httpx.AsyncClient) -> None:
    path = "/v1/curricula/import/case"
    first = (await api.post(path, json=case_package("a"))).json()["curriculum"]["id"]
    other = case_package("a") | {"CFDocument": {"identifier": "doc-2", "title": "Other"}}
    refused = await api.post(path, json=other, params={"curriculum_id": first})
    assert (refused.status_code, refused.json()["field"]) == (409, "curriculum_id")
    empty = (await api.post("/v1/curricula", json={"title": "Empty"})).json()["id"]
    taken = await api.post(path, json=case_package("a"), params={"curriculum_id": empty})
    assert (taken.status_code, taken.json()["field"]) == (409, "curriculum_id")
    unknown = await api.post(path, json=other, params={"curriculum_id": "cur_none"})
    assert unknown.status_code == 404


async def test_a_cycle_in_a_file_changes_nothing(api: httpx.AsyncClient) -> None:
    refused = await api.post(
        "/v1/curricula/import/case", json=case_package("ab", ("a", "b"), ("b", "a"))
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "prerequisites")
    assert "'F.a' is needed for 'F.b'" in refused.json()["detail"]
    assert (await api.get("/v1/curricula")).json()["curricula"] == []


async def test_a_cycle_by_hand_is_refused_and_named(api: httpx.AsyncClient) -> None:
    curriculum = (await api.post("/v1/curricula", json={"title": "Fractions"})).json()["id"]
    made: list[str] = []
    for code in ("a", "b", "c"):
        body = {"code": code, "statement": code, "prerequisites": made[-1:]}
        answer = await api.post(f"/v1/curricula/{curriculum}/objectives", json=body)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    back = {"prerequisites": [made[2]]}
    refused = await api.patch(f"/v1/objectives/{made[0]}", json=back)
    assert (refused.status_code, refused.json()["field"]) == (422, "prerequisites")
    assert all(f"'{code}'" in refused.json()["detail"] for code in "abc")
    itself = await api.patch(f"/v1/objectives/{made[0]}", json={"prerequisites": [made[0]]})
    assert itself.status_code == 422
    assert (await api.get(f"/v1/objectives/{made[0]}")).json()["prerequisites"] == []
    changed = await api.patch(f"/v1/objectives/{made[2]}", json={"prerequisites": [made[0]]})
    assert changed.json()["prerequisites"] == [made[0]]


async def test_bad_objectives_are_refused(api: httpx.AsyncClient) -> None:
    curriculum = (await api.post("/v1/curricula", json={"title": "Fractions"})).json()["id"]
    path = f"/v1/curricula/{curriculum}/objectives"
    body = {"code": "a", "statement": "A"}
    assert (await api.post(path, json=body)).status_code == 201
    taken = await api.post(path, json=body)
    assert (taken.status_code, taken.json()["field"]) == (409, "code")
    unknown = await api.post(path, json=body | {"code": "b", "prerequisites": ["obj_none"]})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "prerequisites")
    assert (await api.post("/v1/curricula/cur_none/objectives", json=body)).status_code == 404


async def test_csv_makes_a_curriculum_or_adds_to_one(api: httpx.AsyncClient) -> None:
    path, content = "/v1/curricula/import/csv", b"code,statement\na,A\nb,B\n"
    made = await api.post(path, content=content, headers=CSV_HEADERS, params={"title": "Mine"})
    assert made.status_code == 200, made.text
    curriculum = made.json()["curriculum"]
    assert (curriculum["title"], made.json()["created"]) == ("Mine", 2)
    for title in ("Second", "Third"):  # files without an identifier are curricula of their own
        other = await api.post(path, content=content, headers=CSV_HEADERS, params={"title": title})
        assert (other.status_code, other.json()["created"]) == (200, 2)
    into = {"curriculum_id": curriculum["id"]}
    more = await api.post(path, content=content + b"c,C\n", headers=CSV_HEADERS, params=into)
    assert (more.json()["created"], more.json()["unchanged"]) == (1, 2)
    untitled = await api.post(path, content=content, headers=CSV_HEADERS)
    assert (untitled.status_code, untitled.json()["field"]) == (422, "title")
    typed = await api.post(path, content=content, headers={"Content-Type": "application/json"})
    assert typed.status_code == 415


async def test_objectives_are_listed_in_pages_in_their_order(api: httpx.AsyncClient) -> None:
    rows = "".join(f"o{number},Objective {number}\n" for number in range(5))
    made = await api.post(
        "/v1/curricula/import/csv?title=Mine",
        content=f"code,statement\n{rows}".encode(),
        headers=CSV_HEADERS,
    )
    path = f"/v1/curricula/{made.json()['curriculum']['id']}/objectives"
    first = (await api.get(path, params={"limit": 3})).json()
    rest = (await api.get(path, params={"limit": 3, "after": first["next"]})).json()
    codes = [each["code"] for each in first["objectives"] + rest["objectives"]]
    assert (codes, rest["next"]) == ([f"o{number}" for number in range(5)], None)


async def test_courses_hold_lessons_and_pages_follow_each_other(api: httpx.AsyncClient) -> None:
    made = [(await api.post("/v1/courses", json={"title": f"C{n}"})).json() for n in range(3)]
    first = (await api.get("/v1/courses?limit=2")).json()
    rest = (await api.get("/v1/courses", params={"limit": 2, "before": first["next"]})).json()
    assert [each["title"] for each in first["courses"] + rest["courses"]] == ["C2", "C1", "C0"]
    course = made[0]["id"]
    lesson = (await api.post("/v1/lessons", json={"title": "L1", "course_id": course})).json()
    other = (await api.post("/v1/lessons", json={"title": "L2"})).json()
    assert (lesson["course_id"], other["course_id"]) == (course, None)
    placed = await api.put(f"/v1/lessons/{other['id']}/course", json={"course_id": course})
    assert placed.json()["course_id"] == course
    listed = (await api.get(f"/v1/courses/{course}/lessons")).json()["lessons"]
    assert [each["title"] for each in listed] == ["L2", "L1"]
    left = await api.put(f"/v1/lessons/{other['id']}/course", json={"course_id": None})
    assert left.json()["course_id"] is None


async def test_a_course_changes_and_is_archived(api: httpx.AsyncClient) -> None:
    body = {"title": "Fractions", "external_id": new_id("x")}
    course = (await api.post("/v1/courses", json=body)).json()["id"]
    assert (await api.post("/v1/courses", json=body)).status_code == 409
    archived = (await api.patch(f"/v1/courses/{course}", json={"archived": True})).json()
    assert archived["archived_at"] is not None
    back = await api.patch(f"/v1/courses/{course}", json={"archived": False, "title": "New"})
    assert (back.json()["archived_at"], back.json()["title"]) == (None, "New")
    assert (await api.patch(f"/v1/courses/{course}", json={})).json() == back.json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/lessons", {"title": "x", "course_id": "crs_none"}, 422),
        ("POST", "/v1/courses", {"title": "x", "curriculum_id": "cur_none"}, 404),
        ("PATCH", "/v1/courses/crs_none", {"title": "x"}, 404),
        ("GET", "/v1/courses/crs_none/lessons", None, 404),
        ("GET", "/v1/courses?before=crs_none", None, 404),
        ("GET", "/v1/curricula?before=cur_none", None, 404),
        ("GET", "/v1/objectives/obj_none", None, 404),
        ("PUT", "/v1/lessons/les_none/course", {"course_id": None}, 404),
        ("POST", "/v1/courses", {"titel": "x"}, 422),
        ("POST", "/v1/curricula/import/case", [], 422),
    ],
)
async def test_what_is_not_there_or_malformed_is_refused(
    api: httpx.AsyncClient, method: str, path: str, body: Any, status: int
) -> None:
    answer = await api.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
