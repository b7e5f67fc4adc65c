import json
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from eval.labelled_lessons import labelled_lessons
from lessons.errors import InvalidInput, Unavailable
from lessons.summary import SummaryDocument, mention
from models.reading.lesson_reading import LessonReading
from models.summaries.endpoint_model import EndpointModel
from models.summaries.extractive import ExtractiveWriter
from models.summaries.language_model import MOST_KEPT, LanguageModelWriter
from models.summaries.selection import choose_entailment, choose_writer
from models.summaries.writing import SummaryName, summarise
from tests.unit.models.summaries.answering_server import answering
from tests.unit.models.summaries.told_lessons import ADA, BEN, TINA, answer, told

LESSON = told(
    (TINA, "Sugar is made in the leaves."),
    (ADA, "Why is it not made in the roots?"),
    (BEN, "Because there is no light in the soil."),
    (TINA, "Exactly."),
    (TINA, "Next time we will look at roots."),
    answers=(answer(BEN, 9, correct=False),),
)


def claim(kind: str, about: str, text: str, *cites: str) -> dict[str, Any]:
    return {"kind": kind, "about": about, "text": text, "cites": list(cites)}


RECORDED = [
    claim("taught", "nobody", "T1 said that sugar is made in the leaves.", "c1"),
    claim("taught", "nobody", "T1 said that sugar is made in the roots.", "c1"),
    claim("response", "L1", "L1 asked why it is not made in the roots.", "c2"),
    claim("response", "L1", "L1 said that there is no light in the soil.", "c3"),
    claim("response", "nobody", "“Because there is no light in the soil.”", "c3"),
    claim("response", "nobody", "The roots and the soil have no light.", "c2", "c3"),
    claim("next_step", "nobody", "Next time: look at roots.", "c5"),
]
"""Two are not so, and one is of two learners at once."""


def summary(url: str, lesson: LessonReading = LESSON, **more: Any) -> SummaryDocument:
    writer = LanguageModelWriter(EndpointModel(url, "small-instruct", "key-1"), **more)
    return summarise(lesson, writer, SummaryName("sum_1"))


def held_to_its_schema(body: dict[str, Any], said: Any) -> str:
    jsonschema.validate(said, body["response_format"]["json_schema"]["schema"])
    return json.dumps(said)


def test_what_a_model_writes_is_verified_before_it_is_said() -> None:
    def recorded(body: dict[str, Any]) -> tuple[int, str]:
        return 200, held_to_its_schema(body, {"claims": RECORDED})

    with answering(recorded) as (url, requests):
        document = summary(url)
    (segment,) = document.segments
    assert [one.text for one in segment.claims] == [
        f"{mention('par_tina')} said that sugar is made in the leaves."
    ]
    ada, ben = document.learners
    asked = f"{mention('par_ada')} asked why it is not made in the roots."
    assert [one.text for one in ada.claims] == [asked]
    assert "“Because there is no light in the soil.”" in [one.text for one in ben.claims]
    assert f"{mention('par_ben')} answered 0 of 1 try right." in [one.text for one in ben.claims]
    assert document.next_plan[0].text == "Next time: look at roots."
    assert document.dropped_claims == 2
    assert (document.writer, document.writer_version) == ("small-instruct", "127.0.0.1")
    assert requests[0]["path"] == "/v1/chat/completions"
    assert requests[0]["key"] == "Bearer key-1"


def test_no_name_goes_to_the_model_and_no_id() -> None:
    with answering(lambda body: (200, '{"claims":[]}')) as (url, requests):
        summary(url)
    sent = json.dumps(requests)
    assert not any(name in sent for name in ("Tina", "Ada", "Ben", "par_"))


