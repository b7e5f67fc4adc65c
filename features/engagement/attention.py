"""Whether the lesson is in front on a learner's screen, and how long anything stays there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.engagement.catalogue import COLUMNS, LONGEST_SINCE_S
from features.engagement.columns import Columns, rows_of
from features.engagement.stays import Stays
from features.engagement.table import LOOK_BACK, Count, LearnerTable, Since
from features.engagement.toggles import Toggle
from features.engagement.told import Told
from features.engagement.windows import WINDOW_MS
from lessons.events import AttentionBlurred, AttentionFocused

REMEMBERED_MS = 300_000
"""Changes of tab and window that may still come late are put among those of this time."""

MINUTE_MS = 60_000.0


class Attention:
    """Reads that the lesson came to the front or went behind something else."""

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self._switches: defaultdict[int, _Switches] = defaultdict(_Switches)

    def read(self, column: int, told: Told) -> None:
        """Read one such change."""
        data: AttentionFocused | AttentionBlurred = told.data
        switches = self._switches[column]
        if isinstance(data, AttentionBlurred):
            away = switches.hidden if data.surface == "tab" else switches.unfocused
            away.set(told.at_ms, on=True)
        else:
            switches.hidden.set(told.at_ms, on=False)
            switches.unfocused.set(told.at_ms, on=False)
        switches.stays.change(told.at_ms)
        self._table.count(Count.FOCUS_SWITCHES, column, told.at_ms)

    def forget(self, column: int) -> None:
        """Forget what was in front on a learner's screen."""
        self._switches.pop(column, None)

    def put(self, columns: Columns) -> None:
        """Put shares of time behind others, and what stays tell."""
        unknown = np.ones(self._table.size, dtype=bool)
        inputs = self._table.inputs_by_window(LOOK_BACK)
        for column, switches in self._switches.items():
            unknown[column] = False
            switches.forget(columns.end_ms - REMEMBERED_MS)
            self._put_stays(columns, column, switches.stays, inputs[:, column])
            self._see_other_devices(column, switches.hidden, columns.end_ms)
            since_ms = switches.hidden.on_since(columns.end_ms)
            columns.put_one(_ATTENTION, column, switches.shares(columns, column))
            hidden_s = 0.0 if since_ms is None else (columns.end_ms - since_ms) / 1_000
            columns.values[_HIDDEN_FOR, column] = min(hidden_s, LONGEST_SINCE_S)
        columns.miss(_TOLD_BY_ATTENTION, unknown)

    def _put_stays(
        self, columns: Columns, column: int, stays: Stays, inputs: NDArray[np.float64]
    ) -> None:
        """Put how long the stay has been that goes on, what was done in it, and those before."""
        end_ms = columns.end_ms
        since_ms = stays.since(end_ms)
        if since_ms is None:
            return
        before_ms = stays.before_ms(end_ms)
        brief = stays.brief_share(end_ms - float(columns.span_ms("120s")[column]), end_ms)
        stayed_s = (end_ms - since_ms) / 1_000
        row = [
            min(stayed_s, LONGEST_SINCE_S),
            np.nan if before_ms is None else min(before_ms / 1_000, LONGEST_SINCE_S),
            np.nan if brief is None else brief,
            _rate_since(inputs, since_ms, end_ms),
        ]
        columns.put_one(_STAYS, column, row)

    def _see_other_devices(self, column: int, hidden: Toggle, end_ms: float) -> None:
        """Take input while the tab is hidden for that of another device, on which it is not."""
        since, last = hidden.on_since(end_ms), float(self._table.last[Since.INPUT, column])
        if since is not None and last > since + 2 * WINDOW_MS:
            hidden.set(last, on=False)


@dataclass(slots=True)
class _Switches:
    """Whether the tab of one learner was hidden, and whether another window was in front."""

    hidden: Toggle = field(default_factory=Toggle)
    unfocused: Toggle = field(default_factory=Toggle)
    stays: Stays = field(default_factory=Stays)

    def forget(self, before_ms: float) -> None:
        """Drop changes that no feature looks back to."""
        self.hidden.forget(before_ms)
        self.unfocused.forget(before_ms)
        self.stays.forget(before_ms)

    def shares(self, columns: Columns, column: int) -> list[float]:
        """Return the shares of time in the order of `_BEHIND`."""
        end_ms = columns.end_ms
        shares = []
        for name, span in _BEHIND:
            toggle = self.hidden if name == "hidden" else self.unfocused
            length_ms = float(columns.span_ms(span)[column])
            shares.append(toggle.on_ms(end_ms - length_ms, end_ms) / length_ms)
        return shares


def _rate_since(inputs: NDArray[np.float64], since_ms: float, end_ms: float) -> float:
    """Return inputs a minute since a moment; a window that it lies in counts by its part.

    Args:
        inputs: of the last windows, shape (windows,); what lies before them is not looked at.
    """
    windows = min((end_ms - since_ms) / WINDOW_MS, float(len(inputs)))
    whole = int(windows)
    total = float(inputs[len(inputs) - whole :].sum())
    if whole < windows:
        total += float(inputs[len(inputs) - whole - 1]) * (windows - whole)
    return total / windows * MINUTE_MS / WINDOW_MS


_BEHIND = (
    ("hidden", "5s"),
    ("hidden", "30s"),
    ("hidden", "120s"),
    ("unfocused", "30s"),
    ("unfocused", "120s"),
)
_ATTENTION = rows_of(f"{name}_{span}" for name, span in _BEHIND)
_HIDDEN_FOR = COLUMNS["hidden_for_s"]
_TOLD_BY_ATTENTION = rows_of(("focus_switches_30s", "focus_switches_120s", "hidden_for_s"))
_STAYS = rows_of(
    ("since_focus_switch_s", "stay_before_s", "brief_focus_share_120s", "input_since_switch")
)
