"""ROUGE of what the extractive writer quotes of a meeting, against summaries that people wrote.

    lectern eval meetings FOLDER

FOLDER has QMSum's `.jsonl` files, a meeting a line (Zhong et al. 2021, arXiv 2104.05938), or holds
them in `qmsum/`. A side figure: QMSum's meetings are no lessons, its summaries tell in words of
their own, and ROUGE counts shared words, not whether anything is true. So what is compared is only
which words of a meeting are picked: the quotations of the writer, as many words of them as every
other system gets. Everybody in a meeting counts as one who teaches, for only those are quoted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rouge_score.rouge_scorer import RougeScorer
from sklearn.feature_extraction.text import TfidfVectorizer

from eval.data import data_folder
from features.reading.parts import Person, Utterance
from lessons.errors import InvalidInput, NotFound
from lessons.summary import quotes_in
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.segments.segmenter import Segmenter, shipped_segmenter
from models.summaries.extractive import ExtractiveWriter
from models.summaries.tokens import sentences_in
from training.move_scores import Figure, bootstrap

FIELD = "folder"
FOLDER = "qmsum"
WORDS = 110
"""Words of every system's summary: about as many as those have that people wrote."""

WORD_MS = 400
DAMPING, STEPS = 0.85, 50
"""Of the walk from sentence to sentence that finds central ones."""

FEWEST_WORDS = 6
"""Of a central sentence; "Yes, that's right" is like many others and tells nothing."""

MEASURES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeLsum": "ROUGE-L"}
"""F1 with stems. ROUGE-L is over whole summaries, sentence by sentence, as QMSum's authors have."""

_TAG = re.compile(r"\{[^}]*\}")
_APART = re.compile(r"\s+([.,!?;:'’])")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it was read, and summaries of all of it that people wrote."""

    reading: LessonReading
    summaries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be picked, and where it stands in the meeting."""

    place: int
    text: str


System = Callable[[LessonReading], Sequence[Candidate]]
"""Gives the sentences of a meeting, those first that it would rather have."""


def main() -> None:
    """Measure on the development data, and print."""
    try:
        measure(data_folder())
    except (InvalidInput, NotFound) as error:
        sys.exit(str(error))


def measure(folder: Path) -> None:
    """Print the figures of every system on a folder's meetings.

    Raises:
        NotFound: the folder has no meetings.
        InvalidInput: a line is no meeting.
    """
    meetings = read_meetings(folder)
    shown = Table(title=f"{len(meetings)} meetings, {WORDS} words each (95 % over meetings)")
    for heading in ("picked words", *MEASURES.values()):
        shown.add_column(heading)
    for name, system in systems().items():
        found = scores(meetings, system)
        shown.add_row(name, *(str(found[measure]) for measure in MEASURES))
    Console(width=120).print(shown)


def systems() -> dict[str, System]:
    """Return the ways to pick sentences that are compared, by their names."""
    return {
        "the first": first_sentences,
        "central sentences (tf-idf, PageRank)": central_sentences,
        "extractive writer, uncut": lambda reading: quotations(replace(reading, segments=())),
        "extractive writer, by segments": quotations,
    }


def scores(meetings: Sequence[Meeting], system: System) -> dict[str, Figure]:
    """Return the F1 of each measure, the mean over meetings."""
    scorer = RougeScorer(list(MEASURES), use_stemmer=True)
    found: dict[str, list[float]] = {measure: [] for measure in MEASURES}
    for meeting in meetings:
        told = "\n".join(picked(system(meeting.reading)))
        each = [scorer.score(_by_line(wanted), told) for wanted in meeting.summaries]
        for measure, values in found.items():
            values.append(float(np.mean([one[measure].fmeasure for one in each])))
    return {measure: _mean(np.asarray(values)) for measure, values in found.items()}


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> Figure:
    return bootstrap(range(len(values)), lambda rows: float(values[rows].mean()))


def picked(candidates: Sequence[Candidate], words: int = WORDS) -> list[str]:
    """Return the first candidates that make so many words, in time; the last one is cut."""
    kept: list[Candidate] = []
    left = words
    for one in candidates:
        said = one.text.split()[:left]
        left -= len(said)
        kept.append(Candidate(one.place, " ".join(said)))
        if not left:
            break
    return [one.text for one in sorted(kept, key=lambda one: one.place)]


def first_sentences(reading: LessonReading) -> list[Candidate]:
    """Give a meeting from its beginning."""
    said = (text for one in reading.utterances for text in sentences_in(one.text))
    return [Candidate(place, text) for place, text in enumerate(said)]


