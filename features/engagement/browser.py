"""What a browser tells of its user's input and of the lesson's tab: counts, never which keys."""

from __future__ import annotations

import numpy as np

from features.engagement.attention import Attention
from features.engagement.catalogue import COLUMNS
from features.engagement.columns import SPANS, Columns, places_of, rows_of
from features.engagement.table import Count, Held, LearnerTable, Since
from features.engagement.told import Told
from lessons.events import ActivityBucket, ActivityCounted

SILENT_MS = 20_000
"""A browser tells of input within 5 s and of none within 15; after this, nothing is known of it."""

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
    """Reads counts of input.

    Attributes:
        attention: reads whether the lesson is in front.
    """

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self.attention = Attention(table)

    def activity(self, column: int, told: Told) -> None:
        """Read counts into the windows that they lie in."""
        data: ActivityCounted = told.data
        for number, bucket in enumerate(data.buckets):
            start = data.start_ms + told.shift_ms + number * data.bucket_ms
            self._read_bucket(column, bucket, start, start + data.bucket_ms)
        self._table.mark(Since.REPORT, column, data.end_ms + told.shift_ms)

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
        self.attention.forget(column)
        self._table.held[Held.IDLE_MS, column] = np.nan
        self._table.clear(column, _COUNTS, (Since.INPUT, Since.REPORT))

    def put(self, columns: Columns) -> None:
        """Put rates over the time that browsers told of, and shares of time behind others."""
        self.attention.put(columns)
        self._put_counts(columns)
        self._put_evenness(columns)

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


_COUNTS = tuple(Count(number) for number in range(Count.KEYS, Count.BOARD))

_NAMES = {
    f"{name}_{span}": kind for kind, name in _KINDS for span in SPANS if f"{name}_{span}" in COLUMNS
}
_RATES = (rows_of(_NAMES), places_of(_NAMES), np.array(list(_NAMES.values()), dtype=np.intp))


def _spans_of(prefix: str) -> list[str]:
    return [f"{prefix}_{span}" for span in SPANS if f"{prefix}_{span}" in COLUMNS]


_INPUT = (rows_of(_spans_of("input")), places_of(_spans_of("input")))
_ACTIVE = (rows_of(_spans_of("active_share")), places_of(_spans_of("active_share")))
_RECENT = rows_of(("input_5s", "keys_5s", "pointer_5s", "since_input_s", "input_since_switch"))
