"""Recaps over the API: who may read, edit, approve and hold them, and what guardians are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from lessons.policy import Action, Resource
from lessons.policy.matrix import MATRIX
from lessons.recaps.record import RECAP_TYPES
from lessons.roles import Role
from lessons.store.database import driver_url
from lessons.summary import mention
from serving.jobs.queue import SEE_TO_RECAPS
from serving.mail import Mailer
from serving.recaps.delivery import RecapDelivery
from serving.recaps.keeping import RecapKeeping
from serving.summaries.rewriting import ConsentFollower
from serving.web.services import Services
from tests.unit.operations.recaps.summaries import claim
from tests.unit.serving.recaps.lesson_with_summary import Scene, set_scene

Headers = dict[str, str]


@pytest.fixture
async def scene(services: Services, tenant_id: str) -> Scene:
    """A lesson whose recaps are drafted."""
    made = await set_scene(services, tenant_id)
    await made.summarise()
    await keep(made)
    return made


async def keep(scene: Scene) -> None:
    services = scene.services
    delivery = RecapDelivery(services.database, Mailer(None, "a@b.example"), "https://s.example")
    await RecapKeeping(services.database, delivery, services.jobs).see_to(*scene.where)


@pytest.fixture
async def tutor(scene: Scene, token_of: Callable[..., str]) -> Headers:
    token = token_of(scene.tutor, lesson_id=scene.lesson.id)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def mother(services: Services, scene: Scene) -> Headers:
    _, proof = await services.sign_ins.begin(scene.lesson.tenant_id, scene.mother.id)
    return {"Authorization": f"Bearer {proof}"}


def path_of(scene: Scene, rest: str = "") -> str:
    return f"/v1/lessons/{scene.lesson.id}/recaps/{scene.ada.id}{rest}"


async def ada(api: httpx.AsyncClient, scene: Scene, tutor: Headers) -> dict[str, Any]:
    answer = await api.get(f"/v1/lessons/{scene.lesson.id}/recaps", headers=tutor)
    assert answer.status_code == 200, answer.text
    found = [one for one in answer.json()["recaps"] if one["child"] == "Ada"]
    recap: dict[str, Any] = found[0]
    return recap


async def approve(api: httpx.AsyncClient, scene: Scene, tutor: Headers, version: int = 1) -> None:
    answer = await api.post(path_of(scene, "/approve"), json={"version": version}, headers=tutor)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "approved"


async def test_a_guardian_reads_the_own_childs_page_once_it_is_approved(
    api: httpx.AsyncClient, services: Services, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 404
    await approve(api, scene, tutor)
    page = (await api.get(path_of(scene, "/page"), headers=mother)).json()
    assert page["sections"][0]["heading"] == "What Ada did"
    assert page["ai_label"]["machine_made"] is True
    assert page["ai_label"]["sentence"].startswith("A computer program (AI) wrote this page")
    other = f"/v1/lessons/{scene.lesson.id}/recaps/{scene.ben.id}/page"
    assert (await api.get(other, headers=mother)).status_code == 403
    assert (
        await api.get(path_of(scene)[: -len(scene.ada.id) - 1], headers=mother)
    ).status_code == 403
    logged = await services.disclosures.list_disclosures(
        scene.lesson.tenant_id, scene.ada.person_id
    )
    assert ("recap", scene.lesson.id) in [(one.what, one.lesson_id) for one in logged]


async def test_the_html_page_says_to_machines_that_a_machine_wrote_it(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    await approve(api, scene, tutor)
    answer = await api.get(path_of(scene, "/page.html"), headers=mother)
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    uri = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert f'<meta name="digital-source-type" content="{uri}">' in answer.text
    assert "https://schema.org/TrainedAlgorithmicMediaDigitalSource" in answer.text


async def test_a_guardian_sees_no_draft_in_the_lessons_events(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    await approve(api, scene, tutor)
    where = f"/v1/lessons/{scene.lesson.id}/events"
    seen = (await api.get(where, headers=mother)).json()["events"]
    assert {one["type"] for one in seen if one["type"].startswith("recap.")} == {"recap.approved"}
    taught = (await api.get(where, headers=tutor)).json()["events"]
    assert "recap.drafted" in {one["type"] for one in taught}


async def test_a_tutor_edits_in_place_and_what_was_approved_is_a_draft_again(
    api: httpx.AsyncClient, services: Services, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    await approve(api, scene, tutor)
    recap = await ada(api, scene, tutor)
    content = recap["content"]
    content["went_well"][0]["text"] = "Ada kept at it."
    content["homework"] = [{"text": "Bring a ruler."}]
    body = {"version": recap["version"], "content": content}
    answer = await api.put(path_of(scene), json=body, headers=tutor)
    assert answer.status_code == 200, answer.text
    edited = answer.json()
    assert (edited["version"], edited["status"], edited["is_edited"]) == (2, "draft", True)
    assert edited["ai_label"]["digital_source_type"].endswith(
        "/compositeWithTrainedAlgorithmicMedia"
    )
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 404
    stale = await api.post(path_of(scene, "/approve"), json={"version": 1}, headers=tutor)
    assert (stale.status_code, stale.json()["field"]) == (409, "version")
    entries = await services.audit.list_entries(scene.lesson.tenant_id)
    assert {"edit recap", "approve recap"} <= {one.action for one in entries}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"text": "Ada sat beside Ben."}, "content.homework[0].text"),
        ({"text": "Fine.", "claim_ids": ["nothing"]}, "content.homework[0].claim_ids"),
        ({"text": ""}, "content.homework.0.text"),
        ({"text": "x" * 401}, "content.homework.0.text"),
    ],
)
async def test_what_may_not_go_out_is_refused(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, line: dict[str, Any], field: str
) -> None:
    body = {"version": 1, "content": {"homework": [line]}}
    answer = await api.put(path_of(scene), json=body, headers=tutor)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


async def test_a_held_recap_is_taken_off_its_page(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    await approve(api, scene, tutor)
    body = {"version": 1, "remark": "I ring them first."}
    held = (await api.post(path_of(scene, "/hold"), json=body, headers=tutor)).json()
    assert (held["status"], held["held_reason"], held["remark"]) == (
        "held",
        "tutor",
        "I ring them first.",
    )
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 404
    await approve(api, scene, tutor)
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 200


async def test_consent_that_is_taken_back_closes_the_page_at_once_and_forbids_approval(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    await approve(api, scene, tutor)
    await scene.decide_consent(granted=False)
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 404
    refused = await api.post(path_of(scene, "/approve"), json={"version": 1}, headers=tutor)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_missing")


async def test_consent_that_is_taken_back_for_all_lessons_reaches_those_that_are_over(
    api: httpx.AsyncClient,
    services: Services,
    scene: Scene,
    tutor: Headers,
    mother: Headers,
    served_database: str,
) -> None:
    await approve(api, scene, tutor)
    about_it = "FROM procrastinate_jobs WHERE task_name = %s AND args ->> 'lesson_id' = %s"
    which = (SEE_TO_RECAPS, scene.lesson.id)
    with psycopg.connect(driver_url(served_database), autocommit=True) as jobs:
        jobs.execute(f"DELETE {about_it}", which)
        await api.delete(f"/v1/people/{scene.ada.person_id}/consents/signals")
        follower = ConsentFollower(services.database, services.jobs)
        await follower.follow(scene.lesson.tenant_id, scene.ada.person_id)
        assert jobs.execute(f"SELECT count(*) {about_it}", which).fetchone() == (1,)
    assert (await api.get(path_of(scene, "/page"), headers=mother)).status_code == 404


async def test_what_lost_its_ground_cannot_be_approved(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers
) -> None:
    await scene.withdraw()
    await keep(scene)
    refused = await api.post(path_of(scene, "/approve"), json={"version": 1}, headers=tutor)
    assert refused.status_code == 409


async def test_a_guardian_lists_the_childs_approved_recaps(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers, mother: Headers
) -> None:
    where = f"/v1/learners/{scene.ada.person_id}/recaps"
    assert (await api.get(where, headers=mother)).json()["recaps"] == []
    await approve(api, scene, tutor)
    listed = (await api.get(where, headers=mother)).json()
    assert listed["child"] == "Ada"
    assert [one["lesson_id"] for one in listed["recaps"]] == [scene.lesson.id]
    others = f"/v1/learners/{scene.ben.person_id}/recaps"
    assert (await api.get(others, headers=mother)).status_code == 403


async def test_of_whom_there_is_no_recap_there_is_none(
    api: httpx.AsyncClient, scene: Scene, tutor: Headers
) -> None:
    where = f"/v1/lessons/{scene.lesson.id}/recaps/{scene.tutor.id}/page"
    answer = await api.get(where, headers=tutor)
    assert (answer.status_code, answer.json()["field"]) == (404, "participant_id")


def test_only_who_teaches_approves() -> None:
    assert set(MATRIX[Resource.RECAP, Action.APPROVE]) == {Role.INSTRUCTOR, Role.ADMINISTRATOR}
    assert Role.GUARDIAN not in MATRIX[Resource.RECAP, Action.UPDATE]


SAID = "Homework, as Ms Hill said it: “Do page twelve.”"


@pytest.fixture
async def said_aloud(services: Services, tenant_id: str) -> Scene:
    """A lesson whose homework was only said aloud, and whose recaps are drafted."""
    made = await set_scene(services, tenant_id)
    text = SAID.replace("Ms Hill", mention(made.tutor.id))
    homework = [claim("said", "homework", text, speaker=made.tutor.id)]
    await made.summarise(made.document(homework=homework))
    await keep(made)
    return made


@pytest.fixture
def as_tutor(said_aloud: Scene, token_of: Callable[..., str]) -> Headers:
    token = token_of(said_aloud.tutor, lesson_id=said_aloud.lesson.id)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def as_mother(services: Services, said_aloud: Scene) -> Headers:
    _, proof = await services.sign_ins.begin(said_aloud.lesson.tenant_id, said_aloud.mother.id)
    return {"Authorization": f"Bearer {proof}"}


async def recap_events(scene: Scene) -> dict[str, str]:
    """Return what can be read of the lesson's recaps: the text of each event's data by its id."""
    events = await scene.services.ledger.read_all(*scene.where, RECAP_TYPES)
    return {event.id: event.data.model_dump_json() for event in events}


async def test_homework_that_a_tutor_only_said_is_on_the_page_and_goes_with_the_tutor(
    api: httpx.AsyncClient, said_aloud: Scene, as_tutor: Headers, as_mother: Headers
) -> None:
    scene = said_aloud
    drafted = await ada(api, scene, as_tutor)
    assert [one["claim_ids"] for one in drafted["content"]["homework"]] == [["said"]]
    await approve(api, scene, as_tutor)
    page = (await api.get(path_of(scene, "/page"), headers=as_mother)).json()
    assert page["sections"][-1]["lines"] == [SAID]
    holding = {one for one, data in (await recap_events(scene)).items() if "page twelve" in data}
    assert holding == {f"recap:{one.id}:1:{scene.tutor.id}" for one in (scene.ada, scene.ben)}
    erase = scene.services.erasures.erase
    await erase(scene.lesson.tenant_id, scene.tutor.person_id, "key")
    await keep(scene)
    assert "page twelve" not in str(await recap_events(scene))
    page = await api.get(path_of(scene, "/page"), headers=as_mother)
    assert page.status_code == 200, "what is the child's stands, as it was approved"
    assert "page twelve" not in page.text
    assert "Ada found it alone." in page.text


async def test_with_the_child_goes_all_of_the_page_and_what_is_left_says_nothing_of_them(
    api: httpx.AsyncClient, said_aloud: Scene, as_tutor: Headers, as_mother: Headers
) -> None:
    scene = said_aloud
    await approve(api, scene, as_tutor)
    erase = scene.services.erasures.erase
    await erase(scene.lesson.tenant_id, scene.ada.person_id, "key")
    assert (await api.get(path_of(scene, "/page"), headers=as_mother)).status_code in (403, 404)
    left = [data for data in (await recap_events(scene)).values() if scene.ada.id in data]
    assert len(left) == 1
    assert "page twelve" in left[0]
    assert not [word for word in ("Ada", "found it alone", "Practise") if word in left[0]]


async def test_a_line_in_the_tutors_words_stays_theirs_when_it_is_edited(
    api: httpx.AsyncClient, said_aloud: Scene, as_tutor: Headers
) -> None:
    scene = said_aloud
    content = (await ada(api, scene, as_tutor))["content"]
    (line,) = content["homework"]
    content["homework"] = [{**line, "claim_ids": []}, {"text": "Bring a ruler."}]
    body = {"version": 1, "content": content}
    edited = (await api.put(path_of(scene), json=body, headers=as_tutor)).json()
    assert [one["claim_ids"] for one in edited["content"]["homework"]] == [["said"], []]
    content["homework"] = [{"text": "Do page twelve and thirteen.", "claim_ids": ["said"]}]
    body = {"version": 2, "content": content}
    assert (await api.put(path_of(scene), json=body, headers=as_tutor)).status_code == 200
    for words in ("page twelve", "thirteen"):
        holding = [one for one, data in (await recap_events(scene)).items() if words in data]
        assert holding
        assert not [one for one in holding if not one.endswith(f":{scene.tutor.id}")]
    content["homework"] = [{"text": "Do page twelve, Ada.", "claim_ids": ["said"]}]
    refused = await api.put(
        path_of(scene), json={"version": 3, "content": content}, headers=as_tutor
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "content.homework[0].text")