def test_a_long_lesson_goes_in_parts_and_the_model_chooses_among_what_it_wrote() -> None:
    turns = [
        (TINA, f"There are {number} green leaves on plant number {number}.") for number in range(60)
    ]

    def recorded(body: dict[str, Any]) -> tuple[int, str]:
        schema = body["response_format"]["json_schema"]["schema"]
        if "keep" in schema["properties"]:
            items = schema["properties"]["keep"]
            return 200, held_to_its_schema(
                body, {"keep": items["items"]["enum"][-items["maxItems"] :]}
            )
        lines = body["messages"][1]["content"].splitlines()[:8]
        claims = [
            claim("taught", "nobody", f"T1 said: “{text}”", label)
            for label, text in ((line.split(" ")[0], line.split(": ", 1)[1]) for line in lines)
        ]
        return 200, held_to_its_schema(body, {"claims": claims})

    with answering(recorded) as (url, requests):
        document = summary(url, told(*turns), longest_chunk=500)
    parts = [one for one in requests if "keep" not in str(one["response_format"])]
    assert len(parts) > 3
    assert len(parts) < len(requests)
    (segment,) = document.segments
    assert len(segment.claims) == MOST_KEPT["taught"]
    assert document.dropped_claims == 0


@pytest.mark.parametrize(
    "said", ["", "Sure! Here are the notes.", '{"claims":[{"kind":"taught"}]}', '{"claims":[']
)
def test_an_answer_in_no_right_form_is_refused_and_what_is_counted_still_said(said: str) -> None:
    with answering(lambda body: (200, said)) as (url, _):
        document = summary(url)
    assert document.dropped_claims == 1
    assert [one.kind for one in document.claims()] == ["response"]


def test_labels_that_are_not_there_cite_nothing() -> None:
    stray = [
        claim("taught", "nobody", "Sugar is made in the leaves.", "c77"),
        claim("response", "L9", "L9 asked why.", "c2"),
        claim("objective_covered", "nobody", "Sugar was covered.", "c1"),
    ]
    with answering(lambda body: (200, json.dumps({"claims": stray}))) as (url, _):
        document = summary(url)
    assert [one.kind for one in document.claims()] == ["response"]


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "summary_endpoint_key"), (400, "json_schema"), (503, "again")]
)
def test_an_endpoint_that_refuses_is_told_of_with_what_to_do(status: int, fix: str) -> None:
    with answering(lambda body: (status, "no")) as (url, _), pytest.raises(Unavailable) as caught:
        summary(url)
    assert caught.value.field == "summary_endpoint_url"
    assert fix in (caught.value.fix or "")


def test_an_endpoint_that_is_not_there_is_told_of() -> None:
    with answering(lambda body: (200, "")) as (url, _):
        pass
    with pytest.raises(Unavailable, match="reached"):
        summary(url)


def test_an_empty_lesson_asks_no_model() -> None:
    with answering(lambda body: (500, "")) as (url, requests):
        document = summary(url, told())
    assert requests == []
    assert document.claims() == []


def test_a_model_that_falls_for_every_trap_says_nothing_false() -> None:
    for lesson in labelled_lessons("trap"):
        labels = {one.participant_id: one.name for one in lesson.reading.people}

        def fallen(
            body: dict[str, Any], lesson: Any = lesson, labels: dict[str, str] = labels
        ) -> tuple[int, str]:
            lines = [one.caption_id for one in lesson.reading.utterances]
            claims = [
                claim(
                    one.claim.kind,
                    "nobody",
                    one.claim.text,
                    *(f"c{lines.index(cite) + 1}" for cite in one.claim.cites if cite in lines),
                )
                for one in lesson.claims
            ]
            return 200, json.dumps({"claims": claims})

        reading = replace(lesson.reading, answers=(), plan=())
        with answering(fallen) as (url, _):
            document = summary(url, reading)
        told_false = {one.claim.text for one in lesson.claims}
        stand = {one.text for one in document.claims() if one.status == "grounded"}
        assert told_false.isdisjoint(stand)


def test_settings_choose_the_writer() -> None:
    assert isinstance(choose_writer(), ExtractiveWriter)
    assert choose_entailment() is None
    written = choose_writer(endpoint="http://127.0.0.1:1/v1", endpoint_model="m", key="k")
    assert written.name == "m"
    for wrong in (
        {"model": "m", "endpoint": "http://127.0.0.1:1/v1"},
        {"endpoint": "http://127.0.0.1:1/v1"},
        {"endpoint": "nowhere", "endpoint_model": "m"},
    ):
        with pytest.raises(InvalidInput):
            choose_writer(**wrong)
