"""The embedded PostgreSQL as a process of its own, which sees to it that the server stays up."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg

from lessons.errors import Unavailable
from lessons.store import EmbeddedPostgres

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
CONNECT_SECONDS = 5


def run_postgres(data_dir: Path, tell: Callable[[str], None]) -> None:
    """Keep the server of this folder running until SIGINT or SIGTERM.

    Args:
        data_dir: the server's data folder.
        tell: told the server's URL, once.

    Raises:
        Unavailable: it does not start.
    """
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    tell(url)
    try:
        while not told_to_stop.wait(CHECK_SECONDS):
            if not _answers(url):
                logger.warning("PostgreSQL does not answer; starting it again")
                _start_again(server)
    finally:
        server.stop()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        # "The database system is starting up" and "too many clients" are answers too.
        return error.sqlstate is not None
    return True


def _start_again(server: EmbeddedPostgres) -> None:
    try:
        server.start()
    except Unavailable as error:
        logger.error("%s", error)
