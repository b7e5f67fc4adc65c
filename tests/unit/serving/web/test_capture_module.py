"""The one file that platforms load: current, small, whole, and free of other files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from lessons.events import PLATFORM_TYPES
from serving.web.capture_module import CAPTURE_MODULE, ENTRY, bundle

LARGEST_BYTES = 15_000


def test_it_is_made_of_the_modules_as_they_stand() -> None:
    assert CAPTURE_MODULE.read_text("utf-8") == bundle(), (
        "console/capture has changed: run python -m serving.web.capture_module"
    )


def test_it_is_small_and_needs_no_other_file() -> None:
    text = CAPTURE_MODULE.read_text("utf-8")
    assert len(gzip.compress(text.encode(), 9)) < LARGEST_BYTES
    assert re.findall(r"^import\b|\bimport\(", text, re.MULTILINE) == []
    assert re.findall(r"^export class (\w+)", text, re.MULTILINE) == ["Lectern"]


def test_every_event_type_that_it_names_may_be_posted() -> None:
    sources = [path.read_text("utf-8") for path in ENTRY.parent.glob("*.js")]
    named = {name for text in sources for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}
    assert "hand.raised" in named
    assert named <= PLATFORM_TYPES


def test_two_modules_with_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text(
        '/** One. */\n\nimport { two } from "./two.js";\n\nconst a = 1;\n'
    )
    (tmp_path / "two.js").write_text("/** Two. */\n\nconst a = 2;\nexport const two = a;\n")
    with pytest.raises(ValueError, match="'a'"):
        bundle(tmp_path / "one.js")
