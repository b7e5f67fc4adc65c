"""Starts the engagement model beside the captioner, once captions are up."""

from __future__ import annotations

import logging
import threading
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import ApplicationStatus

from serving.engagement.estimator import (
    ENGAGEMENT_APPLICATION,
    ESTIMATOR,
    EstimatorConfiguration,
    ServedEngagement,
    build,
)
from serving.engagement.status import EngagementStatus
from serving.engagement.wire import LoadedEngagement
from serving.settings import Settings

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 30.0


def start_engagement(settings: Settings, status: EngagementStatus) -> None:
    """Load the engagement model in a thread of its own. Ray must run.

    One that cannot be loaded is told in the status and in the log: captions go on, and signals are
    made by the baseline in the process that follows lessons.
    """
    configuration = EstimatorConfiguration(model=settings.engagement_model)
    threading.Thread(
        target=run_engagement, args=(configuration, status), name="engagement", daemon=True
    ).start()


def run_engagement(configuration: EstimatorConfiguration, status: EngagementStatus) -> None:
    """Run the estimator and tell of it in the status, whichever way it goes."""
    try:
        handle = deployed_estimator(configuration)
        loaded: LoadedEngagement = handle.loaded.remote().result(timeout_s=ANSWER_TIMEOUT_S)
    except (RuntimeError, TimeoutError, RayError, RayServeException) as error:
        status.failed(f"The engagement model did not start: {error}")
        logger.error("signals are made by the baseline: %s", error)
        return
    status.ready(ServedEngagement(handle), loaded)
    logger.info("engagement by %s %s: %s", loaded.model, loaded.version, loaded.reason)


def deployed_estimator(configuration: EstimatorConfiguration) -> DeploymentHandle[Any]:
    """Return a handle of the estimator that runs already, or run it and wait until it is up."""
    found = serve.status().applications.get(ENGAGEMENT_APPLICATION)
    if found is not None and found.status is ApplicationStatus.RUNNING:
        return serve.get_deployment_handle(ESTIMATOR, ENGAGEMENT_APPLICATION)
    return serve.run(build(configuration), name=ENGAGEMENT_APPLICATION, route_prefix=None)
