"""The stores that an ingest worker reads and writes."""

from __future__ import annotations

from dataclasses import dataclass

from lessons.store import Ledger, LessonStore, LiveFeed, TrackStore, WorkerStore
from lessons.store.consents import ConsentStore
from lessons.store.credentials import CredentialStore
from lessons.store.regions import RegionPin
from lessons.store.vocabulary import VocabularyStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores that a worker works on."""

    lessons: LessonStore
    tracks: TrackStore
    workers: WorkerStore
    ledger: Ledger
    feed: LiveFeed
    consents: ConsentStore
    credentials: CredentialStore
    vocabulary: VocabularyStore
    pin: RegionPin
