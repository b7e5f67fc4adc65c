"""What is compared with the objective: whole utterances, of closed windows, a few at a time."""

from __future__ import annotations

from lessons.events import CaptionFinal, LessonPlanItemStarted
from serving.engagement.topics import MOST_WAITING, Topics
from tests.ledger_events import Told, ledger_of

PLAN = LessonPlanItemStarted(item_id="i", title="Adding unlike fractions")


def said(text: str, end_ms: int, number: int = 0) -> Told:
    told = dict(CaptionFinal.example) | {
        "caption_id": f"cap-{number}-{end_ms}",
        "text": text,
        "end_ms": end_ms,
        "finalised_at_ms": end_ms + 900,
    }
    return "par", end_ms, CaptionFinal.model_validate(told)


def texts(*things: Told, before_ms: int = 1_000_000) -> list[tuple[str, str]]:
    topics = Topics()
    for event in ledger_of(things):
        topics.take(event)
    return [(one.pair.said, one.pair.topic) for one in topics.next(before_ms)]


def test_utterances_go_with_the_objective_at_hand() -> None:
    later = LessonPlanItemStarted(item_id="j", title="Decimals")
    found = texts(
        said("before any objective came up", 13_000),
        (None, 14_000, PLAN),
        said("three quarters of it", 15_000),
        said("yes", 16_000),
        (None, 17_000, later),
        said("nought point seven five", 18_000),
    )
    assert found == [
        ("three quarters of it", "Adding unlike fractions"),
        ("nought point seven five", "Decimals"),
    ]


def test_the_topic_says_what_the_objectives_of_the_item_say() -> None:
    plan = LessonPlanItemStarted(
        item_id="i", title="Exercise 4", objective_ids=["fractions.add", "of-the-platform", "later"]
    )
    topics = Topics()
    for event in ledger_of([(None, 1_000, plan), said("three quarters of it", 14_500)]):
        topics.take(event)
    assert topics.unknown_objectives == {"fractions.add", "of-the-platform", "later"}
    told = {"fractions.add": "Add fractions with unlike denominators."}
    topics.know({"fractions.add", "of-the-platform"}, told)
    assert topics.unknown_objectives == {"later"}
    (one,) = topics.next(20_000)
    assert one.pair.topic == "Exercise 4\nAdd fractions with unlike denominators."


def test_an_objective_is_looked_up_only_for_what_is_compared_with_it() -> None:
    topics = Topics()
    plan = LessonPlanItemStarted(item_id="i", title="Exercise 4", objective_ids=["fractions.add"])
    for event in ledger_of([(None, 1_000, plan)]):
        topics.take(event)
    assert topics.unknown_objectives == set()


def test_what_belongs_to_a_window_that_is_open_waits() -> None:
    topics = Topics()
    for event in ledger_of([(None, 1_000, PLAN), said("three quarters of it", 14_500)]):
        topics.take(event)
    assert topics.next(15_000) == []  # It was captioned at 15,400 ms.
    assert [one.pair.said for one in topics.next(20_000)] == ["three quarters of it"]
    assert topics.next(20_000) == []


def test_what_waits_is_bounded() -> None:
    many = [said(f"this is number {n}", 13_000 + n, n) for n in range(3 * MOST_WAITING)]
    found = texts((None, 1_000, PLAN), *many)
    assert len(found) == MOST_WAITING
    assert found[-1][0] == many[-1][2].text  # type: ignore[attr-defined]
