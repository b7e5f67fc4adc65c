"""Consent: purposes, bases, and whether a decision covers what is about to be captured."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Purpose(StrEnum):
    """What a participant's data is captured or used for."""

    AUDIO = "audio"
    VIDEO = "video"
    CAPTIONS = "captions"
    SIGNALS = "signals"
    ACTIVITY = "activity"
    RECORDING = "recording"
    SHARING = "sharing"


class Basis(StrEnum):
    """Who consented, or what stands in for it."""

    OWN = "own"
    GUARDIAN = "guardian"
    SCHOOL_CONTRACT = "school_contract"


PURPOSE_MEANINGS: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.AUDIO: "sending a microphone into the lesson",
        Purpose.VIDEO: "sending a camera into the lesson",
        Purpose.CAPTIONS: "turning speech into text that is kept",
        Purpose.SIGNALS: "signals about participation that a model computes",
        Purpose.ACTIVITY: "counting attention and activity in the browser",
        Purpose.RECORDING: "working through an uploaded recording of the voice",
        Purpose.SHARING: "passing the person's events on to webhooks of other systems",
    }
)
"""What each purpose covers, in plain words."""