def central_sentences(reading: LessonReading) -> list[Candidate]:
    """Give the sentences that are likest to many others.

    Source: Erkan and Radev 2004, "LexRank", without its threshold.
    """
    every = first_sentences(reading)
    candidates = [one for one in every if len(one.text.split()) >= FEWEST_WORDS]
    vectors = TfidfVectorizer(stop_words="english").fit_transform(one.text for one in candidates)
    likeness = (vectors @ vectors.T).toarray()
    np.fill_diagonal(likeness, 0.0)
    total = likeness.sum(axis=1, keepdims=True)
    moves = np.divide(likeness, total, out=np.zeros_like(likeness), where=total > 0)
    rank = np.full(len(candidates), 1 / len(candidates))
    for _ in range(STEPS):
        rank = (1 - DAMPING) / len(candidates) + DAMPING * (rank @ moves)
    return [candidates[row] for row in np.argsort(-rank, kind="stable")]


def quotations(reading: LessonReading) -> list[Candidate]:
    """Give what the extractive writer quotes: of long segments first, of each in turn."""
    rows = {one.caption_id: row for row, one in enumerate(reading.utterances)}
    long = {one.segment_id: one.last - one.first for one in reading.segments}
    turns: dict[str | None, int] = {}
    found: list[tuple[int, int, Candidate]] = []
    for claim in ExtractiveWriter().write(reading).claims:
        if claim.kind == "taught":
            turn = turns[claim.segment_id] = turns.get(claim.segment_id, -1) + 1
            quote = " ".join(quotes_in(claim.text)).removesuffix(" …")
            candidate = Candidate(rows[claim.cites[0]], quote)
            found.append((turn, -long.get(claim.segment_id or "", 0), candidate))
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


def read_meetings(folder: Path) -> list[Meeting]:
    """Return the meetings of a folder, cut into segments by the model that ships.

    Raises:
        NotFound, InvalidInput: as `measure`.
    """
    inner = folder / FOLDER
    files = sorted((inner if inner.is_dir() else folder).glob("*.jsonl"))
    segmenter = shipped_segmenter()
    meetings = [one for file in files for one in _meetings(file, segmenter)]
    if not meetings:
        raise NotFound(
            f"{folder} holds no meetings.",
            field=FIELD,
            fix=f"Give a folder with QMSum's files, such as `val.jsonl`, or with {FOLDER}/.",
        )
    return meetings


def _meetings(file: Path, segmenter: Segmenter) -> Iterator[Meeting]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns = [
                (str(one["speaker"]), str(one["content"])) for one in row["meeting_transcripts"]
            ]
            summaries = [str(one["answer"]) for one in row["general_query_list"]]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"Line {number} of {file} is no meeting of QMSum: {error!r}.",
                field=FIELD,
                fix="It needs `meeting_transcripts` with `speaker` and `content`, and "
                "`general_query_list` with `answer`.",
            ) from error
        if summaries:
            yield Meeting(_reading(f"{file.stem}-{number}", turns, segmenter), summaries)


def _reading(name: str, turns: Sequence[tuple[str, str]], segmenter: Segmenter) -> LessonReading:
    speakers = {
        who: f"par_{place}" for place, who in enumerate(dict.fromkeys(who for who, _ in turns))
    }
    said = tuple(_utterances(turns, speakers))
    return LessonReading(
        lesson_id=name,
        title=None,
        language="en",
        duration_ms=said[-1].end_ms if said else 0,
        people=tuple(Person(one, one.replace("_", ""), "tutor") for one in speakers.values()),
        utterances=said,
        segments=tuple(_segments(said, segmenter)),
    )


def _utterances(
    turns: Sequence[tuple[str, str]], speakers: Mapping[str, str]
) -> Iterator[Utterance]:
    """Yield what was said, at an even pace: QMSum has no times."""
    now_ms = 0
    for place, (who, content) in enumerate(turns):
        text = readable(content)
        if not text:
            continue
        end_ms = now_ms + WORD_MS * len(text.split())
        yield Utterance(
            caption_id=f"cap_{place}",
            event_id=f"cap_{place}",
            revision=1,
            participant_id=speakers[who],
            role="tutor",
            start_ms=now_ms,
            end_ms=end_ms,
            text=text,
            confidence=None,
            language="en",
        )
        now_ms = end_ms


def readable(content: str) -> str:
    """Return a turn without marks of sounds, and with its punctuation where people write it."""
    return _APART.sub(r"\1", " ".join(_TAG.sub(" ", content).split()))


def _segments(said: Sequence[Utterance], segmenter: Segmenter) -> Iterator[ReadSegment]:
    for one in segmenter.segments(said) if said else ():
        yield ReadSegment(
            segment_id=f"seg:{one.start}",
            first=one.start,
            last=one.end - 1,
            start_ms=one.start_ms,
            end_ms=one.end_ms,
            title=one.title,
            kind=one.kind,
            confidence=one.confidence,
        )


def _by_line(text: str) -> str:
    return "\n".join(sentences_in(readable(text)))


if __name__ == "__main__":
    main()
