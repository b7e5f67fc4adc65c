"""Captions as WebVTT, SubRip, plain text and JSON.

Cues follow the DCMP Captioning Key: at most two lines of about 32 characters, and the speaker is
named where the speaker changes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lessons.captions import Caption
from lessons.events import CaptionWord
from lessons.translations import TranslatedCaption

LINE_CHARACTERS = 32
"""Longest line of a cue; a single longer word stands alone."""

LINES_PER_CUE = 2


@dataclass(frozen=True, slots=True)
class Cue:
    """One screenful of a caption; times are milliseconds on the lesson clock."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues_of(caption: Caption, speaker: str | None = None) -> list[Cue]:
    """Split a caption into cues at the times of its words.

    Args:
        speaker: a label to stand before the first word; None for none.
    """
    label = [(f"{speaker}:", caption.start_ms)] if speaker else []
    screens = list(_screens([*label, *_timed_words(caption)]))
    starts = [screen[0][0][1] for screen in screens]
    ends = [*starts[1:], caption.end_ms]
    return [
        Cue(
            start, max(end, start + 1), tuple(" ".join(word for word, _ in line) for line in screen)
        )
        for screen, start, end in zip(screens, starts, ends, strict=False)
    ]


def to_webvtt(captions: Sequence[Caption]) -> str:
    """Return a WebVTT file (W3C); each cue has a voice tag with the role as its class."""
    return "\n\n".join(["WEBVTT", *(block for _, block in webvtt_blocks(captions))]) + "\n"


def webvtt_blocks(captions: Sequence[Caption]) -> list[tuple[Cue, str]]:
    """Return the cues of a WebVTT file by start time, each with its block of the file."""
    blocks: list[tuple[Cue, str]] = []
    for caption in captions:
        name = html.escape(_one_line(caption.participant_name), quote=False)
        for number, cue in enumerate(cues_of(caption), 1):
            times = f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}"
            text = html.escape("\n".join(cue.lines), quote=False)
            if (language := _foreign_language(caption)) is not None:
                text = f"<lang {language}>{text}</lang>"
            block = f"{caption.caption_id}-{number}\n{times}\n<v.{caption.role} {name}>{text}"
            blocks.append((cue, block))
    return sorted(blocks, key=lambda block: block[0].start_ms)


def to_srt(captions: Sequence[Caption]) -> str:
    """Return a SubRip file; the speaker's name stands before the first words of each turn."""
    cues: list[tuple[int, str]] = []
    for caption, speaker in _turns(captions):
        for cue in cues_of(_marked(caption), speaker):
            times = f"{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}"
            cues.append((cue.start_ms, "\n".join([times, *cue.lines])))
    return "\n".join(f"{number}\n{cue}\n" for number, cue in enumerate(_in_order(cues), 1))


def _in_order(cues: list[tuple[int, str]]) -> list[str]:
    """Return the cues by start time: the format wants it, and people speak at the same time."""
    return [block for _, block in sorted(cues, key=lambda cue: cue[0])]


def to_text(captions: Sequence[Caption]) -> str:
    """Return a transcript: one line per caption with its time, speaker and role."""
    return "".join(
        f"[{clock(caption.start_ms)[:8]}] {_one_line(caption.participant_name)} "
        f"({caption.role.replace('_', ' ')}): {_one_line(_marked(caption).text)}\n"
        for caption in captions
    )


def to_json(captions: Sequence[Caption]) -> str:
    """Return `{"captions": [...]}` with every field of every caption."""
    return json.dumps(
        {"captions": [caption.model_dump(mode="json") for caption in captions]}, ensure_ascii=False
    )


def _foreign_language(caption: Caption) -> str | None:
    """Return the language of a caption that a reader of another one gets untranslated."""
    if isinstance(caption, TranslatedCaption) and caption.untranslated:
        return caption.language
    return None


def _marked(caption: Caption) -> Caption:
    """Return a caption for formats without a mark of their own: with `[en]` before an original."""
    language = _foreign_language(caption)
    if language is None:
        return caption
    mark = CaptionWord(
        text=f"[{language}]", start_ms=caption.start_ms, end_ms=caption.start_ms, confidence=1
    )
    words = [mark, *caption.words] if caption.words else []
    return caption.model_copy(update={"text": f"{mark.text} {caption.text}", "words": words})


def _turns(captions: Sequence[Caption]) -> Iterator[tuple[Caption, str | None]]:
    """Pair each caption with its speaker's name, or None where the speaker goes on."""
    if captions:
        yield captions[0], _one_line(captions[0].participant_name)
    for before, caption in pairwise(captions):
        goes_on = before.participant_id == caption.participant_id
        yield caption, None if goes_on else _one_line(caption.participant_name)


def _timed_words(caption: Caption) -> list[tuple[str, int]]:
    """Pair each word with its start; words that nobody timed are spread by their length."""
    words = caption.text.split()
    if [word.text for word in caption.words] == words:
        starts = (
            min(max(word.start_ms, caption.start_ms), caption.end_ms) for word in caption.words
        )
        return list(zip(words, _rising(starts), strict=True))
    total = sum(len(word) + 1 for word in words)
    timed, before = [], 0
    for word in words:
        span = caption.end_ms - caption.start_ms
        timed.append((word, caption.start_ms + span * before // total))
        before += len(word) + 1
    return timed


def _rising(times: Iterable[int]) -> Iterator[int]:
    latest = 0
    for time in times:
        latest = max(latest, time)
        yield latest


def _screens(words: Iterable[tuple[str, int]]) -> Iterator[list[list[tuple[str, int]]]]:
    """Pack words into lines of `LINE_CHARACTERS`, and lines into screens of `LINES_PER_CUE`."""
    screen: list[list[tuple[str, int]]] = []
    used = 0
    for word in words:
        if screen and used + 1 + len(word[0]) <= LINE_CHARACTERS:
            screen[-1].append(word)
            used += 1 + len(word[0])
            continue
        if len(screen) == LINES_PER_CUE:
            yield screen
            screen = []
        screen.append([word])
        used = len(word[0])
    if screen:
        yield screen


def _one_line(text: str) -> str:
    return " ".join(text.split())


def clock(milliseconds: int, decimal_sign: str = ".") -> str:
    """Return `hh:mm:ss` with three decimals."""
    seconds, rest = divmod(milliseconds, 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:02}:{minutes:02}:{seconds % 60:02}{decimal_sign}{rest:03}"
