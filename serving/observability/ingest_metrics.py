"""Metrics of an ingest worker: peers, windows, how late captions are, and what was lost."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import asdict
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media_ingest.counters import TrackCounters
from serving.captioning.window_names import WindowClass
from serving.live.caption_sink import CaptionCounters
from serving.live.live_track import LiveTrack
from serving.live.worker_status import WorkerStatus
from serving.observability.camera_metrics import CameraMetrics
from serving.observability.scales import CALL_SECONDS, CAPTION_SECONDS, REAL_TIME_FACTOR
from serving.observability.scraping import new_registry

DONE = "done"
"""The outcome of a window that was transcribed, with words in it or without; others are errors."""


class IngestMetrics:
    """What one ingest worker counts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or new_registry()
        self.tracks = TrackTotals()
        self.registry.register(self.tracks)
        self.cameras = CameraMetrics(self.registry)
        self.refused = Counter(
            "lectern_ingest_peers_refused",
            "Offers that were refused, by the code of the error.",
            ["reason"],
            registry=self.registry,
        )
        self.windows = Counter(
            "lectern_caption_windows",
            "Windows that were sent to the captioner, by class and by what became of them.",
            ["window", "outcome"],
            registry=self.registry,
        )
        self.window_seconds = Histogram(
            "lectern_caption_window_seconds",
            "Time from sending a window to having its words.",
            ["window"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self.real_time_factor = Histogram(
            "lectern_caption_real_time_factor",
            "Time that a window took for each second of its audio, waiting included.",
            ["window"],
            buckets=REAL_TIME_FACTOR,
            registry=self.registry,
        )
        self.speech_end_to_final = Histogram(
            "lectern_caption_speech_end_to_final_seconds",
            "From the end of an utterance to its final caption.",
            buckets=CAPTION_SECONDS,
            registry=self.registry,
        )
        self.word_to_partial = Histogram(
            "lectern_caption_word_to_partial_seconds",
            "From the newest audio in a partial caption to the partial's being sent.",
            buckets=CAPTION_SECONDS,
            registry=self.registry,
        )
        self.append_seconds = Histogram(
            "lectern_ledger_append_seconds",
            "Time of one append to a lesson's ledger, by outcome.",
            ["outcome"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self.appended = Counter(
            "lectern_ledger_events",
            "Events of live lessons, by what the ledger said to them.",
            ["outcome"],
            registry=self.registry,
        )
        for kind in get_args(WindowClass):
            self.windows.labels(kind, DONE)  # Shown from the start, so that its rate is known.
        self.peers = self._gauge("peers", "Peers that publish through this worker.")
        self.load = self._gauge(
            "load_ratio", "Load as admission sees it: 0 idle, 1 full; past the limit peers wait."
        )
        self.draining = self._gauge("draining", "1 while the worker takes no new peer for good.")
        self.lessons = self._gauge("lessons", "Lessons that publish through this worker.")
        self.events_waiting = self._gauge(
            "events_waiting", "Finals and other events that PostgreSQL has not taken yet."
        )

    def worker_is(self, status: WorkerStatus) -> None:
        """Take what the worker says of itself, every few seconds."""
        self.peers.set(status.peers)
        self.load.set(status.load)
        self.draining.set(status.draining)
        self.lessons.set(status.lessons)
        self.events_waiting.set(status.events_waiting)
        if status.cameras is not None:
            self.cameras.watched.set(status.cameras.looked_at)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"lectern_ingest_{name}", what, registry=self.registry)


class TrackTotals(Collector):
    """Sums the counters of all tracks, of those that have ended as well: a total never falls.

    It is read by the thread that answers scrapes, so it copies what it goes through.
    """

    def __init__(self) -> None:
        self._media: dict[str, TrackCounters] = {}
        self._captioned: dict[str, LiveTrack] = {}
        self._ended_media: Tally[str] = Tally()
        self._ended_captions: Tally[str] = Tally()

    def media_began(self, peer_id: str, counters: TrackCounters) -> None:
        """Count what a peer's media loses."""
        self._media[peer_id] = counters

    def media_ended(self, peer_id: str) -> None:
        """Keep the totals of a peer that is gone."""
        if (counters := self._media.pop(peer_id, None)) is not None:
            self._ended_media.update(counters.as_dict())

    def captions_began(self, track: LiveTrack) -> None:
        """Count what a track's captions lose."""
        self._captioned[track.speaker.track_id] = track

    def captions_ended(self, track_id: str) -> None:
        """Keep the totals of a track that is gone."""
        if (track := self._captioned.pop(track_id, None)) is not None:
            self._ended_captions.update(asdict(track.counters))

    def collect(self) -> Iterator[Metric]:
        """Yield the sums."""
        media = self._ended_media.copy()
        for counters in tuple(self._media.values()):
            media.update(counters.as_dict())
        yield _counter(
            "lectern_media_lost",
            "What media lost or had mended on its way in, by kind.",
            dict.fromkeys(TrackCounters().as_dict(), 0) | media,
        )
        tracks = tuple(self._captioned.values())
        captions = self._ended_captions.copy()
        for track in tracks:
            captions.update(asdict(track.counters))
        yield _counter(
            "lectern_captions_lost",
            "What captions of live tracks lost or repeated, by kind; of finals, none should be.",
            dict.fromkeys(asdict(CaptionCounters()), 0) | captions,
        )
        waiting = GaugeMetricFamily(
            "lectern_caption_speech_waiting_seconds",
            "Finished speech that waits for the captioner, of the track that waits longest.",
        )
        waiting.add_metric([], max((track.waiting_seconds for track in tracks), default=0.0))
        yield waiting


def _counter(name: str, what: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, what, labels=["kind"])
    for kind, value in sorted(values.items()):
        family.add_metric([kind], value)
    return family
