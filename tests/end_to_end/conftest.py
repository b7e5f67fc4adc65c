"""Fixtures of the end-to-end tests."""

from tests.end_to_end.stack import collector, stack

__all__ = ["collector", "stack"]
