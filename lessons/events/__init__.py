"""Learning events: typed, versioned, immutable facts about a lesson."""

from lessons.events.captions import CaptionCorrected, CaptionFinal, CaptionWord, PartialCaption
from lessons.events.catalogue import (
    DATA_TYPES,
    EVENT_TYPES,
    PLATFORM_TYPES,
    json_schemas,
    known_type,
    parse_event,
)
from lessons.events.data import EventData, EventDraft
from lessons.events.envelope import LearningEvent, lesson_source
from lessons.events.interaction import (
    BreakoutEntered,
    BreakoutLeft,
    HandLowered,
    HandRaised,
    PollAnswered,
    PollOpened,
    WhiteboardContributed,
)
from lessons.events.lesson import LessonEnded, LessonStarted, ParticipantJoined, ParticipantLeft
from lessons.events.posted import PostedEvent, parse_posted
from lessons.events.progress import (
    ActivityCounted,
    AssessmentItem,
    AssessmentSubmitted,
    AttentionBlurred,
    AttentionFocused,
    MilestoneReached,
)
from lessons.events.tracks import TrackEnded, TrackMuted, TrackPublished

__all__ = [
    "DATA_TYPES",
    "EVENT_TYPES",
    "PLATFORM_TYPES",
    "ActivityCounted",
    "AssessmentItem",
    "AssessmentSubmitted",
    "AttentionBlurred",
    "AttentionFocused",
    "BreakoutEntered",
    "BreakoutLeft",
    "CaptionCorrected",
    "CaptionFinal",
    "CaptionWord",
    "EventData",
    "EventDraft",
    "HandLowered",
    "HandRaised",
    "LearningEvent",
    "LessonEnded",
    "LessonStarted",
    "MilestoneReached",
    "PartialCaption",
    "ParticipantJoined",
    "ParticipantLeft",
    "PollAnswered",
    "PollOpened",
    "PostedEvent",
    "TrackEnded",
    "TrackMuted",
    "TrackPublished",
    "WhiteboardContributed",
    "json_schemas",
    "known_type",
    "lesson_source",
    "parse_event",
    "parse_posted",
]
