"""Ray for the models process: a local one of its own, or a cluster that somebody else runs."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from pathlib import Path
from typing import Protocol

import psutil
import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve.config import ProxyLocation
from ray.serve.exceptions import RayServeException
from ray.serve.schema import ApplicationStatus

from lessons.errors import InvalidInput, Unavailable
from serving.app import APPLICATION, ModelsConfiguration, build
from serving.captioner import CAPTIONER, CaptionerConfiguration, LoadedCaptions, ServedCaptions
from serving.settings import Settings

LONGEST_FOLDER_BYTES = 40
"""Ray's sockets lie 67 bytes below its folder, and a Unix socket's path ends at 107."""
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - the owner is checked
LOOPBACK = "127.0.0.2"
"""Ray replaces 127.0.0.1 by the address of a network card, and this it takes as it is."""
OBJECT_STORE_BYTES = 256 * 2**20
"""Shared memory for windows on their way; pages that are never touched cost nothing."""
NODE_PROCESSES = frozenset({"gcs_server", "raylet"})
"""Without either of them a local Ray is dead."""
ANSWER_TIMEOUT_S = 10.0
DEPLOYING_POLL_S = 1.0
LECTERN_ERROR = re.compile(r"^lessons\.errors\.(\w+): (.*)$", re.MULTILINE)
"""How one of our errors ends a traceback."""
RECONNECT_TIMEOUT_S = 10
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


class LocalRay:
    """A Ray of this process alone: its processes end with this one, even when it is killed.

    Args:
        data_dir: Ray's logs and sockets lie in it, where its path is short enough.
        configuration: of the application.
    """

    def __init__(self, data_dir: Path, configuration: ModelsConfiguration) -> None:
        self._folder = ray_folder(data_dir)
        self._configuration = configuration
        self._processes: list[psutil.Process] = []

    def start(self) -> None:
        """Start it. Call this in the main thread: Linux ends the children with their thread."""
        _remove_old_sessions(self._folder)
        os.environ.update(_local_environment())
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            log_to_driver=False,
            _node_ip_address=LOOPBACK,
            _temp_dir=str(self._folder),
        )
        children = psutil.Process().children()
        self._processes = [child for child in children if child.name() in NODE_PROCESSES]

    def deploy(self) -> tuple[ServedCaptions, LoadedCaptions]:
        """Run the application and wait until it is up."""
        _run_application(self._configuration)
        return _captioner()

    def check(self) -> None:
        """Raise Unavailable where one of Ray's own processes has died."""
        if not all(map(_runs, self._processes)):
            raise Unavailable("A process of the local Ray has died.")

    def stop(self) -> None:
        """End it."""
        ray.shutdown()


class ClusterRay:
    """A cluster that somebody else runs; this process is one of its drivers.

    Args:
        address: address of the head (`host:6379`).
        configuration: of the application, where the cluster does not run it already.
    """

    def __init__(self, address: str, configuration: ModelsConfiguration) -> None:
        self._address = address
        self._configuration = configuration
        self._answered = 0.0

    def start(self) -> None:
        """Join the cluster through the Ray node on this machine."""
        try:
            ray.init(address=self._address, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise Unavailable(
                f"The Ray cluster at {self._address} cannot be joined: {error}",
                field="LECTERN_RAY_ADDRESS",
                fix="Start a Ray node on this machine: ray start --address=<head>:6379.",
            ) from error

    def deploy(self) -> tuple[ServedCaptions, LoadedCaptions]:
        """Use the application that runs already, or run it; wait until it is up."""
        if not _is_deployed():
            _run_application(self._configuration)
        captions = _captioner()
        self._answered = time.monotonic()
        return captions

    def check(self) -> None:
        """Raise Unavailable where the captioner has been silent for a minute."""
        try:
            _captioner()
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
            engine=settings.caption_engine,
            model=settings.caption_model,
            device=settings.caption_device,
            compute_type=settings.caption_compute_type,
            beam_size=settings.caption_beam_size,
            language=settings.caption_language,
            replicas=settings.caption_replicas,
            num_gpus=settings.caption_num_gpus,
            resources={settings.caption_resource: 1.0} if settings.caption_resource else {},
        )
    )


def _run_application(configuration: ModelsConfiguration) -> None:
    serve.start(proxy_location=ProxyLocation.Disabled)
    try:
        serve.run(build(configuration), name=APPLICATION, route_prefix=None)
    except RuntimeError as error:
        raise _failure(str(error)) from error


def _is_deployed() -> bool:
    """Wait while somebody else deploys the application; return whether it runs."""
    while True:
        found = serve.status().applications.get(APPLICATION)
        if found is None or found.status is not ApplicationStatus.DEPLOYING:
            return found is not None and found.status is ApplicationStatus.RUNNING
        time.sleep(DEPLOYING_POLL_S)


def _captioner() -> tuple[ServedCaptions, LoadedCaptions]:
    """Return the captioner of the running application, and ask it what it has loaded."""
    handle = serve.get_deployment_handle(CAPTIONER, APPLICATION)
    try:
        loaded: LoadedCaptions = handle.loaded.remote().result(timeout_s=ANSWER_TIMEOUT_S)
    except (RayError, RayServeException, TimeoutError) as error:
        raise Unavailable("The captioner does not answer.") from error
    return ServedCaptions(handle), loaded


def ray_folder(data_dir: Path) -> Path:
    """Return the folder for Ray's logs and sockets, made if need be: a short path, ours alone.

    Raises:
        InvalidInput: the short folder in /tmp belongs to somebody else.
    """
    folder = data_dir / "ray"
    if len(os.fsencode(folder)) > LONGEST_FOLDER_BYTES:
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        folder = SHORT_FOLDERS / f"lectern-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise InvalidInput(
            f"`{folder}` belongs to somebody else.",
            field="LECTERN_DATA_DIR",
            fix=f"Use a data folder with a path of at most {LONGEST_FOLDER_BYTES - 4} bytes.",
        )
    return folder


def _local_environment() -> dict[str, str]:
    """Return what Ray reads from the environment, for itself and for its workers."""
    return {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        # Nothing revives this Ray, so what it leaves behind need not wait for it for a minute.
        "RAY_gcs_rpc_server_reconnect_timeout_s": str(RECONNECT_TIMEOUT_S),
        # Ray would give a replica with less than one logical CPU a single thread.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0)))),
    }


def _remove_old_sessions(folder: Path) -> None:
    """Keep the last session's logs only; Ray itself keeps them all."""
    sessions = sorted(folder.glob("session_2*"), key=lambda path: path.stat().st_mtime)
    for session in sessions[:-1]:
        shutil.rmtree(session, ignore_errors=True)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


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
