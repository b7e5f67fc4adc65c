"""What one installation has of its own: its place on the machine, its first API key and lesson."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from lessons.errors import Conflict, NotAuthenticated
from lessons.store import Database, LessonStore
from lessons.store.api_keys import ApiKeyStore
from serving.samples import create_sample_lesson
from serving.settings import DEFAULT_TENANT, Settings

FIRST_KEY_NAME = "console"


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this supervisor; the lock goes with the process, however it ends.

    Raises:
        Conflict: another supervisor holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Conflict(
                f"Lectern runs on {data_dir} already (process {lock.read().strip() or 'unknown'}).",
                fix="Stop it first, or give this one another folder: lectern up --data-dir OTHER.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_free_ports(settings: Settings) -> None:
    """Refuse to start where somebody else listens already.

    Raises:
        Conflict: names the port, and the setting that moves it.
    """
    models = urlsplit(settings.models_url)
    metrics = settings.metrics_port or 0
    places = [
        (settings.host, settings.port, f"lectern up --port {settings.port + 1}"),
        (
            models.hostname or "127.0.0.1",
            models.port or 80,
            f"LECTERN_MODELS_URL=http://127.0.0.1:{(models.port or 80) + 1} lectern up",
        ),
        (settings.metrics_host, metrics, f"LECTERN_METRICS_PORT={metrics + 1} lectern up"),
    ]
    for host, port, fix in places:
        if _is_taken(host, port):
            raise Conflict(
                f"Port {port} on {host} is taken by another program.",
                fix=f"Stop that program, or use another port: {fix}",
            )


async def prepare(settings: Settings, database_url: str) -> str:
    """Make what a first start needs, the default tenant's key and a sample lesson.

    Returns:
        An API key of the default tenant.
    """
    database = Database(database_url)
    try:
        lessons = LessonStore(database)
        if not await lessons.list_lessons(DEFAULT_TENANT, limit=1):
            await create_sample_lesson(lessons, DEFAULT_TENANT)
        return await _console_key(settings, ApiKeyStore(database))
    finally:
        await database.dispose()


async def _console_key(settings: Settings, keys: ApiKeyStore) -> str:
    """Return the key kept in the data folder, or make one where there is none that works."""
    path = settings.data_dir / "api_key"
    if path.exists():
        key = path.read_text("ascii").strip()
        try:
            await keys.authenticate(key)
        except NotAuthenticated:
            path.unlink()
        else:
            return key
    _, key = await keys.create(DEFAULT_TENANT, FIRST_KEY_NAME)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _is_taken(host: str, port: int) -> bool:
    if port == 0:
        return False
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return True
    return False
