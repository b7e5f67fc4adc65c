"""Conduct: what somebody in a state shows to browser, microphone and camera within five seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.engagement.states import (
    AWAY,
    DRIFTING,
    PARTICIPATING,
    READING_OR_THINKING,
    STRUGGLING_PRODUCTIVELY,
    STUCK,
    TAB_HIDDEN,
    WORKING,
)


@dataclass(frozen=True, slots=True)
class Conduct:
    """Means of what shows; each learner and each window differ from them.

    Attributes:
        active: share of windows with any input.
        keys, clicks, moves, scrolls, edits, strokes: counts in a window with input.
        answers: answers to exercises a minute, where exercises are open.
        right: share of right ones.
        retries: share that try the item of before again.
        hints: hints taken for an answer.
        pages: pages opened a minute.
        chat, speech, hands: messages, utterances and raised hands a minute.
        asks_for_help: share of messages and utterances that ask for help.
        responds: chance to answer a poll, or a question that is put to one.
        latency_s: how long that takes.
        face, screen, desk: shares of frames with a face, turned to the screen, to the desk.
        hand_motion, large_motion: 0 to 1.
        window_blurs: times a minute that another window gets the focus for a moment.
        is_machine: whether the counts are a machine's, always about the same.
    """

    active: float = 0.0
    keys: float = 0.0
    clicks: float = 0.0
    moves: float = 0.0
    scrolls: float = 0.0
    edits: float = 0.0
    strokes: float = 0.0
    answers: float = 0.0
    right: float = 0.8
    retries: float = 0.05
    hints: float = 0.0
    pages: float = 0.0
    chat: float = 0.0
    speech: float = 0.0
    hands: float = 0.0
    asks_for_help: float = 0.05
    responds: float = 0.5
    latency_s: float = 7.0
    face: float = 0.96
    screen: float = 0.75
    desk: float = 0.12
    hand_motion: float = 0.15
    large_motion: float = 0.06
    window_blurs: float = 0.1
    is_machine: bool = False


ORDINARY: Mapping[str, Conduct] = MappingProxyType(
    {
        WORKING: Conduct(
            active=0.72, keys=11, clicks=1.3, moves=14, scrolls=0.8, edits=7, strokes=0.5,
            answers=1.4, right=0.8, pages=0.4, chat=0.08, speech=0.3, responds=0.85,
            screen=0.72, desk=0.2, hand_motion=0.3,
        ),
        PARTICIPATING: Conduct(
            active=0.5, keys=5, clicks=1, moves=9, scrolls=0.4, edits=2, strokes=0.4,
            answers=0.6, right=0.8, chat=0.8, speech=3.2, hands=0.35, responds=0.93,
            latency_s=4, screen=0.85, desk=0.06, hand_motion=0.22, large_motion=0.08,
        ),
        READING_OR_THINKING: Conduct(
            active=0.27, clicks=0.5, moves=6, scrolls=1.6, answers=0.3, right=0.82,
            pages=0.5, speech=0.12, responds=0.82, latency_s=8, screen=0.78, desk=0.13,
            hand_motion=0.1, large_motion=0.04,
        ),
        STRUGGLING_PRODUCTIVELY: Conduct(
            active=0.6, keys=7, clicks=1.2, moves=12, scrolls=1.3, edits=5, strokes=0.4,
            answers=1.2, right=0.48, retries=0.45, hints=0.5, pages=1.0, chat=0.15, speech=0.4,
            hands=0.12, asks_for_help=0.4, responds=0.75, latency_s=11, screen=0.7, desk=0.2,
            hand_motion=0.25,
        ),
        STUCK: Conduct(
            active=0.42, keys=3.5, clicks=1.4, moves=9, scrolls=1.8, edits=2.5, strokes=0.2,
            answers=1.0, right=0.12, retries=0.75, hints=0.9, pages=1.3, chat=0.3, speech=0.45,
            hands=0.3, asks_for_help=0.7, responds=0.5, latency_s=16, screen=0.7, desk=0.15,
            hand_motion=0.15, large_motion=0.08,
        ),
        DRIFTING: Conduct(
            active=0.16, keys=1.2, clicks=0.5, moves=6, scrolls=0.7, answers=0.12, right=0.5,
            pages=0.1, chat=0.1, speech=0.15, responds=0.25, latency_s=18, face=0.85,
            screen=0.42, desk=0.27, hand_motion=0.16, large_motion=0.14, window_blurs=0.8,
        ),
        TAB_HIDDEN: Conduct(responds=0.12, latency_s=25, speech=0.05, screen=0.7, desk=0.1),
        AWAY: Conduct(responds=0.0, face=0.04, screen=0.02, desk=0.01, hand_motion=0.0,
                      large_motion=0.02),
    }
)  # fmt: skip
"""What most people show in each state."""
