"""Speech of a simulated lesson: turns, and the captions that an engine makes of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lessons.events import (
    CaptionFinal,
    SpeakingStarted,
    SpeakingStopped,
    TrackEnded,
    TrackPublished,
)
from lessons.lesson_context import LessonContext
from lessons.roles import Role
from models.engagement.states import DRIFTING, STATES
from training.simulated_lessons.happenings import Attendance, Happening, happens, within
from training.simulated_lessons.platform import HELP_WORDS, OTHER_WORDS
from training.simulated_lessons.script import WINDOW_MS, Script, Utterance

TUTOR = "tutor"
CAPTION_DELAY_MS = 1_200
SPEAKING_FACTORS = {
    LessonContext.EXPLAINING: 0.35,
    LessonContext.QUESTION_OPEN: 1.3,
    LessonContext.INDIVIDUAL_WORK: 0.3,
    LessonContext.GROUP_WORK: 2.2,
    LessonContext.BREAK: 0.8,
}
ON_TOPIC, OFF_TOPIC, SPREAD = 0.45, 0.12, 0.13
"""Similarity to the objective of what is to the point and of what is not; invented."""


def tutor_happenings(script: Script) -> Iterator[Happening]:
    """Yield the tutor's speech; nothing where the tutor's microphone does not reach Lectern."""
    if not script.tutor_is_heard:
        return
    yield _published(TUTOR)
    for number, each in enumerate(script.utterances):
        yield from _spoken(TUTOR, Role.INSTRUCTOR, f"tutor-{number}", each, None)


def voice_happenings(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    """Yield one learner's speech, as long as there is a microphone."""
    learner = attendance.learner
    until_ms = learner.equipment.microphone_until_ms
    if not until_ms:
        return
    yield _published(learner.participant_id)
    if until_ms < attendance.script.end_ms:
        ended = TrackEnded(
            track_id=_track(learner.participant_id),
            participant_id=learner.participant_id,
            kind="audio",
            reason="left",
        )
        yield Happening(until_ms, ended, learner.participant_id)
    free_ms = 0
    for number, (utterance, near) in enumerate(_utterances(attendance, generator)):
        if free_ms <= utterance.start_ms and utterance.end_ms < until_ms:
            free_ms = utterance.end_ms + 300
            name = f"{learner.participant_id}-{number}"
            yield from _spoken(learner.participant_id, Role.LEARNER, name, utterance, near)


def _utterances(
    attendance: Attendance, generator: np.random.Generator
) -> list[tuple[Utterance, float]]:
    drawn = [*_answers(attendance, generator), *_turns(attendance, generator)]
    return sorted(drawn, key=lambda each: each[0].start_ms)


def _turns(
    attendance: Attendance, generator: np.random.Generator
) -> Iterator[tuple[Utterance, float]]:
    learner = attendance.learner
    for window in attendance.windows():
        rate = window.conduct.speech * SPEAKING_FACTORS[window.context] * learner.tempo[1]
        if not happens(rate, generator):
            continue
        asks = generator.random() < window.conduct.asks_for_help
        start_ms = within(window, generator)
        off = window.state == DRIFTING or window.context == LessonContext.BREAK
        length_ms = int(generator.gamma(2.0, 1_400)) + 400
        text = str(generator.choice(HELP_WORDS if asks else OTHER_WORDS))
        near = float(generator.normal(OFF_TOPIC if off else ON_TOPIC, SPREAD))
        yield Utterance(start_ms, start_ms + length_ms, text, asks), near


def _answers(
    attendance: Attendance, generator: np.random.Generator
) -> Iterator[tuple[Utterance, float]]:
    """Yield spoken answers to the tutor's questions: to some of them, each is one's own turn."""
    learner = attendance.learner
    for question in attendance.script.utterances:
        conduct = learner.program.conduct(
            STATES[attendance.states[question.end_ms // WINDOW_MS - 1]]
        )
        called = question.is_question and generator.random() < 0.3
        if not called or generator.random() >= conduct.responds * min(1.0, learner.tempo[1]):
            continue
        wait_ms = int(generator.gamma(3.0, conduct.latency_s * learner.tempo[2] * 130)) + 300
        start_ms = question.end_ms + wait_ms
        end_ms = start_ms + int(generator.gamma(2.0, 1_000)) + 400
        near = float(generator.normal(ON_TOPIC, SPREAD))
        yield Utterance(start_ms, end_ms, str(generator.choice(OTHER_WORDS)), False), near


def _spoken(
    participant_id: str, role: Role, name: str, said: Utterance, similarity: float | None
) -> Iterator[Happening]:
    track_id = _track(participant_id)
    yield Happening(
        said.start_ms,
        SpeakingStarted(
            utterance_id=name,
            start_ms=said.start_ms,
            track_id=track_id,
            detected_by="voice_activity",
        ),
        participant_id,
    )
    yield Happening(
        said.end_ms,
        SpeakingStopped(
            utterance_id=name,
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            track_id=track_id,
            detected_by="voice_activity",
        ),
        participant_id,
    )
    told_ms = said.end_ms + CAPTION_DELAY_MS
    caption = CaptionFinal(
        caption_id=name,
        track_id=track_id,
        participant_id=participant_id,
        role=role,
        participant_name=participant_id,
        revision=1,
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        text=said.text,
        words=[],
        confidence=0.9,
        language="en",
        engine="simulated",
        model="simulated",
        finalised_at_ms=told_ms,
        speech_end_ms=said.end_ms,
    )
    yield Happening(told_ms, caption, participant_id, similarity=similarity)


def _published(participant_id: str) -> Happening:
    published = TrackPublished(
        track_id=_track(participant_id),
        participant_id=participant_id,
        kind="audio",
        source="live",
    )
    return Happening(1_500, published, participant_id)


def _track(participant_id: str) -> str:
    return f"{participant_id}-audio"
