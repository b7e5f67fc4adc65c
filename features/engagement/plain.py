"""Features that are a plain count, share, time or state of the table: which is which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.engagement.table import Count, Held, Since

COUNTED: Mapping[str, Count] = MappingProxyType(
    {
        "focus_switches_30s": Count.FOCUS_SWITCHES,
        "focus_switches_120s": Count.FOCUS_SWITCHES,
        "content_opened_120s": Count.CONTENT,
        "chat_120s": Count.CHAT,
        "chat_characters_120s": Count.CHAT_CHARACTERS,
        "hands_300s": Count.HANDS,
        "answers_120s": Count.ANSWERS,
        "answers_300s": Count.ANSWERS,
        "hints_300s": Count.HINTS,
        "help_written_300s": Count.HELP_WRITTEN,
        "questions_written_300s": Count.QUESTIONS_WRITTEN,
        "turns_120s": Count.TURNS,
        "words_120s": Count.WORDS,
        "help_spoken_300s": Count.HELP_SPOKEN,
        "questions_spoken_300s": Count.QUESTIONS_SPOKEN,
    }
)
"""Sums over the span that the name ends in."""

SHARES: Mapping[str, tuple[Count, Count]] = MappingProxyType(
    {
        "pointer_only_share_120s": (Count.POINTER_ONLY_MS, Count.ACTIVE_MS),
        "correct_share_300s": (Count.CORRECT, Count.GRADED),
        "rapid_share_300s": (Count.RAPID, Count.ANSWERS),
        "on_topic_300s": (Count.TOPIC, Count.TOPIC_WORDS),
        "face_5s": (Count.FACE_FRAMES, Count.FRAMES),
        "face_30s": (Count.FACE_FRAMES, Count.FRAMES),
        "face_120s": (Count.FACE_FRAMES, Count.FRAMES),
        "facing_screen_30s": (Count.FACING_SCREEN, Count.FACE_FRAMES),
        "facing_screen_120s": (Count.FACING_SCREEN, Count.FACE_FRAMES),
        "facing_desk_30s": (Count.FACING_DESK, Count.FACE_FRAMES),
        "facing_desk_120s": (Count.FACING_DESK, Count.FACE_FRAMES),
        "hand_motion_5s": (Count.HAND_MOTION, Count.FRAMES),
        "hand_motion_30s": (Count.HAND_MOTION, Count.FRAMES),
        "large_motion_30s": (Count.LARGE_MOTION, Count.FRAMES),
    }
)
"""One sum by another, over the span that the name ends in; missing where the other is 0."""

SINCE: Mapping[str, Since] = MappingProxyType(
    {
        "since_input_s": Since.INPUT,
        "since_board_s": Since.BOARD,
        "since_content_s": Since.CONTENT,
        "since_chat_s": Since.CHAT,
        "since_answer_s": Since.ANSWER,
        "since_correct_s": Since.CORRECT,
        "since_talk_s": Since.TALK,
    }
)
"""Seconds since something last was; of what never was, since the learner came."""

LASTING: Mapping[str, Held] = MappingProxyType(
    {
        "hand_up_s": Held.HAND_MS,
        "task_open_s": Held.TASK_MS,
        "since_joined_s": Held.JOINED_MS,
        "disconnected_s": Held.LEFT_MS,
    }
)
"""For how many seconds something has held; 0: it does not."""

HOLDING: Mapping[str, Held] = MappingProxyType(
    {"hand_up": Held.HAND_MS, "declared_away": Held.AWAY_MS}
)
"""Whether something holds."""

STATES: Mapping[str, Held] = MappingProxyType(
    {
        "wrong_streak": Held.WRONG_STREAK,
        "same_item_tries": Held.TRIES,
        "muted": Held.MUTED,
    }
)
"""What was told last; 0: nothing was."""

LATENCIES: Mapping[str, Held] = MappingProxyType(
    {
        "poll_latency_s": Held.POLL_LATENCY_MS,
        "response_latency_s": Held.RESPONSE_LATENCY_MS,
    }
)
"""The last latency in seconds; missing: there was none."""
