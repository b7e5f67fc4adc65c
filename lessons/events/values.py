"""Kinds of values that many events share: names given by platforms, times, counts and scores."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

LARGEST_COUNT = 2**31 - 1
"""Bound of counts and of times in milliseconds (24.8 days): exact in every reader's JSON."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
"""An id that a platform or Lectern gave to something."""

Title = Annotated[str, Field(min_length=1, max_length=500)]
"""A line for people to read."""

Milliseconds = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
"""A span, or a point on the lesson clock."""

Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
"""How many."""

Ordinal = Annotated[int, Field(ge=1, le=LARGEST_COUNT)]
"""Which one, counted from 1."""

Score = Annotated[float, Field(ge=0, le=1e9)]
"""Points reached."""

FullScore = Annotated[float, Field(gt=0, le=1e9)]
"""Points that could be reached."""
