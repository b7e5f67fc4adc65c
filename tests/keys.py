"""The master key of every test: all of them share one PostgreSQL, as the processes of one do."""

from __future__ import annotations

MASTER_KEY = "a master key of the tests, the same for every process"
