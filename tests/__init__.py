"""Tests. These are packages down to where tests share something: see `tests/end_to_end`."""
