"""ROUGE of what is picked of meetings, on small ones in QMSum's layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.meeting_summaries import (
    FOLDER,
    Candidate,
    central_sentences,
    first_sentences,
    measure,
    picked,
    quotations,
    read_meetings,
    readable,
    scores,
)
from lessons.errors import InvalidInput, NotFound

REMOTE = "We decided that the remote control gets a rubber case and a small display ."
TURNS = (
    ("Project Manager", "Good morning everybody , {vocalsound} let us begin with the agenda ."),
    ("Marketing", "People want a remote control that is easy to find in the living room ."),
    ("Industrial Designer", "A rubber case for the remote control costs less than a wooden case ."),
    ("User Interface", "The remote control could have a small display instead of many buttons ."),
    ("Marketing", "It 's raining again and my train was late ."),
    ("Project Manager", REMOTE),
)


def write(folder: Path, *meetings: tuple[tuple[tuple[str, str], ...], str]) -> None:
    lines = [
        json.dumps(
            {
                "meeting_transcripts": [
                    {"speaker": speaker, "content": content} for speaker, content in turns
                ],
                "general_query_list": [{"query": "Summarize.", "answer": answer}],
            }
        )
        for turns, answer in meetings
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "val.jsonl").write_text("\n".join(lines), "utf-8")


def test_a_turn_is_read_as_people_write() -> None:
    said = "So {pause} I 'm here , you know . {disfmarker}"
    assert readable(said) == "So I'm here, you know."


def test_words_are_picked_up_to_the_budget_and_stand_in_time() -> None:
    candidates = [Candidate(7, "one two three"), Candidate(2, "four five six"), Candidate(9, "no")]
    assert picked(candidates, 5) == ["four five", "one two three"]
    assert picked(candidates[:1], 5) == ["one two three"]


def test_what_many_sentences_are_about_is_central_and_the_weather_is_not(tmp_path: Path) -> None:
    write(tmp_path, (TURNS, REMOTE))
    (meeting,) = read_meetings(tmp_path)
    places = [one.place for one in central_sentences(meeting.reading)]
    assert set(places[:4]) == {1, 2, 3, 5}
    assert set(places[4:]) == {0, 4}
    assert [one.place for one in first_sentences(meeting.reading)] == list(range(len(TURNS)))


def test_the_writer_quotes_what_was_said(tmp_path: Path) -> None:
    write(tmp_path / FOLDER, (TURNS, REMOTE))
    (meeting,) = read_meetings(tmp_path)
    said = [one.text for one in meeting.reading.utterances]
    found = quotations(meeting.reading)
    assert found
    assert all(one.text in said[one.place] for one in found)


def test_who_picks_the_summary_itself_has_the_highest_score(tmp_path: Path) -> None:
    write(tmp_path, (TURNS, REMOTE), (TURNS[::-1], REMOTE))
    meetings = read_meetings(tmp_path)
    best = scores(meetings, lambda _: [Candidate(0, readable(REMOTE))])
    first = scores(meetings, lambda _: [Candidate(0, "Good morning everybody.")])
    assert best["rouge1"].value == best["rougeLsum"].value == pytest.approx(1.0)
    assert first["rouge1"].value == 0.0


def test_a_table_has_every_system(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, (TURNS, REMOTE), (TURNS[::-1], REMOTE))
    measure(tmp_path)
    shown = capsys.readouterr().out
    for name in ("2 meetings", "the first", "central sentences", "uncut", "by segments"):
        assert name in shown


def test_a_line_that_is_no_meeting_is_named(tmp_path: Path) -> None:
    write(tmp_path, (TURNS, REMOTE))
    file = tmp_path / "val.jsonl"
    file.write_text(file.read_text("utf-8") + '\n{"turns": []}', "utf-8")
    with pytest.raises(InvalidInput, match=r"Line 2 of .*val\.jsonl") as refused:
        read_meetings(tmp_path)
    assert "meeting_transcripts" in str(refused.value.fix)


def test_an_empty_folder_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no meetings"):
        measure(tmp_path)
