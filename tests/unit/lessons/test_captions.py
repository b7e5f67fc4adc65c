from __future__ import annotations

from typing import Any

from lessons.captions import captions_of, shown
from lessons.events import CaptionFinal, LearningEvent, parse_event


def _event(name: str, data: dict[str, Any]) -> LearningEvent:
    return parse_event(
        {
            "id": "evt_1",
            "source": "urn:lectern:lesson:les_1",
            "type": name,
            "time": "2026-11-22T10:15:30Z",
            "tenantid": "ten_1",
            "lessonid": "les_1",
            "lessontimems": 0,
            "ledgersequence": 1,
            "data": data,
        }
    )


def _final(caption_id: str, start_ms: int, text: str = "three quarters") -> LearningEvent:
    data = {**CaptionFinal.example, "caption_id": caption_id, "text": text}
    return _event("caption.final", {**data, "start_ms": start_ms, "end_ms": start_ms + 900})


def _correction(caption_id: str, revision: int, text: str) -> LearningEvent:
    data = {"caption_id": caption_id, "revision": revision, "text": text, "corrected_by": "par_9"}
    return _event("caption.corrected", data)


def test_captions_come_by_start_time_and_other_events_are_passed_over() -> None:
    events = [_final("b", 5000), _event("lesson.ended", {"duration_ms": 1}), _final("a", 1000)]
    assert [caption.caption_id for caption in captions_of(events)] == ["a", "b"]


def test_a_final_keeps_its_words_and_speaker() -> None:
    (caption,) = captions_of([_final("a", 1000)])
    assert caption.text == "three quarters"
    assert [word.text for word in caption.words] == ["three", "quarters"]
    assert (caption.participant_name, caption.role) == ("Ada", "learner")
    assert caption.corrected_by is None


def test_the_highest_revision_holds_and_of_equals_the_later() -> None:
    events = [
        _final("a", 1000),
        _correction("a", 6, "second"),
        _correction("a", 5, "first, come late"),
        _correction("a", 6, "third"),
    ]
    (caption,) = captions_of(events)
    assert (caption.text, caption.revision, caption.corrected_by) == ("third", 6, "par_9")
    assert caption.words == []


def test_a_correction_of_nothing_changes_nothing() -> None:
    assert captions_of([_correction("a", 5, "ghost")]) == []


def _typed(caption_id: str, start_ms: int) -> LearningEvent:
    data = {**CaptionFinal.example, "caption_id": caption_id, "engine": "human", "words": []}
    data |= {"confidence": None, "track_id": None, "start_ms": start_ms, "end_ms": start_ms + 900}
    return _event("caption.final", data)


def _taken_over(at_ms: int) -> LearningEvent:
    data = {"name": "Noor", "asked_by": "par_9"}
    return _event("captioner.took_over", data).model_copy(
        update={"lessontimems": at_ms, "subject": "par_9"}
    )


def _handed_back(at_ms: int) -> LearningEvent:
    event = _event("captioner.handed_back", {"asked_by": "par_9"})
    return event.model_copy(update={"lessontimems": at_ms})


def test_what_the_engine_hears_while_a_captioner_types_is_superseded() -> None:
    events = [
        _final("before", 9_000),
        _taken_over(10_000),
        _final("during", 12_000),
        _typed("typed", 15_000),
        _final("still during", 44_000),
        _final("captioner silent", 46_000),
        _handed_back(50_000),
        _final("come late", 20_000),
        _final("after", 51_000),
    ]
    captions = captions_of(events)
    assert {one.caption_id for one in captions if one.superseded} == {
        "during",
        "still during",
        "come late",
    }
    assert [one.caption_id for one in shown(captions)] == [
        "before",
        "typed",
        "captioner silent",
        "after",
    ]


def test_without_a_takeover_a_typed_caption_supersedes_nothing() -> None:
    captions = captions_of([_typed("typed", 10_000), _final("heard", 11_000)])
    assert not any(one.superseded for one in captions)
