"""What a window shows as plain facts: what a judgement may rest on, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from features.engagement import LearnerWindow
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

LONG_HIDDEN_S = 60.0
"""A tab hidden for so long may mean that nobody is there; a shorter time only that it is hidden."""

MOSTLY = 0.5

LATELY_S = 120.0
"""For how long after something was done with a tool it says how things are."""

_WATCHED = ("input_5s", "talk_5s", "face_5s")
_DONE = ("since_chat_s", "since_board_s", "since_content_s", "since_answer_s")
_GONE = ("connected", "disconnected_s", "declared_away", "hidden_for_s")

LOOKED_AT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        WORKING: (
            "edits_30s",
            "keys_30s",
            "board_30s",
            "answers_120s",
            "clicks_30s",
            "active_share_120s",
            "hand_motion_30s",
            "facing_desk_30s",
        ),
        PARTICIPATING: (
            "talk_30s",
            "since_talk_s",
            "since_chat_s",
            "hand_up",
            "chat_120s",
            "turns_120s",
            "response_latency_s",
            "poll_latency_s",
            "on_topic_300s",
        ),
        READING_OR_THINKING: (
            "hidden_30s",
            "since_input_s",
            "scrolls_120s",
            "since_content_s",
            "facing_screen_30s",
            "facing_desk_30s",
            "quiet_left_s",
        ),
        STRUGGLING_PRODUCTIVELY: (
            "wrong_streak",
            "same_item_tries",
            "correct_share_300s",
            "since_correct_s",
            "answers_300s",
            "active_share_120s",
            "questions_written_300s",
        ),
        STUCK: (
            "wrong_streak",
            "same_item_tries",
            "since_correct_s",
            "help_written_300s",
            "help_spoken_300s",
            "hand_up_s",
            "hints_300s",
            "rapid_share_300s",
            "answer_time_ratio",
        ),
        DRIFTING: (
            "unfocused_120s",
            "hidden_120s",
            "focus_switches_120s",
            "brief_focus_share_120s",
            "since_input_s",
            "pointer_only_share_120s",
            "input_evenness_120s",
            "poll_pending_s",
            "rapid_share_300s",
        ),
        TAB_HIDDEN: ("hidden_for_s", "hidden_30s", "hidden_120s"),
        AWAY: ("disconnected_s", "declared_away", "hidden_for_s", "face_120s"),
    }
)
"""Features that are shown for a state, the most telling first."""


def has_anything(window: LearnerWindow) -> bool:
    """Tell whether anything of the learner's own was seen lately; the lesson around is not enough.

    A browser, microphone or camera that tells of nothing tells something; without any of them, only
    what the learner did does, or a sign of absence.
    """
    watched = any(window.value(name) is not None for name in _WATCHED)
    did = window.value("hand_up") == 1.0 or any(_did_lately(window, name) for name in _DONE)
    return watched or did or shows_away(window) or shows_hidden(window)


def _did_lately(window: LearnerWindow, name: str) -> bool:
    """Tell whether something was done; for what never was, times count from the joining."""
    since_s, joined_s = window.value(name), window.value("since_joined_s")
    if since_s is None or since_s > LATELY_S:
        return False
    return joined_s is None or since_s < joined_s


def shows_away(window: LearnerWindow) -> bool:
    """Tell whether connection or visibility shows that nobody is there."""
    hidden_s = window.value("hidden_for_s") or 0.0
    gone = window.value("connected") == 0.0 or window.value("declared_away") == 1.0
    return gone or hidden_s >= LONG_HIDDEN_S


def shows_hidden(window: LearnerWindow) -> bool:
    """Tell whether the browser said that the lesson's tab is hidden."""
    hidden_s = window.value("hidden_for_s") or 0.0
    return hidden_s > 0.0 or (window.value("hidden_5s") or 0.0) >= MOSTLY


def evidence_names(state: str) -> tuple[str, ...]:
    """Return the features whose events support a state."""
    return _GONE if state == AWAY else LOOKED_AT.get(state, ())


def in_words(name: str, value: float) -> str:
    """Return an observation in words that a learner understands."""
    return _WORDS[name](value)


def duration(seconds: float) -> str:
    """Return a time in words, such as `40 seconds` or `3 minutes`."""
    if seconds < 90:
        return _plural(round(seconds), "second")
    return _plural(round(seconds / 60), "minute")


