"""What a browser tells of its user's input and of the lesson's tab: counts, never which keys."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from features.engagement.catalogue import COLUMNS, LONGEST_SINCE_S
from features.engagement.columns import SPANS, Columns, places_of, rows_of
from features.engagement.table import Count, Held, LearnerTable, Since
from features.engagement.toggles import Toggle
from features.engagement.told import Told
from features.engagement.windows import WINDOW_MS
from lessons.events import ActivityBucket, ActivityCounted, AttentionBlurred, AttentionFocused

SILENT_MS = 20_000
"""A browser tells of input within 5 s and of none within 15; after this, nothing is known of it."""

REMEMBERED_MS = 300_000
"""Changes of tab and window that may still come late are put among those of this time."""

FEWEST_ACTIVE = 6
"""Windows with input that evenness is judged on."""

MINUTE_MS = 60_000.0

_KINDS = (
    (Count.KEYS, "keys"),
    (Count.CLICKS, "clicks"),
    (Count.POINTER, "pointer"),
    (Count.SCROLLS, "scrolls"),
    (Count.EDITS, "edits"),
)


class Browser:
    """Reads counts of input, and whether the lesson is in front."""

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self._switches: defaultdict[int, _Switches] = defaultdict(_Switches)

    def activity(self, column: int, told: Told) -> None:
        """Read counts into the windows that they lie in."""
        data: ActivityCounted = told.data
        for number, bucket in enumerate(data.buckets):
            start = data.start_ms + told.shift_ms + number * data.bucket_ms
            self._read_bucket(column, bucket, start, start + data.bucket_ms)
        self._table.mark(Since.REPORT, column, data.end_ms + told.shift_ms)

    def attention(self, column: int, told: Told) -> None:
        """Read that the lesson came to the front or went behind something else."""
        data: AttentionFocused | AttentionBlurred = told.data
        switches = self._switches[column]
        if isinstance(data, AttentionBlurred):
            away = switches.hidden if data.surface == "tab" else switches.unfocused
            away.set(told.at_ms, on=True)
        else:
            switches.hidden.set(told.at_ms, on=False)
            switches.unfocused.set(told.at_ms, on=False)
        self._table.count(Count.FOCUS_SWITCHES, column, told.at_ms)

    def idle(self, column: int, told: Told) -> None:
        """Read that there has been no input for a while."""
        since_ms = max(0.0, told.at_ms - told.data.idle_ms)
        self._table.hold(Held.IDLE_MS, column, since_ms, told.at_ms)
        self._table.mark(Since.INPUT, column, since_ms)

    def active(self, column: int, told: Told) -> None:
        """Read that there is input again."""
        self._table.hold(Held.IDLE_MS, column, float("nan"), told.at_ms)
        self._table.mark(Since.INPUT, column, told.at_ms)

    def forget(self, column: int) -> None:
        """Forget what a learner's browser told."""
        self._switches.pop(column, None)
        self._table.held[Held.IDLE_MS, column] = np.nan
        self._table.clear(column, _COUNTS, (Since.INPUT, Since.REPORT))

    def put(self, columns: Columns) -> None:
        """Put rates over the time that browsers told of, and shares of time behind others."""
        self._put_counts(columns)
        self._put_evenness(columns)
        self._put_attention(columns)

    def _read_bucket(
        self, column: int, bucket: ActivityBucket, start_ms: float, end_ms: float
    ) -> None:
        table, length = self._table, end_ms - start_ms
        table.spread(Count.REPORTED_MS, column, start_ms, end_ms, length)
        amounts = {
            Count.KEYS: bucket.key_presses,
            Count.CLICKS: bucket.clicks,
            Count.POINTER: bucket.pointer_moves,
            Count.SCROLLS: bucket.scrolls,
            Count.EDITS: bucket.edits + bucket.chat_messages,
        }
        kinds = [kind for kind, amount in amounts.items() if amount]
        for kind in kinds:
            table.spread(kind, column, start_ms, end_ms, amounts[kind])
        if kinds:
            table.spread(Count.ACTIVE_MS, column, start_ms, end_ms, length)
            table.mark(Since.INPUT, column, end_ms)
        if kinds == [Count.POINTER]:
            table.spread(Count.POINTER_ONLY_MS, column, start_ms, end_ms, length)

    def _put_counts(self, columns: Columns) -> None:
        silent_ms = columns.end_ms - self._table.last[Since.REPORT]
        idle_ms = columns.end_ms - self._table.held[Held.IDLE_MS]
        tells = silent_ms <= SILENT_MS
        # A browser that told lately and says nothing has nothing to tell.
        quiet_ms = np.fmax(idle_ms, np.where(tells, silent_ms, 0.0))
        sums = columns.sums
        told = sums[:, Count.REPORTED_MS] + np.minimum(quiet_ms, columns.there_ms)
        told = np.minimum(told, columns.there_ms)
        told = np.where(told > 0, told, np.nan)
        rows, places, kinds = _RATES
        columns.put_rows(rows, sums[places, kinds] * MINUTE_MS / told[places])
        rows, places = _INPUT
        inputs = sums[:, Count.KEYS : Count.REPORTED_MS].sum(axis=1)
        columns.put_rows(rows, (inputs * MINUTE_MS / told)[places])
        rows, places = _ACTIVE
        columns.put_rows(rows, np.minimum(sums[:, Count.ACTIVE_MS] / told, 1.0)[places])
        columns.put("reported_share_120s", (told / columns.there_ms)[places[1]])
        columns.miss(_RECENT, ~tells & np.isnan(idle_ms))

    def _put_evenness(self, columns: Columns) -> None:
        """Put what tells a machine's input: counts that hardly differ."""
        inputs = self._table.inputs_by_window(SPANS["120s"])
        number = (inputs > 0).sum(axis=0)
        some = np.maximum(number, 1)
        mean = inputs.sum(axis=0) / some
        spread = np.maximum((inputs**2).sum(axis=0) / some - mean**2, 0.0)
        evenness = mean / np.where(mean > 0, mean + spread, 1.0)
        columns.put("input_evenness_120s", np.where(number >= FEWEST_ACTIVE, evenness, np.nan))

    def _put_attention(self, columns: Columns) -> None:
        unknown = np.ones(self._table.size, dtype=bool)
        for column, switches in self._switches.items():
            unknown[column] = False
            switches.forget(columns.end_ms - REMEMBERED_MS)
            self._see_other_devices(column, switches.hidden, columns.end_ms)
            since_ms = switches.hidden.on_since(columns.end_ms)
            columns.put_one(_ATTENTION, column, switches.shares(columns, column))
            hidden_s = 0.0 if since_ms is None else (columns.end_ms - since_ms) / 1_000
            columns.values[_HIDDEN_FOR, column] = min(hidden_s, LONGEST_SINCE_S)
        columns.miss(_TOLD_BY_ATTENTION, unknown)

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

    def forget(self, before_ms: float) -> None:
        """Drop changes that no feature looks back to."""
        self.hidden.forget(before_ms)
        self.unfocused.forget(before_ms)

    def shares(self, columns: Columns, column: int) -> list[float]:
        """Return the shares of time in the order of `_BEHIND`."""
        end_ms = columns.end_ms
        shares = []
        for name, span in _BEHIND:
            toggle = self.hidden if name == "hidden" else self.unfocused
            length_ms = float(columns.span_ms(span)[column])
            shares.append(toggle.on_ms(end_ms - length_ms, end_ms) / length_ms)
        return shares


