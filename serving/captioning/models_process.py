"""`lectern models`: Ray, the Serve application and the loopback endpoint, in one process."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import uvicorn

from lessons.errors import LecternError, Unavailable
from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.observability.caption_traces import CaptionTraces, open_traces
from serving.observability.logs import write_through_root
from serving.observability.models_metrics import ModelsMetrics
from serving.observability.scraping import showing_metrics
from serving.settings import Settings

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
STOP_SECONDS = 2.0
"""How long Ray may take to end before its processes are killed; the supervisor waits 2.5 s."""


def run_models(settings: Settings, name: str) -> None:
    """Serve the models until SIGINT or SIGTERM. Call it in the main thread.

    The endpoint answers from the beginning, so that the start can be watched at GET /models.

    Raises:
        InvalidInput: a setting of the models can never work.
        Unavailable: the endpoint's port is taken, or Ray cannot start or has died; start anew.
    """
    _interrupt_on_signals()
    status, metrics = ModelsStatus(), ModelsMetrics()
    try:
        with (
            showing_metrics(settings, name, metrics.registry),
            closing(open_traces(settings, name)) as traces,
            _endpoint(settings, status),
        ):
            _serve_models(settings, status, metrics, traces)
    except KeyboardInterrupt:
        logger.info("stopped")


def _serve_models(
    settings: Settings, status: ModelsStatus, metrics: ModelsMetrics, traces: CaptionTraces
) -> None:
    """Start Ray and the application, then watch them until an error or a signal ends it."""
    # Ray takes a second to import, and the endpoint answers meanwhile.
    from serving.captioning.ray_session import open_session
    from serving.engagement.start import start_engagement
    from serving.observability.observed_captioner import ObservedCaptioner
    from serving.reading.start import start_reading
    from serving.translation.start import start_translation

    session = open_session(settings)
    write_through_root("ray", "ray.serve")
    with _stopped_in_time(session.stop):
        session.start()
        _interrupt_on_signals()  # Ray has put a handler of its own in place.
        status.starting("The caption model is being loaded.")
        captions, loaded = session.deploy()
        observed = ObservedCaptioner(captions, metrics, traces)
        status.ready(
            LoadedModel(observed, loaded.capabilities, loaded.reason, loaded.smaller_model)
        )
        metrics.ready.set(1)
        logger.info("captions by %s: %s", loaded.capabilities.engine, loaded.reason)
        start_translation(settings, status.translation)
        start_engagement(settings, status.engagement)
        start_reading(settings, status.reading)
        while True:
            session.check()
            time.sleep(CHECK_SECONDS)


def _interrupt_on_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def _stopped_in_time(stop: Callable[[], None]) -> Iterator[None]:
    """Stop Ray at the end; if it hangs, leave at once: Linux then kills its processes.

    An error is told before that: a Ray that hangs would take the word of it along.
    """
    try:
        yield
    except LecternError as error:
        logger.error("%s", error)
        raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        watchdog = threading.Timer(STOP_SECONDS, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()
        stop()
        watchdog.cancel()


@contextmanager
def _endpoint(settings: Settings, status: ModelsStatus) -> Iterator[None]:
    """Answer on the endpoint, in a thread of its own.

    Raises:
        Unavailable: the port is taken.
    """
    address = urlsplit(settings.models_url)
    try:
        listener = socket.create_server((address.hostname or "127.0.0.1", address.port or 80))
    except OSError as error:
        raise Unavailable(
            f"{settings.models_url} cannot be listened on: {error.strerror}.",
            field="LECTERN_MODELS_URL",
            fix="End the process that uses the port, or choose another one.",
        ) from error
    config = uvicorn.Config(
        create_bridge(status),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="bridge", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
