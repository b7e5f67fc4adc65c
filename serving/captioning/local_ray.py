"""A Ray of the models process's own, which ends with it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import ray

from lessons.errors import InvalidInput, Unavailable
from serving.app import ModelsConfiguration
from serving.captioning.captioner import LoadedCaptions, ServedCaptions
from serving.captioning.ray_application import captioner, loaded_captions, run_application

LONGEST_FOLDER_BYTES = 40
"""Ray's sockets lie 67 bytes below its folder, and a Unix socket's path ends at 107."""
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - the owner is checked
LOOPBACK = "127.0.0.2"
"""Ray replaces 127.0.0.1 by the address of a network card, and this it takes as it is."""
OBJECT_STORE_BYTES = 256 * 2**20
"""Shared memory for windows on their way; pages that are never touched cost nothing."""
NODE_PROCESSES = frozenset({"gcs_server", "raylet"})
"""Without either of them a local Ray is dead."""


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
        self._last_will: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Call this in the main thread: Linux ends the children with their thread."""
        _remove_old_sessions(self._folder)
        os.environ.update(_local_environment())
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            log_to_driver=False,
            configure_logging=False,
            _node_ip_address=LOOPBACK,
            _temp_dir=str(self._folder),
        )
        children = psutil.Process().children(recursive=True)
        self._processes = [child for child in children if child.name() in NODE_PROCESSES]
        self._last_will = _kill_after_us([child.pid for child in children])

    def deploy(self) -> tuple[ServedCaptions, LoadedCaptions]:
        """Run the application and wait until it is up."""
        run_application(self._configuration)
        handle = captioner()
        return ServedCaptions(handle), loaded_captions(handle)

    def check(self) -> None:
        """Raise Unavailable where one of Ray's own processes has died."""
        if not all(map(_runs, self._processes)):
            raise Unavailable("A process of the local Ray has died.")

    def stop(self) -> None:
        """End it, and kill what Ray leaves to end by itself: its agents and the replicas."""
        started = psutil.Process().children(recursive=True)
        ray.shutdown()
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self._last_will is not None:
            self._last_will.kill()
            self._last_will.wait()


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
        # Ray would give a replica with less than one logical CPU a single thread.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0)))),
    }


def _kill_after_us(pids: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start a shell that kills these processes as soon as this one is gone, however it went.

    Linux ends our own children with us, and Ray's workers end with their raylet; but its agents
    first try for a minute to report the loss.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -9 "$@"', "sh", *map(str, pids)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


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
