"""The record on PostgreSQL: ledger, lessons, tracks, workers, feed."""

from lessons.store.api_keys import ApiKey, ApiKeyStore
from lessons.store.appending import Appended
from lessons.store.database import APP_ROLE, Database
from lessons.store.embedded import EmbeddedPostgres
from lessons.store.feed import LiveFeed, Subscription
from lessons.store.ledger import Ledger
from lessons.store.lessons import LessonStore
from lessons.store.migration import migrate
from lessons.store.notices import Committed, Message, Passing
from lessons.store.recordings import RecordingStore
from lessons.store.tracks import LIVE_HEARTBEAT_SECONDS, TrackStore
from lessons.store.workers import EXPIRY_SECONDS, WorkerStore

__all__ = [
    "APP_ROLE",
    "EXPIRY_SECONDS",
    "LIVE_HEARTBEAT_SECONDS",
    "ApiKey",
    "ApiKeyStore",
    "Appended",
    "Committed",
    "Database",
    "EmbeddedPostgres",
    "Ledger",
    "LessonStore",
    "LiveFeed",
    "Message",
    "Passing",
    "RecordingStore",
    "Subscription",
    "TrackStore",
    "WorkerStore",
    "migrate",
]
