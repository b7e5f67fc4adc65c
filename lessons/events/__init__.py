"""Learning events: typed, versioned, immutable facts about a lesson."""

from lessons.events.accessibility import (
    CaptionerHandedBack,
    CaptionerTookOver,
    CaptionsDisplayed,
    CaptionsMeasured,
    CaptionsTargetMet,
    CaptionsTargetMissed,
)
from lessons.events.assessments import (
    AssessmentGraded,
    AssessmentItem,
    AssessmentItemAnswered,
    AssessmentStarted,
    AssessmentSubmitted,
)
from lessons.events.attention import (
    ActivityBucket,
    ActivityCounted,
    AttentionActive,
    AttentionBlurred,
    AttentionFocused,
    AttentionIdle,
)
from lessons.events.breakouts import BreakoutClosed, BreakoutCreated, BreakoutEntered, BreakoutLeft
from lessons.events.captions import (
    CaptionCorrected,
    CaptionDelayed,
    CaptionFinal,
    CaptionTranslated,
    CaptionWord,
    PartialCaption,
)
from lessons.events.catalogue import (
    DATA_TYPES,
    EVENT_TYPES,
    FAMILIES,
    PLATFORM_TYPES,
    current_data,
    json_schemas,
    known_type,
    parse_event,
)
from lessons.events.chat import ChatPosted, ChatReacted
from lessons.events.claims import Evidence, Observation
from lessons.events.content import ContentOpened
from lessons.events.data import EventData, EventDraft
from lessons.events.engagement import (
    ENGAGEMENT_STATES,
    EngagementContested,
    EngagementNudge,
    EngagementNudgeAnswered,
    EngagementProfile,
    EngagementReviewed,
    EngagementSignal,
    EngagementState,
    Estimate,
    NudgeReason,
)
from lessons.events.envelope import LearningEvent, lesson_source
from lessons.events.families import Family
from lessons.events.hands import HandLowered, HandRaised
from lessons.events.homework import HomeworkAssigned, HomeworkCompleted
from lessons.events.lesson import LessonEnded, LessonStarted
from lessons.events.lesson_plan import (
    LessonPlanItemCompleted,
    LessonPlanItemStarted,
    ObjectiveCovered,
)
from lessons.events.milestones import MilestoneReached
from lessons.events.participation import CameraObserved, ParticipationMeasured, QuestionAsked
from lessons.events.polls import PollAnswered, PollClosed, PollOpened, PollResults
from lessons.events.posted import PostedEvent, parse_posted
from lessons.events.posting_window import DEFAULT_LATE, PostingWindow
from lessons.events.presence import (
    ParticipantJoined,
    ParticipantLeft,
    PresenceChanged,
    RoleChanged,
)
from lessons.events.privacy import ConsentGranted, ConsentRevoked, EventErased
from lessons.events.recaps import (
    RecapApproved,
    RecapDelivered,
    RecapDrafted,
    RecapEdited,
    RecapHeld,
    RecapPartWritten,
)
from lessons.events.screen_share import ScreenShareStarted, ScreenShareStopped
from lessons.events.speaking import SpeakingStarted, SpeakingStopped
from lessons.events.summaries import (
    ComprehensionObserved,
    SegmentClosed,
    SummaryCorrected,
    SummaryCreated,
    SummaryPartWritten,
    SummaryProgressed,
    SummaryWithdrawn,
    TalkMoveObserved,
)
from lessons.events.tracks import TrackEnded, TrackMuted, TrackPublished
from lessons.events.webhooks import WebhookDisabled
from lessons.events.whiteboard import (
    WhiteboardContributed,
    WhiteboardObjectChanged,
    WhiteboardPageChanged,
    WhiteboardStrokesDrawn,
)

__all__ = [
    "DATA_TYPES",
    "DEFAULT_LATE",
    "ENGAGEMENT_STATES",
    "EVENT_TYPES",
    "FAMILIES",
    "PLATFORM_TYPES",
    "ActivityBucket",
    "ActivityCounted",
    "AssessmentGraded",
    "AssessmentItem",
    "AssessmentItemAnswered",
    "AssessmentStarted",
    "AssessmentSubmitted",
    "AttentionActive",
    "AttentionBlurred",
    "AttentionFocused",
    "AttentionIdle",
    "BreakoutClosed",
    "BreakoutCreated",
    "BreakoutEntered",
    "BreakoutLeft",
    "CameraObserved",
    "CaptionCorrected",
    "CaptionDelayed",
    "CaptionFinal",
    "CaptionTranslated",
    "CaptionWord",
    "CaptionerHandedBack",
    "CaptionerTookOver",
    "CaptionsDisplayed",
    "CaptionsMeasured",
    "CaptionsTargetMet",
    "CaptionsTargetMissed",
    "ChatPosted",
    "ChatReacted",
    "ComprehensionObserved",
    "ConsentGranted",
    "ConsentRevoked",
    "ContentOpened",
    "EngagementContested",
    "EngagementNudge",
    "EngagementNudgeAnswered",
    "EngagementProfile",
    "EngagementReviewed",
    "EngagementSignal",
    "EngagementState",
    "Estimate",
    "EventData",
    "EventDraft",
    "EventErased",
    "Evidence",
    "Family",
    "HandLowered",
    "HandRaised",
    "HomeworkAssigned",
    "HomeworkCompleted",
    "LearningEvent",
    "LessonEnded",
    "LessonPlanItemCompleted",
    "LessonPlanItemStarted",
    "LessonStarted",
    "MilestoneReached",
    "NudgeReason",
    "ObjectiveCovered",
    "Observation",
    "PartialCaption",
    "ParticipantJoined",
    "ParticipantLeft",
    "ParticipationMeasured",
    "PollAnswered",
    "PollClosed",
    "PollOpened",
    "PollResults",
    "PostedEvent",
    "PostingWindow",
    "PresenceChanged",
    "QuestionAsked",
    "RecapApproved",
    "RecapDelivered",
    "RecapDrafted",
    "RecapEdited",
    "RecapHeld",
    "RecapPartWritten",
    "RoleChanged",
    "ScreenShareStarted",
    "ScreenShareStopped",
    "SegmentClosed",
    "SpeakingStarted",
    "SpeakingStopped",
    "SummaryCorrected",
    "SummaryCreated",
    "SummaryPartWritten",
    "SummaryProgressed",
    "SummaryWithdrawn",
    "TalkMoveObserved",
    "TrackEnded",
    "TrackMuted",
    "TrackPublished",
    "WebhookDisabled",
    "WhiteboardContributed",
    "WhiteboardObjectChanged",
    "WhiteboardPageChanged",
    "WhiteboardStrokesDrawn",
    "current_data",
    "json_schemas",
    "known_type",
    "lesson_source",
    "parse_event",
    "parse_posted",
]
