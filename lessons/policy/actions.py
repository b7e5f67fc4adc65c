"""What can be done, and to what: the verbs and the nouns of the decision matrix."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What a credential can be used for."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    UPDATE = "update"
    DELETE = "delete"
    START = "start"
    END = "end"
    PUBLISH = "publish"
    POST = "post"
    CORRECT = "correct"
    MINT = "mint"
    EXPORT = "export"
    ERASE = "erase"
    REPLAY = "replay"
    CONTEST = "contest"
    APPROVE = "approve"


class Resource(StrEnum):
    """What an action is done to."""

    TENANT = "tenant"
    MEMBER = "member"
    CONTRACT = "contract"
    API_KEY = "api_key"
    COURSE = "course"
    OBJECTIVE = "objective"
    LESSON = "lesson"
    PARTICIPANT = "participant"
    MEDIA = "media"
    EVENT = "event"
    CAPTION = "caption"
    CAPTION_OUTPUT = "caption_output"
    ACCESSIBILITY = "accessibility"
    RECORDING = "recording"
    LEARNER_RECORD = "learner_record"
    BRIEFING = "briefing"
    RECAP = "recap"
    AGGREGATE = "aggregate"
    ENGAGEMENT = "engagement"
    ENGAGEMENT_AGGREGATE = "engagement_aggregate"
    SUMMARY = "summary"
    CONSENT = "consent"
    WEBHOOK = "webhook"
    AUDIT = "audit"
    DISCLOSURE = "disclosure"
    RETENTION = "retention"
    PERSONAL_EXPORT = "personal_export"
    WORKER = "worker"
    MODEL = "model"
    TRANSCRIPTION = "transcription"
    SAMPLE = "sample"

    @property
    def words(self) -> str:
        """The name as a reader sees it."""
        return self.value.replace("_", " ")
