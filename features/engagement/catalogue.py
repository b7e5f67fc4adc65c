"""The features of engagement in the order of their columns: name, modality, unit and meaning.

A name ends in the span that it looks back on (`_5s`, `_30s`, `_120s`, `_300s`) or in its unit.
Spans that begin before the learner came are cut there. Times since something are at most ten
minutes; for what never happened, they count from when the learner came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

LONGEST_SINCE_S = 600.0
"""No time since something is longer: beyond ten minutes it makes no difference."""


class Modality(StrEnum):
    """Where a feature comes from; a learner may lack the whole of one."""

    INTERACTION = "interaction"
    SPEECH = "speech"
    CAMERA = "camera"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Feature:
    """One column.

    Attributes:
        name: unique; as an observation names it.
        modality: without which it is missing.
        unit: `per minute`, `share` (0..1), `s`, `count`, `ratio` or `yes/no` (1 or 0).
        meaning: in words, after "how many", "how long" or "whether".
        source: what its evidence is: the kind of event behind it.
    """

    name: str
    modality: Modality
    unit: str
    meaning: str
    source: str


def _features(modality: Modality, *rows: tuple[str, str, str, str]) -> tuple[Feature, ...]:
    return tuple(
        Feature(name, modality, unit, meaning, source) for source, name, unit, meaning in rows
    )


_INTERACTION = _features(
    Modality.INTERACTION,
    ("activity", "keys_5s", "per minute", "keys pressed"),
    ("activity", "keys_30s", "per minute", "keys pressed"),
    ("activity", "keys_120s", "per minute", "keys pressed"),
    ("activity", "clicks_30s", "per minute", "clicks and taps"),
    ("activity", "clicks_120s", "per minute", "clicks and taps"),
    ("activity", "pointer_5s", "per minute", "movements of the pointer"),
    ("activity", "pointer_30s", "per minute", "movements of the pointer"),
    ("activity", "pointer_120s", "per minute", "movements of the pointer"),
    ("activity", "scrolls_30s", "per minute", "movements of the wheel or of a scrolled view"),
    ("activity", "scrolls_120s", "per minute", "movements of the wheel or of a scrolled view"),
    ("activity", "edits_30s", "per minute", "changes to a shared document or code"),
    ("activity", "edits_120s", "per minute", "changes to a shared document or code"),
    ("activity", "input_5s", "per minute", "inputs of any kind"),
    ("activity", "input_30s", "per minute", "inputs of any kind"),
    ("activity", "input_120s", "per minute", "inputs of any kind"),
    ("activity", "input_300s", "per minute", "inputs of any kind"),
    ("activity", "active_share_30s", "share", "of the time: with any input"),
    ("activity", "active_share_120s", "share", "of the time: with any input"),
    ("activity", "active_share_300s", "share", "of the time: with any input"),
    ("activity", "pointer_only_share_120s", "share", "of the time with input: pointer alone"),
    (
        "activity",
        "input_evenness_120s",
        "share",
        "how even the counts are: about .5 where inputs come by chance, near 0 where they come in "
        "bursts as people's do, near 1 where a machine makes them",
    ),
    ("activity", "reported_share_120s", "share", "of the time: that the browser told of"),
    ("activity", "since_input_s", "s", "since the last input"),
    ("attention", "hidden_5s", "share", "of the time: the lesson's tab was hidden"),
    ("attention", "hidden_30s", "share", "of the time: the lesson's tab was hidden"),
    ("attention", "hidden_120s", "share", "of the time: the lesson's tab was hidden"),
    ("attention", "hidden_for_s", "s", "for which the tab has been hidden; 0: it is not"),
    ("attention", "unfocused_30s", "share", "of the time: another window was in front"),
    ("attention", "unfocused_120s", "share", "of the time: another window was in front"),
    ("attention", "focus_switches_30s", "count", "changes between the lesson and something else"),
    ("attention", "focus_switches_120s", "count", "changes between the lesson and something else"),
    ("attention", "since_focus_switch_s", "s", "since the last such change: how long one stayed"),
    ("attention", "stay_before_s", "s", "between the last two such changes"),
    (
        "attention",
        "brief_focus_share_120s",
        "share",
        "of the stays that such changes ended: shorter than 5 seconds",
    ),
    ("activity", "input_since_switch", "per minute", "inputs of any kind since the last change"),
    ("board", "board_30s", "per minute", "strokes and objects on the whiteboard"),
    ("board", "board_120s", "per minute", "strokes and objects on the whiteboard"),
    ("board", "since_board_s", "s", "since the last stroke or object"),
    ("content", "content_opened_120s", "count", "pieces of the material opened"),
    ("content", "since_content_s", "s", "since a piece of the material was opened"),
    ("chat", "chat_120s", "count", "chat messages written"),
    ("chat", "chat_characters_120s", "count", "characters written in the chat"),
    ("chat", "since_chat_s", "s", "since the last chat message"),
    ("hand", "hand_up", "yes/no", "the hand is up"),
    ("hand", "hand_up_s", "s", "for which the hand has been up; 0: it is not"),
    ("hand", "hands_300s", "count", "times the hand went up"),
    ("poll", "poll_pending_s", "s", "for which a poll has been open and unanswered; 0: none is"),
    ("poll", "poll_latency_s", "s", "from the opening of the last answered poll to its answer"),
    ("poll", "polls_answered_share", "share", "of the polls since the learner came: answered"),
    ("answer", "answers_120s", "count", "exercise items answered"),
    ("answer", "answers_300s", "count", "exercise items answered"),
    ("answer", "correct_share_300s", "share", "of the answers that are right or wrong: right"),
    ("answer", "wrong_streak", "count", "wrong answers in a row, the last ones"),
    ("answer", "same_item_tries", "count", "answers in a row to the last item"),
    ("answer", "hints_300s", "count", "hints taken"),
    ("answer", "rapid_share_300s", "share", "of the answers: given within 3 seconds"),
    ("answer", "answer_time_ratio", "ratio", "time for the last answer, to the group's median"),
    ("answer", "since_answer_s", "s", "since the last answer to an item"),
    ("answer", "since_correct_s", "s", "since the last right answer"),
    ("task", "task_open_s", "s", "for which an exercise has been open; 0: none is"),
    ("help", "help_written_300s", "count", "messages that ask for help"),
    ("help", "questions_written_300s", "count", "messages that ask something"),
)

_SPEECH = _features(
    Modality.SPEECH,
    ("talk", "talk_5s", "share", "of the time: speaking"),
    ("talk", "talk_30s", "share", "of the time: speaking"),
    ("talk", "talk_120s", "share", "of the time: speaking"),
    ("talk", "talk_300s", "share", "of the time: speaking"),
    ("talk", "turns_120s", "count", "turns of speech"),
    ("talk", "since_talk_s", "s", "since the learner last spoke"),
    ("talk", "group_share_300s", "share", "of the learners' talk: this learner's"),
    ("talk", "muted", "yes/no", "the microphone is muted"),
    ("words", "words_120s", "count", "words said"),
    ("words", "on_topic_300s", "share", "likeness of what was said to the objective, -1..1"),
    ("help", "help_spoken_300s", "count", "sentences that ask for help"),
    ("words", "questions_spoken_300s", "count", "questions asked by voice"),
    ("response", "response_latency_s", "s", "from the last question the learner answered to that"),
    ("response", "responses_share_600s", "share", "of the questions put to the group: answered"),
)

_CAMERA = _features(
    Modality.CAMERA,
    ("camera", "face_5s", "share", "of the frames: with a face"),
    ("camera", "face_30s", "share", "of the frames: with a face"),
    ("camera", "face_120s", "share", "of the frames: with a face"),
    ("camera", "faces_most_30s", "count", "most faces in one frame"),
    ("camera", "facing_screen_30s", "share", "of the frames with a face: towards the screen"),
    ("camera", "facing_screen_120s", "share", "of the frames with a face: towards the screen"),
    ("camera", "facing_desk_30s", "share", "of the frames with a face: towards the desk"),
    ("camera", "facing_desk_120s", "share", "of the frames with a face: towards the desk"),
    ("camera", "hand_motion_5s", "share", "small motion below the face, as of writing"),
    ("camera", "hand_motion_30s", "share", "small motion below the face, as of writing"),
    ("camera", "large_motion_30s", "share", "motion of most of the picture"),
)

_CONTEXT = _features(
    Modality.CONTEXT,
    ("context", "explaining", "yes/no", "somebody who teaches explains"),
    ("context", "question_open", "yes/no", "a question or a poll is open"),
    ("context", "individual_work", "yes/no", "learners work by themselves"),
    ("context", "group_work", "yes/no", "learners work in groups"),
    ("context", "break", "yes/no", "there is a break"),
    ("context", "context_s", "s", "for which this has been so"),
    ("context", "quiet_left_s", "s", "of quiet that the task still expects"),
    ("context", "tutor_talk_30s", "share", "of the time: those who teach spoke"),
    ("context", "tutor_talk_120s", "share", "of the time: those who teach spoke"),
    ("context", "tutor_there", "yes/no", "somebody who teaches is in the lesson"),
    ("context", "since_question_s", "s", "since a question was put to the group"),
    ("context", "others_active_share_30s", "share", "of the other learners: did something"),
    ("context", "others_talk_30s", "share", "of the time: other learners spoke, added up"),
    ("context", "learners", "count", "learners in the lesson"),
    ("context", "lesson_s", "s", "since the lesson began, without a limit"),
    ("presence", "since_joined_s", "s", "since the learner came"),
    ("presence", "connected", "yes/no", "the learner is connected"),
    ("presence", "disconnected_s", "s", "for which the learner has been gone; 0: is there"),
    ("presence", "declared_away", "yes/no", "the platform said that the learner is away"),
    ("presence", "in_room", "yes/no", "the learner is in a breakout room"),
)

FEATURES: tuple[Feature, ...] = (*_INTERACTION, *_SPEECH, *_CAMERA, *_CONTEXT)
"""The order of the columns."""

COLUMNS: Mapping[str, int] = MappingProxyType(
    {feature.name: column for column, feature in enumerate(FEATURES)}
)
"""The column of a feature by its name."""
