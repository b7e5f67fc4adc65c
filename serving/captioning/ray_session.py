"""Ray for the models process: a local one of its own, or a cluster that somebody else runs."""

from __future__ import annotations

import time
from typing import Any, Protocol

import ray
from ray.serve.handle import DeploymentHandle

from lessons.errors import Unavailable
from serving.app import ModelsConfiguration
from serving.captioning.captioner import CaptionerConfiguration, LoadedCaptions, ServedCaptions
from serving.captioning.engine_configuration import EngineConfiguration
from serving.captioning.local_ray import LocalRay
from serving.captioning.ray_application import (
    captioner,
    is_deployed,
    loaded_captions,
    run_application,
)
from serving.settings import Settings

ASK_EVERY_S = 5.0
LOST_AFTER_S = 60.0
"""Silence of the captioner after which a cluster counts as lost, in seconds."""


class RaySession(Protocol):
    """A Ray for the models to run in."""

    def start(self) -> None:
        """Start or join it.

        Raises:
            Unavailable: it cannot be reached.
        """
        ...

    def deploy(self) -> tuple[ServedCaptions, LoadedCaptions]:
        """See to it that the application runs; return its captioner and what that has loaded.

        Raises:
            InvalidInput: the configuration can never work, such as a model that does not exist.
            Unavailable: it does not come up.
        """
        ...

    def check(self) -> None:
        """Raise Unavailable where Ray is lost."""
        ...

    def stop(self) -> None:
        """Leave it, and end it where it is ours."""
        ...


def open_session(settings: Settings) -> RaySession:
    """Return the Ray that the settings ask for, not started yet."""
    configuration = _configuration(settings)
    if settings.ray_address is None:
        return LocalRay(settings.data_dir, configuration)
    return ClusterRay(settings.ray_address, configuration)


class ClusterRay:
    """A cluster that somebody else runs; this process is one of its drivers.

    Args:
        address: address of the head (`host:6379`).
        configuration: of the application, where the cluster does not run it already.
    """

    def __init__(self, address: str, configuration: ModelsConfiguration) -> None:
        self._address = address
        self._configuration = configuration
        self._captioner: DeploymentHandle[Any] | None = None
        self._asked = self._answered = 0.0

    def start(self) -> None:
        """Join the cluster through the Ray node on this machine."""
        try:
            ray.init(address=self._address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise Unavailable(
                f"The Ray cluster at {self._address} cannot be joined: {error}",
                field="LECTERN_RAY_ADDRESS",
                fix="Start a Ray node on this machine: ray start --address=<head>:6379.",
            ) from error

    def deploy(self) -> tuple[ServedCaptions, LoadedCaptions]:
        """Use the application that runs already, or run it; wait until it is up."""
        if not is_deployed():
            run_application(self._configuration)
        self._captioner = captioner()
        self._asked = self._answered = time.monotonic()
        return ServedCaptions(self._captioner), loaded_captions(self._captioner)

    def check(self) -> None:
        """Raise Unavailable where the captioner has been silent for a minute."""
        if self._captioner is None or time.monotonic() - self._asked < ASK_EVERY_S:
            return
        self._asked = time.monotonic()
        try:
            loaded_captions(self._captioner)
            self._answered = time.monotonic()
        except Unavailable as error:
            if time.monotonic() - self._answered > LOST_AFTER_S:
                raise Unavailable("The Ray cluster is lost.") from error

    def stop(self) -> None:
        """Leave it; the application goes on, and the next models process finds it."""
        ray.shutdown()


def _configuration(settings: Settings) -> ModelsConfiguration:
    return ModelsConfiguration(
        captions=CaptionerConfiguration(
            **EngineConfiguration.of(settings).model_dump(),
            final_bound_s=settings.caption_final_bound_seconds,
            replicas=settings.caption_replicas,
            num_gpus=settings.caption_num_gpus,
            resources={settings.caption_resource: 1.0} if settings.caption_resource else {},
        )
    )
