"""The Serve application in a Ray that runs: deploying it, and asking what it has loaded."""

from __future__ import annotations

import re
import time
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.config import ProxyLocation
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import ApplicationStatus

from lessons.errors import InvalidInput, Unavailable
from serving.app import APPLICATION, ModelsConfiguration, build
from serving.captioning.captioner import CAPTIONER, LoadedCaptions

LECTERN_ERROR = re.compile(r"^lessons\.errors\.(\w+): (.*)$", re.MULTILINE)
"""How one of our errors ends a traceback."""
ANSWER_TIMEOUT_S = 10.0
DEPLOYING_POLL_S = 1.0


def run_application(configuration: ModelsConfiguration) -> None:
    """Deploy the application and wait until it is up.

    Raises:
        InvalidInput: the configuration can never work, such as a model that does not exist.
        Unavailable: it did not come up.
    """
    serve.start(proxy_location=ProxyLocation.Disabled)
    try:
        serve.run(build(configuration), name=APPLICATION, route_prefix=None)
    except RuntimeError as error:
        raise _failure(str(error)) from error


def is_deployed() -> bool:
    """Wait while somebody else deploys the application; return whether it runs."""
    while True:
        found = serve.status().applications.get(APPLICATION)
        if found is None or found.status is not ApplicationStatus.DEPLOYING:
            return found is not None and found.status is ApplicationStatus.RUNNING
        time.sleep(DEPLOYING_POLL_S)


def captioner() -> DeploymentHandle[Any]:
    """Return a handle of the captioner. Keep it: each one starts a router of its own."""
    return serve.get_deployment_handle(CAPTIONER, APPLICATION)


def loaded_captions(handle: DeploymentHandle[Any]) -> LoadedCaptions:
    """Ask the captioner what it has loaded.

    Raises:
        Unavailable: it does not answer.
    """
    try:
        loaded: LoadedCaptions = handle.loaded.remote().result(timeout_s=ANSWER_TIMEOUT_S)
    except (RayError, RayServeException, TimeoutError) as error:
        raise Unavailable("The captioner does not answer.") from error
    return loaded


def _failure(report: str) -> InvalidInput | Unavailable:
    """Return Lectern's own error out of what Serve says of a deployment that failed."""
    status = serve.status().applications.get(APPLICATION)
    deployment = status.deployments.get(CAPTIONER) if status else None
    message = deployment.message if deployment else report
    found = LECTERN_ERROR.findall(message)
    if not found:
        return Unavailable(f"The captioner did not start: {message}")
    kind, reason = found[-1]
    return InvalidInput(reason) if kind == InvalidInput.__name__ else Unavailable(reason)
