"""Questions that were asked aloud, of what kind, and who spoke after how long."""

from __future__ import annotations

from collections.abc import Sequence

from features.engagement.questions import EARLY_MS, LONGEST_WAIT_MS, time_of
from features.reading.cues import question_kind, question_sentences
from features.reading.parts import Question, Utterance
from lessons.captions import Caption


def questions_of(
    captions: Sequence[Caption], utterances: Sequence[Utterance]
) -> tuple[Question, ...]:
    """Return the last question of each utterance that asks one.

    It is answered where the next to speak, within 15 seconds, is somebody else; whoever goes on
    speaking after their own question has not waited.

    Args:
        captions, utterances: the same, row by row, in time.
    """
    found = []
    for row, (caption, said) in enumerate(zip(captions, utterances, strict=True)):
        asked = question_sentences(said.text, said.language)
        if asked:
            found.append(_question(caption, said, asked[-1], utterances[row + 1 :]))
    return tuple(found)


def _question(
    caption: Caption, said: Utterance, asked: tuple[str, int], later: Sequence[Utterance]
) -> Question:
    sentence, end = asked
    at_ms = time_of(caption, end)
    goes_on = bool(said.text[end:].strip())
    reply = None if goes_on else _reply(said, at_ms, later)
    return Question(
        caption_id=said.caption_id,
        participant_id=said.participant_id,
        role=said.role,
        at_ms=round(at_ms),
        kind=question_kind(sentence, said.language),
        text=sentence,
        wait_ms=None if reply is None else max(0, round(reply.start_ms - at_ms)),
        answer_caption_id=None if reply is None else reply.caption_id,
        answered_by=None if reply is None else reply.participant_id,
    )


def _reply(said: Utterance, at_ms: float, later: Sequence[Utterance]) -> Utterance | None:
    """Return what the next speaker said in time, where that was somebody else."""
    following = (one for one in later if one.start_ms >= at_ms - EARLY_MS)
    first = next(following, None)
    if first is None or first.participant_id == said.participant_id:
        return None
    return first if first.start_ms <= at_ms + LONGEST_WAIT_MS else None
