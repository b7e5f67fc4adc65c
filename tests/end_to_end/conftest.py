"""Fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.contracts.gateway_thread import GatewayThread, gateway_thread
from tests.end_to_end.browser import run_chromium
from tests.end_to_end.stack import collector, stack

__all__ = ["collector", "stack"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the tests of one file, each of which opens a context of its own.

    Not for longer: as long as Playwright runs, no test of its thread can run an event loop.
    """
    with run_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayThread]:
    """A gateway in this process, for the tests of one file, each of which has its own tenant."""
    with gateway_thread(database_url, tmp_path_factory.mktemp("gateway")) as running:
        yield running
