"""Names of windows: they say of which caption a window is and why it is asked about.

A window's id goes with it to every process that works on it, so each of them knows the caption, and
by the caption's id its trace, without anything more on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from models.captions.interface import CaptionWindow

WindowClass: TypeAlias = Literal["final", "speculative", "partial"]


@dataclass(frozen=True, slots=True)
class WindowName:
    """The parts of a live window's id.

    Attributes:
        caption_id: the caption that its words are for.
        kind: whether the utterance has ended, a pause has begun, or somebody speaks on.
        samples: its length, which tells windows of one utterance apart.
    """

    caption_id: str
    kind: WindowClass
    samples: int

    def __str__(self) -> str:
        return f"{self.caption_id}/{self.kind}/{self.samples}"

    @classmethod
    def read(cls, window_id: str) -> WindowName | None:
        """Return the parts of an id; None where the window is of no live caption."""
        caption_id, _, rest = window_id.partition("/")
        kind, _, samples = rest.partition("/")
        if kind not in get_args(WindowClass) or not samples.isdecimal():
            return None
        return cls(caption_id, cast(WindowClass, kind), int(samples))


def class_of(window: CaptionWindow) -> WindowClass:
    """Return why a window is asked about; whoever else asks wants a final or a partial."""
    name = WindowName.read(window.id)
    if name is not None:
        return name.kind
    return "final" if window.final else "partial"
