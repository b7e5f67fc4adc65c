"""Who sees what in real lessons: guardians, assistants in breakouts, instructors, learners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from lessons.events import EventData, EventDraft
from lessons.events.breakouts import BreakoutClosed, BreakoutEntered
from lessons.events.polls import PollAnswered
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services

Headers = dict[str, str]
Join = Callable[[str, Role], Awaitable[Participant]]
SignIn = Callable[[str], Awaitable[Headers]]
Tell = Callable[[Participant | None, EventData], Awaitable[None]]


@pytest.fixture
def join(services: Services, lesson: Lesson) -> Join:
    async def add(name: str, role: Role) -> Participant:
        return await services.lessons.add_participant(lesson.tenant_id, lesson.id, name, role)

    return add


@pytest.fixture
def tell(services: Services, lesson: Lesson) -> Tell:
    async def append(who: Participant | None, data: EventData) -> None:
        draft = EventDraft(data, None, who.id if who else None)
        await services.ledger.append(lesson.tenant_id, lesson.id, [draft])

    return append


@pytest.fixture
def sign_in(services: Services, tenant_id: str) -> SignIn:
    async def begin(person_id: str) -> Headers:
        _, proof = await services.sign_ins.begin(tenant_id, person_id)
        return {"Authorization": f"Bearer {proof}"}

    return begin


async def answers(api: httpx.AsyncClient, lesson: Lesson, headers: Headers) -> list[str]:
    """Whose answers are seen."""
    page = await api.get(f"/v1/lessons/{lesson.id}/events?types=poll.answered", headers=headers)
    assert page.status_code == 200, page.text
    return [event["subject"] for event in page.json()["events"]]


async def new_person(api: httpx.AsyncClient, name: str) -> str:
    return str((await api.post("/v1/people", json={"name": name})).json()["id"])


async def test_a_guardian_sees_their_own_child_for_as_long_as_they_are_one(
    api: httpx.AsyncClient,
    lesson: Lesson,
    learner: Participant,
    join: Join,
    tell: Tell,
    sign_in: SignIn,
) -> None:
    other = await join("Ben", Role.LEARNER)
    for who in (learner, other):
        await tell(who, PollAnswered(poll_id="p", options=[0]))
    guardian = await new_person(api, "Grace")
    headers = await sign_in(guardian)
    path = f"/v1/lessons/{lesson.id}"
    assert (await api.get(path, headers=headers)).status_code == 403
    guards = f"/v1/people/{learner.person_id}/guardians"
    await api.post(guards, json={"guardian_id": guardian})
    assert await answers(api, lesson, headers) == [learner.id]
    seen = (await api.get(path, headers=headers)).json()
    assert [person["id"] for person in seen["participants"]] == [learner.id]
    own = await api.get("/v1/lessons", params={"person_id": learner.person_id}, headers=headers)
    assert [item["id"] for item in own.json()["lessons"]] == [lesson.id]
    theirs = await api.get("/v1/lessons", params={"person_id": other.person_id}, headers=headers)
    assert theirs.status_code == 403
    await api.delete(f"{guards}/{guardian}")
    assert (await api.get(f"{path}/events", headers=headers)).status_code == 403


async def test_an_assistant_in_a_breakout_sees_the_answers_of_that_room(
    api: httpx.AsyncClient,
    lesson: Lesson,
    learner: Participant,
    join: Join,
    tell: Tell,
    token_of: Callable[..., str],
) -> None:
    other, assistant = await join("Ben", Role.LEARNER), await join("Tara", Role.TEACHING_ASSISTANT)
    headers = {"Authorization": f"Bearer {token_of(assistant)}"}
    for who in (learner, other):
        await tell(who, PollAnswered(poll_id="p", options=[0]))
    assert await answers(api, lesson, headers) == [learner.id, other.id]
    for who, room in ((learner, "room-1"), (assistant, "room-1"), (other, "room-2")):
        await tell(who, BreakoutEntered(room_id=room))
    assert await answers(api, lesson, headers) == [learner.id]
    await tell(None, BreakoutClosed(room_id="room-1"))
    assert await answers(api, lesson, headers) == [learner.id, other.id]


async def test_an_instructor_of_a_course_teaches_that_one_and_no_other(
    api: httpx.AsyncClient, sign_in: SignIn
) -> None:
    courses = [
        (await api.post("/v1/courses", json={"title": title})).json()["id"]
        for title in ("Reading", "Writing")
    ]
    lessons = [
        (await api.post("/v1/lessons", json={"title": "1", "course_id": course})).json()["id"]
        for course in courses
    ]
    ines = await new_person(api, "Ines")
    role = {"role": "instructor", "course_id": courses[0]}
    await api.post(f"/v1/people/{ines}/roles", json=role)
    headers = await sign_in(ines)
    for index, status in ((0, 200), (1, 403)):
        for path in (f"/v1/lessons/{lessons[index]}", f"/v1/courses/{courses[index]}/lessons"):
            assert (await api.get(path, headers=headers)).status_code == status, path
        body = {"title": "2", "course_id": courses[index]}
        made = await api.post("/v1/lessons", json=body, headers=headers)
        assert made.status_code == (201 if status == 200 else 403)
    nowhere = await api.post("/v1/lessons", json={"title": "3"}, headers=headers)
    assert nowhere.status_code == 403


async def test_a_role_in_one_lesson_is_no_key_to_its_course_or_to_peoples_records(
    api: httpx.AsyncClient,
    services: Services,
    tenant_id: str,
    token_of: Callable[..., str],
) -> None:
    course = (await api.post("/v1/courses", json={"title": "Reading"})).json()["id"]
    first, second = [
        (await api.post("/v1/lessons", json={"title": "1", "course_id": course})).json()["id"]
        for _ in range(2)
    ]
    ada = await services.lessons.add_participant(tenant_id, first, "Ada", Role.LEARNER)
    for role in (Role.INSTRUCTOR, Role.ADMINISTRATOR):
        who = await services.lessons.add_participant(tenant_id, first, "Ines", role)
        headers = {"Authorization": f"Bearer {token_of(who, lesson_id=first)}"}
        assert (await api.get(f"/v1/lessons/{first}", headers=headers)).status_code == 200
        for method, path in (
            ("GET", f"/v1/lessons/{second}/events"),
            ("POST", f"/v1/lessons/{second}/end"),
            ("GET", f"/v1/people/{ada.person_id}/export"),
            ("DELETE", f"/v1/people/{ada.person_id}/sign-ins"),
        ):
            answer = await api.request(method, path, headers=headers)
            assert answer.status_code in {403, 404}, (role, path)
        body = {"title": "3", "course_id": course}
        assert (await api.post("/v1/lessons", json=body, headers=headers)).status_code == 403


async def test_a_person_at_home_mints_a_token_for_themselves_alone(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant, join: Join, sign_in: SignIn
) -> None:
    other = await join("Ben", Role.LEARNER)
    headers = await sign_in(learner.person_id)
    people = f"/v1/lessons/{lesson.id}/participants"
    minted = await api.post(f"{people}/{learner.id}/token", headers=headers)
    assert minted.status_code == 200
    assert (await api.post(f"{people}/{other.id}/token", headers=headers)).status_code == 403
    again = {"Authorization": f"Bearer {minted.json()['token']}"}
    assert (await api.post(f"{people}/{learner.id}/token", headers=again)).status_code == 403


async def test_learners_do_not_read_the_platforms_names_of_each_other(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> None:
    people = f"/v1/lessons/{lesson.id}/participants"
    await api.post(people, json={"name": "Ben", "role": "learner", "external_id": "u18"})
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    seen = await api.get(f"/v1/lessons/{lesson.id}", headers=headers)
    assert "u18" not in seen.text
    assert "u18" in (await api.get(f"/v1/lessons/{lesson.id}")).text


async def test_a_teacher_of_a_whole_class_teaches_in_everything_below_their_node(
    api: httpx.AsyncClient, sign_in: SignIn
) -> None:
    class_ = (await api.post("/v1/tenants", json={"name": "7b", "kind": "class"})).json()["id"]
    below = {"Lectern-Tenant": class_}
    inner = (await api.post("/v1/lessons", json={"title": "1"}, headers=below)).json()["id"]
    ines = await new_person(api, "Ines")
    headers = await sign_in(ines)
    path = f"/v1/lessons/{inner}"
    assert (await api.get(path, headers=headers | below)).status_code == 403
    await api.post(f"/v1/people/{ines}/roles", json={"role": "instructor"})
    assert (await api.get(path, headers=headers | below)).status_code == 200
    assert (await api.get("/v1/tenants", headers=headers)).status_code == 403