def _plural(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _share(value: float) -> str:
    return f"{round(100 * value)} %"


def _last(what: str) -> Callable[[float], str]:
    return lambda value: f"{what} {duration(value)} ago."


def _counted(noun: str, plural: str, span: str) -> Callable[[float], str]:
    return lambda value: f"{_plural(round(value), noun, plural)} in the last {span}."


def _rate(noun: str, plural: str, seconds: int) -> Callable[[float], str]:
    def words(per_minute: float) -> str:
        number = round(per_minute * seconds / 60)
        return f"{_plural(number, noun, plural)} in the last {duration(seconds)}."

    return words


def _part(what: str, span: str) -> Callable[[float], str]:
    return lambda value: f"{what} for {_share(value)} of the last {span}."


def _whether(yes: str, no: str) -> Callable[[float], str]:
    return lambda value: yes if value >= MOSTLY else no


_WORDS: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "edits_30s": _rate("change", "changes", 30),
        "keys_30s": _rate("key press", "key presses", 30),
        "board_30s": _rate("stroke", "strokes", 30),
        "clicks_30s": _rate("click", "clicks", 30),
        "scrolls_120s": _rate("scroll", "scrolls", 120),
        "answers_120s": _counted("answer", "answers", "2 minutes"),
        "answers_300s": _counted("answer", "answers", "5 minutes"),
        "active_share_120s": _part("Some input", "2 minutes"),
        "hand_motion_30s": _part("A hand moved as in writing", "30 seconds"),
        "facing_desk_30s": _part("Turned to the desk", "30 seconds"),
        "facing_screen_30s": _part("Turned to the screen", "30 seconds"),
        "face_120s": _part("In front of the camera", "2 minutes"),
        "talk_30s": _part("Spoke", "30 seconds"),
        "since_talk_s": _last("Last spoke"),
        "since_chat_s": _last("Last wrote in the chat"),
        "since_input_s": _last("Last input"),
        "since_content_s": _last("Last opened some material"),
        "since_answer_s": _last("Last answer"),
        "since_correct_s": _last("Last right answer"),
        "hand_up": _whether("The hand is up.", "The hand is down."),
        "hand_up_s": lambda value: (
            f"The hand has been up for {duration(value)}." if value else "The hand is down."
        ),
        "chat_120s": _counted("chat message", "chat messages", "2 minutes"),
        "turns_120s": _counted("turn of speech", "turns of speech", "2 minutes"),
        "response_latency_s": lambda value: f"Answered the last question after {duration(value)}.",
        "poll_latency_s": lambda value: f"Answered the last poll after {duration(value)}.",
        "poll_pending_s": lambda value: (
            f"A poll has waited for an answer for {duration(value)}." if value else "No poll waits."
        ),
        "on_topic_300s": _whether(
            "What was said is about the objective.", "What was said is about something else."
        ),
        "hidden_for_s": lambda value: (
            f"The lesson's tab has been hidden for {duration(value)}."
            if value
            else "The lesson's tab is in view."
        ),
        "hidden_30s": _part("The lesson's tab was hidden", "30 seconds"),
        "hidden_120s": _part("The lesson's tab was hidden", "2 minutes"),
        "unfocused_120s": _part("Another window was in front", "2 minutes"),
        "focus_switches_120s": lambda value: (
            f"Changed between the lesson and something else {_plural(round(value), 'time')} in the "
            "last 2 minutes."
        ),
        "brief_focus_share_120s": lambda value: (
            f"{_share(value)} of what was in front in the last 2 minutes stayed for less than 5 "
            "seconds."
        ),
        "quiet_left_s": lambda value: (
            f"The task expects {duration(value)} more of quiet." if value else "The task is over."
        ),
        "wrong_streak": lambda value: f"{_plural(round(value), 'wrong answer')} in a row.",
        "same_item_tries": lambda value: f"{_plural(round(value), 'answer')} to the same item.",
        "correct_share_300s": lambda value: (
            f"{_share(value)} of the answers in the last 5 minutes were right."
        ),
        "help_written_300s": _counted(
            "message that asks for help", "messages that ask for help", "5 minutes"
        ),
        "help_spoken_300s": _counted(
            "sentence that asks for help", "sentences that ask for help", "5 minutes"
        ),
        "questions_written_300s": _counted(
            "question in the chat", "questions in the chat", "5 minutes"
        ),
        "hints_300s": _counted("hint", "hints", "5 minutes"),
        "rapid_share_300s": lambda value: f"{_share(value)} of the answers came within 3 seconds.",
        "answer_time_ratio": lambda value: (
            f"The last answer took {value:.1f} times as long as the others'."
        ),
        "pointer_only_share_120s": _part("The pointer alone moved", "2 minutes"),
        "input_evenness_120s": _whether(
            "The input is as even as a machine's.", "The input comes as people's does."
        ),
        "disconnected_s": lambda value: (
            f"Not connected for {duration(value)}." if value else "Connected."
        ),
        "declared_away": _whether("Said to be away.", "Not said to be away."),
    }
)

SHOWN: frozenset[str] = frozenset(_WORDS)
"""The features that there are words for."""
