"""Starts the models that lessons are read with, once captions are up and without delaying them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import ApplicationStatus

from serving.reading.loaded import Kind, LoadedReadingModel
from serving.reading.reader import (
    DEPLOYMENTS,
    ReaderConfiguration,
    ServedReading,
    build,
    configurations_of,
)
from serving.reading.status import ReadingStatus
from serving.settings import Settings

logger = logging.getLogger(__name__)

LOADING_TIMEOUT_S = 600.0
"""Longest wait for a model to be loaded, in seconds: it may have to be fetched from a hub first."""


def start_reading(settings: Settings, status: ReadingStatus) -> None:
    """Load the models in a thread of their own, where they are to be served. Ray must run.

    One that cannot be loaded is told in the status and in the log; the others go on without it.
    """
    if settings.reading_models != "served":
        return
    status.starting("Captions are started first.")
    threading.Thread(
        target=run_reading,
        args=(configurations_of(settings), status),
        name="reading",
        daemon=True,
    ).start()


def run_reading(configurations: Sequence[ReaderConfiguration], status: ReadingStatus) -> None:
    """Run the models one after the other, and tell of each, whichever way it goes."""
    handles: dict[Kind, DeploymentHandle[Any]] = {}
    told: list[LoadedReadingModel] = []
    for configuration in configurations:
        status.starting(f"Loading the {DEPLOYMENTS[configuration.kind]}.")
        try:
            handle = deployed(configuration)
            loaded = handle.loaded.remote().result(timeout_s=LOADING_TIMEOUT_S)
        except (RuntimeError, TimeoutError, RayError, RayServeException) as error:
            reason = f"The {DEPLOYMENTS[configuration.kind]} did not start: {error}"
            loaded = LoadedReadingModel(kind=configuration.kind, state="failed", reason=reason)
        else:
            handles[configuration.kind] = handle
        told.append(loaded)
        level = logging.INFO if loaded.state == "ready" else logging.ERROR
        logger.log(level, "lessons are read by %s: %s", loaded.kind, loaded.reason)
    status.ready(ServedReading(handles), told)


def deployed(configuration: ReaderConfiguration) -> DeploymentHandle[Any]:
    """Return a handle of the model that runs already, or run it and wait until it is up."""
    found = serve.status().applications.get(configuration.application)
    if found is not None and found.status is ApplicationStatus.RUNNING:
        return serve.get_deployment_handle(
            DEPLOYMENTS[configuration.kind], configuration.application
        )
    return serve.run(build(configuration), name=configuration.application, route_prefix=None)
