"""Which translations a lesson lacks, whatever the order of what happens in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lessons.events import (
    EVENT_TYPES,
    CaptionCorrected,
    CaptionTranslated,
    EventData,
    LearningEvent,
    lesson_source,
)
from lessons.translations import MissingTranslations, translated
from tests.unit.integrations.captions.spoken import caption, final

TARGETS = ("es", "fr")


def events_of(all_data: Sequence[EventData], first: int = 1) -> list[LearningEvent]:
    return [
        EVENT_TYPES[data.type].model_validate(
            {
                "id": f"evt_{sequence}",
                "source": lesson_source("les_1"),
                "type": data.type,
                "subject": "par_ada",
                "time": datetime.now(UTC),
                "dataschema": data.data_schema(),
                "tenantid": "ten_1",
                "lessonid": "les_1",
                "lessontimems": 0,
                "ledgersequence": sequence,
                "data": data,
            }
        )
        for sequence, data in enumerate(all_data, first)
    ]


def said(number: int) -> EventData:
    return final(f"words of {number}", number, number + 1, caption_id=f"cap_{number}")


def corrected(number: int, revision: int) -> EventData:
    return CaptionCorrected(
        caption_id=f"cap_{number}", revision=revision, text=f"revision {revision}", corrected_by="k"
    )


# A step says a new caption, corrects one of those that were said, or lets the translator work.
STEPS = st.lists(
    st.one_of(
        st.just(("say", 0)),
        st.tuples(st.just("correct"), st.integers(0, 5)),
        st.tuples(st.just("translate"), st.integers(1, 3)),
    ),
    max_size=25,
)


@given(STEPS)
def test_each_newest_revision_is_translated_once_into_every_language(
    steps: Sequence[tuple[str, int]],
) -> None:
    ledger: list[LearningEvent] = []
    missing = MissingTranslations(TARGETS)
    revisions: list[int] = []

    def store(data: EventData) -> None:
        ledger.extend(events_of([data], len(ledger) + 1))

    def work(most: int) -> None:
        missing.follow(ledger[missing.sequence :])
        for wanted in list(missing.wanted())[:most]:
            store(wanted.draft(f"{wanted.target}: {wanted.text}", "model").data)
        missing.follow(ledger[missing.sequence :])

    for step, number in steps:
        if step == "say":
            store(said(len(revisions)))
            revisions.append(1)
        elif step == "correct" and number < len(revisions):
            revisions[number] += 1
            store(corrected(number, revisions[number]))
        elif step == "translate":
            work(number)
    work(1_000)
    assert list(missing.wanted()) == []
    keys = [
        (event.data.caption_id, event.data.revision, event.data.language)
        for event in ledger
        if isinstance(event.data, CaptionTranslated)
    ]
    assert len(keys) == len(set(keys)), "none comes twice"
    newest = {
        (f"cap_{number}", revision, target)
        for number, revision in enumerate(revisions)
        for target in TARGETS
    }
    assert newest <= set(keys)
    restarted = MissingTranslations(TARGETS).follow(ledger)
    assert list(restarted.wanted()) == [], "who reads the ledger anew wants nothing either"


def test_no_words_are_kept_of_what_is_dealt_with_and_a_correction_is_still_found() -> None:
    missing = MissingTranslations(["es"]).follow(events_of([said(0)]))
    (wanted,) = missing.wanted()
    missing.give_up(wanted)
    missing.forget_words()
    assert "words of" not in repr(vars(missing))
    missing.follow(events_of([corrected(0, 2)], 2))
    (again,) = missing.wanted()
    assert (again.text, again.caption.participant_id) == ("revision 2", "par_ada")


def test_what_is_masked_altogether_has_nothing_to_translate() -> None:
    masked = final("*** ***", 0, 1, caption_id="cap_0")
    assert list(MissingTranslations(["es"]).follow(events_of([masked])).wanted()) == []


def test_a_caption_in_the_language_itself_needs_no_mark() -> None:
    spanish, english = caption("hola", 0, 1, language="es"), caption("hello", 2, 3)
    first, second = translated([spanish, english], [], "es")
    assert (first.text, first.untranslated) == ("hola", False)
    assert (second.text, second.untranslated) == ("hello", True)
