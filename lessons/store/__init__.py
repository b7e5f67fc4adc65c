"""The record on PostgreSQL: ledger, lessons, tracks, workers, feed."""

from lessons.store.database import APP_ROLE, Database
from lessons.store.embedded import EmbeddedPostgres
from lessons.store.feed import LiveFeed, Subscription
from lessons.store.ledger import Appended, Ledger
from lessons.store.lessons import LessonStore
from lessons.store.migration import migrate
from lessons.store.notices import Committed, Message, Passing

__all__ = [
    "APP_ROLE",
    "Appended",
    "Committed",
    "Database",
    "EmbeddedPostgres",
    "Ledger",
    "LessonStore",
    "LiveFeed",
    "Message",
    "Passing",
    "Subscription",
    "migrate",
]
