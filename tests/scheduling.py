"""Which tests run beside which where two do: those that start processes go one after another.

They are the first, in one worker, and the other worker gives way to them: a Lectern has deadlines,
and its models give way themselves to whatever else runs.
"""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

BEGAN = pytest.StashKey[bool]()

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


LOWEST_PRIORITY = 19
"""Niceness of a worker beside running processes; Ray's replicas have 15."""


class ProcessesOneByOne(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker whole files, and all those on processes to the same one, before all others.

    So there is one running Lectern at a time.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "processes" if file.startswith(ON_PROCESSES) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Distribute by file as this module says."""
    return ProcessesOneByOne(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests on processes."""
    items.sort(key=lambda item: not item.nodeid.startswith(ON_PROCESSES))


def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Let a worker that begins with other tests give way to the one on processes."""
    if hasattr(item.config, "workerinput") and BEGAN not in item.config.stash:
        item.config.stash[BEGAN] = True
        if not item.nodeid.startswith(ON_PROCESSES):
            os.nice(LOWEST_PRIORITY)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run no test on processes that is not among them: a second Lectern might run beside it."""
    starts = isinstance(item, pytest.Function) and STARTING_PROCESSES & set(item.fixturenames)
    if starts and not item.nodeid.startswith(ON_PROCESSES):
        pytest.fail(f"It uses {', '.join(starts)}: add its file to {__name__}.ON_PROCESSES.")
