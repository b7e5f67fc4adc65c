"""What LiteRT writes past Python's logging while a model is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.face_models import require_faces

PROGRAM = """
import os, threading, time
from models.faces.reader import MediapipeFaces

done = threading.Event()
def go_on():
    while not done.is_set():
        os.write(2, b"x\\n")
        time.sleep(0.0005)
other = threading.Thread(target=go_on)
other.start()
MediapipeFaces()
done.set()
other.join()
os.write(2, b"end\\n")
"""


def test_a_log_has_no_line_of_litert_and_every_line_of_others() -> None:
    require_faces()
    root = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, check=True, timeout=60
    )
    lines = done.stderr.splitlines()
    assert lines[-1] == b"end"
    assert set(lines[:-1]) == {b"x"}
