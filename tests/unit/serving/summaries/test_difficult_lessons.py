"""Summaries of lessons that are hard to tell of, from ledger to API: nothing is invented."""

from __future__ import annotations

from lessons.events import SummaryPartWritten
from lessons.roles import Role
from tests.unit.serving.summaries.school import School, TokenOf, learners, texts_of

CROWD = 40


async def test_of_a_tutor_who_speaks_alone_the_teaching_is_told_and_no_learner(
    school: School,
) -> None:
    alone = await school.open_another("Alone")
    await alone.say("tutor", "To add two fractions we first need a common denominator.", 0)
    document = await alone.end_and_write()
    assert document.learners == []
    assert "common denominator" in texts_of((await alone.get()).json())


async def test_forty_learners_are_each_told_of_under_their_own_key_and_read_themselves_alone(
    school: School, token_of: TokenOf
) -> None:
    crowded = await school.open_another("Crowded")
    for number in range(CROWD):
        name = f"learner {number}"
        await crowded.invite(name, Role.LEARNER)
        await crowded.say(name, f"I took {number + 100} apples to school.", number * 6_000)
    await crowded.end_and_write()
    body = (await crowded.get()).json()
    assert len(learners(body)) == CROWD
    for number in range(CROWD):
        who = crowded.people[f"learner {number}"].id
        assert f"{number + 100} apples" in learners(body)[who]["claims"][0]["text"]
    parts = await crowded.events(SummaryPartWritten.type)
    assert len(parts) == CROWD
    seventh = crowded.people["learner 7"]
    own = (await crowded.get(token_of(seventh, lesson_id=crowded.lesson.id))).json()
    assert list(learners(own)) == [seventh.id]
    assert "apples" in texts_of(own)
    assert "108 apples" not in str(own)


async def test_captions_in_another_language_are_not_quoted_and_what_was_answered_is_told(
    school: School,
) -> None:
    german = await school.open_another("Brüche")
    await german.invite("ben", Role.LEARNER)
    said = "Als Hausaufgabe macht ihr bitte die Aufgaben eins bis vier auf Seite zwölf."
    await german.say("tutor", said, 0, language="de")
    await german.say("ben", "Ich verstehe das nicht, zwei Fünftel?", 6_000, language="de")
    await german.tell(
        "assessment.item_answered", 12_000, "ben", item_id="q1", attempt=1, correct=True
    )
    await german.end_and_write()
    body = (await german.get()).json()
    assert learners(body)[german.people["ben"].id]["answers_right"] == 1
    assert not any(word in texts_of(body) for word in ("Hausaufgabe", "verstehe", "homework"))
    assert body["language"] == "en"


async def test_captions_that_were_hardly_heard_lead_to_fewer_sentences_and_no_quotation(
    school: School,
) -> None:
    noisy = await school.open_another("Noisy")
    await noisy.invite("ada", Role.LEARNER)
    await noisy.say("tutor", "For homework please do page twelve.", 0, confidence=0.3)
    await noisy.say("ada", "I think it is because the parts are equal.", 6_000, confidence=0.3)
    document = await noisy.end_and_write()
    assert "“" not in texts_of((await noisy.get()).json())
    (ada,) = document.learners
    assert ada.observed


async def test_objectives_that_contradict_are_each_held_against_what_was_done(
    school: School,
) -> None:
    torn = await school.open_another("Torn")
    titles = {"keep": "Keep the denominator", "change": "Never keep the denominator"}
    for number, (item, title) in enumerate(titles.items()):
        await torn.tell(
            "lesson_plan.item_started",
            number * 60_000,
            item_id=item,
            title=title,
            objective_ids=[f"fractions.{item}"],
        )
        outcome = "done" if item == "keep" else "skipped"
        end_ms = number * 60_000 + 50_000
        await torn.tell("lesson_plan.item_completed", end_ms, item_id=item, outcome=outcome)
    document = await torn.end_and_write()
    assert [one.objective_id for one in document.objectives] == ["fractions.keep"]
    assert "Never keep the denominator” was planned and was not done" in str(document.not_observed)


async def test_a_lesson_without_objectives_is_told_without_any(school: School) -> None:
    aimless = await school.open_another("Talk")
    await aimless.say("tutor", "Whales are mammals and feed their young with milk.", 0)
    document = await aimless.end_and_write()
    assert (document.objectives, document.objective_claims) == ([], [])
    assert "Whales are mammals" in texts_of((await aimless.get()).json())
