"""docs/engagement-features.md is made from the features that there are."""

from __future__ import annotations

from pathlib import Path

from features.engagement.page import features_page

PAGE = Path(__file__).parents[2] / "docs" / "engagement-features.md"


def test_the_page_lists_what_is_looked_at() -> None:
    made = features_page()
    assert PAGE.read_text("utf-8") == made, "python -m features.engagement.page > " + str(PAGE)
