"""Which tests run by themselves: those on running processes of Lectern, whose deadlines are real.

`make test` runs the others two at a time, and these afterwards, one after another.
"""

from __future__ import annotations

import pytest

STARTING_PROCESSES = frozenset({"stack", "two_nodes"})
"""Fixtures that start processes of Lectern, or Ray."""

ON_PROCESSES = (
    "tests/end_to_end/models/",
    "tests/end_to_end/test_browser_lesson.py",
    "tests/end_to_end/test_camera.py",
    "tests/end_to_end/test_capture_media.py",
    "tests/end_to_end/test_client_apis.py",
    "tests/end_to_end/test_console_pages.py",
    "tests/end_to_end/test_models_restart.py",
    "tests/end_to_end/test_observability.py",
    "tests/end_to_end/test_published_files.py",
    "tests/end_to_end/test_up.py",
    "tests/faults/test_worker_killed.py",
)
"""Files and folders of tests on such processes, by those fixtures or by some of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests on processes, for `-m processes` and `-m "not processes"`."""
    for item in items:
        if item.nodeid.startswith(ON_PROCESSES):
            item.add_marker("processes")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run no test on processes that is not among them: a second Lectern might run beside it."""
    starts = isinstance(item, pytest.Function) and STARTING_PROCESSES & set(item.fixturenames)
    if starts and item.get_closest_marker("processes") is None:
        pytest.fail(f"It uses {', '.join(starts)}: add its file to {__name__}.ON_PROCESSES.")