_COUNTS = tuple(Count(number) for number in range(Count.KEYS, Count.BOARD))

_NAMES = {
    f"{name}_{span}": kind for kind, name in _KINDS for span in SPANS if f"{name}_{span}" in COLUMNS
}
_RATES = (rows_of(_NAMES), places_of(_NAMES), np.array(list(_NAMES.values()), dtype=np.intp))


def _spans_of(prefix: str) -> list[str]:
    return [f"{prefix}_{span}" for span in SPANS if f"{prefix}_{span}" in COLUMNS]


_INPUT = (rows_of(_spans_of("input")), places_of(_spans_of("input")))
_ACTIVE = (rows_of(_spans_of("active_share")), places_of(_spans_of("active_share")))
_RECENT = rows_of(("input_5s", "keys_5s", "pointer_5s", "since_input_s"))
_BEHIND = (
    ("hidden", "5s"),
    ("hidden", "30s"),
    ("hidden", "120s"),
    ("unfocused", "30s"),
    ("unfocused", "120s"),
)
_ATTENTION = rows_of(f"{name}_{span}" for name, span in _BEHIND)
_HIDDEN_FOR = COLUMNS["hidden_for_s"]
_TOLD_BY_ATTENTION = rows_of(("focus_switches_120s", "hidden_for_s"))
