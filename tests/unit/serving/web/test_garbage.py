"""What is loaded is left out of garbage collection, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
import serving.gateway
from serving.web.garbage import leave_what_is_loaded_alone
loaded = len(gc.get_objects())
leave_what_is_loaded_alone()
print(loaded, gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_a_collection_looks_at_nothing_that_was_loaded_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    loaded, frozen, looked_at = map(int, done.stdout.split())
    assert frozen > loaded / 2
    assert looked_at < loaded / 100
