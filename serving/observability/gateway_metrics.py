"""Metrics of the gateway: its operations, its streams, and who was refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.observability.scales import CALL_SECONDS
from serving.observability.scraping import new_registry

Transport = Literal["sse", "websocket"]

FILES = "files"
"""Stands for every path that no operation has: the console's files, and what is not there."""


class GatewayMetrics:
    """What one gateway counts. Routes are templates, so no id gets into a label."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or new_registry()
        self._requests = Counter(
            "lectern_http_requests",
            "HTTP requests answered, by route template, method and status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lectern_http_response_start_seconds",
            "Time from a request to the beginning of its answer; a stream's lasts on.",
            ["route", "method"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._readers = Gauge(
            "lectern_stream_readers",
            "Streams that are open now.",
            ["transport"],
            registry=self.registry,
        )
        self._slow = Counter(
            "lectern_stream_readers_cut",
            "Streams that were closed because their reader took nothing for too long.",
            ["transport"],
            registry=self.registry,
        )
        for transport in ("sse", "websocket"):
            self._readers.labels(transport)
            self._slow.labels(transport)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    @contextmanager
    def reader(self, transport: Transport) -> Iterator[None]:
        """Count a reader for as long as the block runs."""
        with self._readers.labels(transport).track_inprogress():
            yield

    def cut_slow_reader(self, transport: Transport) -> None:
        """Count a reader that was too slow."""
        self._slow.labels(transport).inc()


class RequestMetrics:
    """ASGI middleware that counts every HTTP answer. Put it outermost."""

    def __init__(self, app: ASGIApp, metrics: GatewayMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - started
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.answered(route_of(scope), method, message["status"], seconds)
            await send(message)

        await self._app(scope, receive, send_counted)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """Return the template of the operation that a request came to, such as `/v1/lessons/{id}`."""
    return str(getattr(scope.get("route"), "path", FILES))
