"""From a lesson in a real PostgreSQL to its summary over the API: by the job that writes it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text as sql

from lessons.events import (
    DATA_TYPES,
    SummaryCreated,
    SummaryPartWritten,
    SummaryProgressed,
)
from lessons.roles import Role
from lessons.summary import SummaryDocument
from serving.summaries.lesson_summaries import LATEST_FIRST, LessonSummaries
from serving.summaries.writing_room import WritingRoom
from serving.web.services import Services
from tests.unit.serving.summaries.school import School, TokenOf, learners, texts_of


async def test_a_lesson_that_ended_has_a_summary_whose_every_sentence_cites_its_record(
    school: School,
) -> None:
    assert (await school.get()).status_code == 404
    assert (await school.progress())["state"] == "waiting"
    await school.write()
    assert await school.progress() == {
        "state": "written",
        "version": 1,
        "stage": "done",
        "share": 1.0,
    }
    body = (await school.get()).json()
    document = SummaryDocument.model_validate(body)
    known = {event.id for event in await school.events(*DATA_TYPES)} | set(school.captions)
    assert document.claims()
    for claim in document.claims():
        for citation in claim.citations:
            assert {*citation.caption_ids, *citation.event_ids} <= known
    assert [one.objective_id for one in document.objectives] == ["fractions.add"]
    assert document.machine_made
    ada, cleo = (learners(body)[school.people[name].id] for name in ("ada", "cleo"))
    (moment,) = (one for one in ada["moments"] if one["reason"] == "contradicted_answer")
    assert moment["misconception"] == "Adds the tops and the bottoms of fractions, each for itself."
    assert (cleo["observed"], cleo["claims"], cleo["moments"]) == (False, [], [])
    ben = learners(body)[school.people["ben"].id]
    assert (ben["answers_wrong"], ben["moments"][0]["reason"]) == (2, "repeated_error")
    assert "page twelve" in str(body["homework"])
    assert not [one for one in school.people.values() if one.id in texts_of(body)]
    told = await school.events(SummaryProgressed.type)
    assert [one.to_wire()["data"]["stage"] for one in told] == ["reading", "writing", "done"]


async def test_nothing_is_written_twice_nor_before_the_end(
    school: School, services: Services
) -> None:
    first = await school.write()
    assert first is not None
    assert await school.write() is None
    assert len(await school.events(SummaryCreated.type)) == 1
    live = await services.lessons.create_lesson(school.lesson.tenant_id, title="Next")
    await services.lessons.start_lesson(live.tenant_id, live.id)
    assert await school.summaries.write(live.tenant_id, live.id) is None


async def test_what_is_about_a_learner_is_sealed_under_that_learners_key(school: School) -> None:
    await school.write()
    async with school.services.database.transaction(school.lesson.tenant_id) as connection:
        rows = await connection.execute(
            sql(
                "SELECT person_id, data FROM learning_events"
                " WHERE lesson_id = :lesson AND type LIKE 'summary.%'"
            ),
            {"lesson": school.lesson.id},
        )
        stored = rows.all()
    ada = school.people["ada"].person_id
    assert [row for row in stored if row.person_id == ada]
    open_rows = str([row.data for row in stored if row.person_id is None])
    assert "two fifths" not in open_rows
    assert "repeated_error" not in open_rows


async def test_each_reader_sees_what_is_theirs(
    school: School, token_of: TokenOf, services: Services
) -> None:
    await school.write()
    ada, tutor = school.people["ada"], school.people["tutor"]
    assistant = await services.lessons.add_participant(
        *school.where, "Tess", Role.TEACHING_ASSISTANT
    )
    observer = await services.lessons.add_participant(*school.where, "Otto", Role.OBSERVER)
    taught = (await school.get(token_of(tutor))).json()
    (reflection,) = taught["reflections"]
    assert reflection["participant_id"] == tutor.id
    assert reflection["moves"]["pressing_for_accuracy"] == 1
    assert "talk-move-rules" in taught["models"]
    helped = (await school.get(token_of(assistant))).json()
    assert (len(helped["learners"]), helped["reflections"]) == (3, [])
    own = (await school.get(token_of(ada))).json()
    assert (list(learners(own)), own["reflections"]) == ([ada.id], [])
    assert "common denominator" in str(own["segments"])
    assert "page twelve" in str(own["homework"])
    assert school.people["ben"].id not in str({**own, "participant_ids": None})
    assert (await school.get(token_of(observer))).status_code == 403


async def test_who_may_read_a_summary_is_told_how_far_it_is(
    school: School, token_of: TokenOf, services: Services
) -> None:
    ada = token_of(school.people["ada"])
    for stage, share, state in (("reading", 0.0, "writing"), ("failed", 0.9, "failed")):
        await school.tell(
            "summary.progressed",
            None,
            stage=stage,
            share=share,
            summary_id="sum_1",
            summary_version=1,
        )
        told = await school.progress(ada)
        assert (told["state"], told["stage"], told["share"]) == (state, stage, share)
    observer = await services.lessons.add_participant(*school.where, "Otto", Role.OBSERVER)
    assert (await school.progress(token_of(observer)))["status"] == 403
    live = await services.lessons.create_lesson(school.lesson.tenant_id, title="Next")
    path = f"/v1/lessons/{live.id}/summary/progress"
    assert (await school.api.get(path)).json()["state"] == "lesson_not_ended"


async def test_who_was_erased_is_not_in_a_summary_any_more(school: School) -> None:
    await school.write()
    ada = school.people["ada"]
    await school.services.erasures.erase(school.lesson.tenant_id, ada.person_id, "key")
    parts = [one.data for one in await school.events(SummaryPartWritten.type)]
    told = {one.part.participant_id for one in parts if isinstance(one, SummaryPartWritten)}
    assert ada.id not in told
    assert school.people["ben"].id in told
    body = (await school.get()).json()
    assert ada.id not in str(body["learners"])
    assert "two fifths" not in str(body)


async def test_a_tutors_words_are_sealed_under_the_tutors_key_and_go_with_the_tutor(
    school: School, token_of: TokenOf
) -> None:
    await school.write()
    tutor, own = school.people["tutor"], token_of(school.people["ada"])
    async with school.services.database.transaction(school.lesson.tenant_id) as connection:
        rows = await connection.execute(
            sql(
                "SELECT data FROM learning_events WHERE lesson_id = :lesson"
                " AND type LIKE 'summary.%' AND person_id IS NULL"
            ),
            {"lesson": school.lesson.id},
        )
        in_the_open = str(rows.all())
    assert "“" not in in_the_open.replace("“fractions.add”", "").replace(
        "“Adding unlike fractions”", ""
    )
    assert "page twelve" in str((await school.get(own)).json())
    await school.services.erasures.erase(school.lesson.tenant_id, tutor.person_id, "key")
    body = (await school.get(own)).json()
    assert "five sixths" in texts_of(body)
    for words in ("page twelve", "common denominator"):
        assert words not in texts_of(body)


async def test_what_was_put_right_in_a_sentence_holds_though_its_captions_are_put_right_too(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    (objective,), (homework,) = document.objective_claims, document.homework
    cited = {one for each in objective.citations for one in each.caption_ids}
    assert cited
    tutor = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    for claim in (objective, homework):
        body = {"claim_id": claim.claim_id, "text": f"Right: {claim.kind}."}
        assert (await school.api.post(path, json=body, headers=tutor)).status_code == 201
    said = "For homework, please do questions one to six on page fourteen."
    for caption_id, text in ((min(cited), "Let us open the window."), (school.captions[-1], said)):
        await school.tell(
            "caption.corrected",
            60_000,
            caption_id=caption_id,
            revision=9,
            text=text,
            corrected_by="key",
        )
    second = await school.write()
    assert second is not None
    assert cited != {
        one for each in second.objective_claims[0].citations for one in each.caption_ids
    }
    assert "page fourteen" in second.homework[0].text
    body = (await school.get()).json()
    texts = {one["claim_id"]: one["text"] for one in [*body["objective_claims"], *body["homework"]]}
    assert texts[objective.claim_id] == "Right: objective_covered."
    assert texts[homework.claim_id] == "Right: homework."


async def test_a_correction_quotes_nobody_where_the_sentence_is_nobodys(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    (objective,) = document.objective_claims
    headers = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    quoted = {"claim_id": objective.claim_id, "text": "Ada said “five sixths” in the end."}
    refused = await school.api.post(path, json=quoted, headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "text")
    titled = {"claim_id": objective.claim_id, "text": f"“{objective.title}” took all the time."}
    assert (await school.api.post(path, json=titled, headers=headers)).status_code == 201


async def test_a_correction_holds_at_once_and_in_the_next_version(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    kept, gone = document.homework[0], document.segments[0].claims[0]
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    tutor = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    learner = {"Authorization": f"Bearer {token_of(school.people['ada'])}"}
    said = "All were confused; questions one to six."
    right = {"claim_id": kept.claim_id, "text": said, "remark": "Six."}
    assert (await school.api.post(path, json=right, headers=learner)).status_code == 403
    assert (await school.api.post(path, json=right, headers=tutor)).status_code == 201
    removed = {"claim_id": gone.claim_id, "removed": True}
    assert (await school.api.post(path, json=removed, headers=tutor)).status_code == 201
    unknown = await school.api.post(path, json={"claim_id": "x", "removed": True}, headers=tutor)
    assert (unknown.status_code, unknown.json()["field"]) == (404, "claim_id")
    both = {"claim_id": kept.claim_id, "removed": True, "text": "No."}
    assert (await school.api.post(path, json=both, headers=tutor)).status_code == 422
    await school.tell(
        "caption.corrected",
        60_000,
        caption_id=school.captions[0],
        revision=9,
        text="Good morning, class. Today we add fractions.",
        corrected_by="key",
    )
    assert (await school.write()) is not None
    body = (await school.get()).json()
    assert body["version"] == 2
    told = [*body["homework"], *(one for each in body["segments"] for one in each["claims"])]
    by_id = {claim["claim_id"]: claim for claim in told}
    assert by_id[kept.claim_id]["text"] == said
    assert by_id[kept.claim_id]["corrected_by"] == school.people["tutor"].id
    assert gone.claim_id not in by_id


async def test_a_lesson_of_long_ago_gets_no_summary_by_itself(school: School) -> None:
    later = datetime.now(UTC) + LATEST_FIRST
    old = LessonSummaries(school.services.database, WritingRoom(), lambda: later)
    assert await old.write(*school.where) is None
    assert await school.events(SummaryCreated.type) == []


async def test_a_tenant_may_switch_summaries_off(school: School) -> None:
    await school.services.tenants.change(
        school.lesson.tenant_id,
        school.lesson.tenant_id,
        settings={"features": {"summaries": False}},
    )
    assert await school.write() is None
    refused = (await school.get()).json()
    assert "features.summaries" in refused["fix"]
    assert (await school.progress())["state"] == "switched_off"


async def test_a_lesson_in_which_nothing_happened_has_an_empty_summary(
    services: Services, school: School
) -> None:
    lesson = await services.lessons.create_lesson(school.lesson.tenant_id, title="Empty")
    await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    await services.lessons.end_lesson(lesson.tenant_id, lesson.id)
    document = await school.summaries.write(lesson.tenant_id, lesson.id)
    assert document is not None
    assert (document.objectives, document.learners, document.segments) == ([], [], [])
