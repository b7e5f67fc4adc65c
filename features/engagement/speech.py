"""What was said, by whom and how much, read into the table; questions are found on the way."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

import numpy as np

from features.engagement.catalogue import FEATURES, Modality
from features.engagement.columns import SPANS, Columns, places_of, rows_of
from features.engagement.questions import Question, Questions
from features.engagement.roster import Roster
from features.engagement.table import Count, Held, LearnerTable, Since
from features.engagement.talk import Talk
from features.engagement.told import Told
from features.engagement.windows import WINDOW_MS
from features.languages.asking import asks_for_help, questions_in
from features.languages.language_words import words_if_known
from lessons.events import (
    CaptionFinal,
    SpeakingStarted,
    SpeakingStopped,
    TrackEnded,
    TrackMuted,
    TrackPublished,
)

CAPTIONS_KEPT = 500
"""Captions whose similarity to the objective may still come."""


class Speech:
    """Reads speaking turns, captions and microphones.

    Attributes:
        talk: who spoke when.
        questions: what those who teach asked.
    """

    def __init__(self, table: LearnerTable, roster: Roster) -> None:
        self._table = table
        self._roster = roster
        self._tracks: defaultdict[int, set[str]] = defaultdict(set)
        self._heard: set[int] = set()
        self._captions: OrderedDict[str, tuple[int, float, int]] = OrderedDict()
        self.talk = Talk()
        self.questions = Questions(roster, self.talk)

    def speaking(self, told: Told) -> int | None:
        """Read that somebody began or stopped; return the column of a learner."""
        data: SpeakingStarted | SpeakingStopped = told.data
        who = told.event.subject or ""
        start_ms = max(0.0, data.start_ms + told.shift_ms)
        if isinstance(data, SpeakingStarted):
            self.talk.begin(who, data.utterance_id, start_ms)
            return self._roster.enter(who, start_ms)
        self.talk.end(who, data.utterance_id)
        return self._spoke(who, start_ms, data.end_ms + told.shift_ms)

    def caption(self, told: Told) -> int | None:
        """Read what somebody said; return the column of a learner."""
        data: CaptionFinal = told.data
        who = data.participant_id
        self._roster.know_if_unknown(who, data.role)
        column = self._spoke(who, data.start_ms, data.end_ms)
        if self._roster.teaches(who):
            self.questions.take_caption(data)
        if column is not None:
            self._read_words(column, data, told.event.id)
            self._roster.note(column, "words", told.event.id)
        return column

    def microphone(self, told: Told) -> None:
        """Read that somebody's microphone came, went, or was muted."""
        data: TrackPublished | TrackEnded | TrackMuted = told.data
        at_ms = told.at_ms
        if data.kind != "audio":
            return
        if isinstance(data, TrackPublished):
            column = self._roster.enter(data.participant_id, at_ms)
        else:
            column = self._roster.column(data.participant_id)
        if column is None:
            return
        if isinstance(data, TrackMuted):
            self._table.hold(Held.MUTED, column, float(data.muted), at_ms)
        elif isinstance(data, TrackEnded):
            self._tracks[column].discard(data.track_id)
        elif data.source == "live":
            self._tracks[column].add(data.track_id)
            self._table.hold(Held.MUTED, column, 0.0, at_ms)

    def similarity(self, caption_id: str, similarity: float) -> None:
        """Take how like a learner's caption is to the objective, -1..1."""
        known = self._captions.pop(caption_id, None)
        if known is None:
            return
        column, end_ms, words = known
        self._table.count(Count.TOPIC_WORDS, column, end_ms, words)
        self._table.count(Count.TOPIC, column, end_ms, words * similarity)

    def go_on(self, end_ms: float) -> list[Question]:
        """Read who is speaking at the end of a window; return the questions that settled."""
        for who, start_ms, until_ms in self.talk.go_on(end_ms):
            self._spoke(who, start_ms, until_ms)
        settled = self.questions.settle(end_ms)
        for question in settled:
            for who, at_ms in question.answers.items():
                column = self._roster.column(who)
                if column is not None:
                    latency = max(0.0, at_ms - question.asked_at_ms)
                    self._table.hold(Held.RESPONSE_LATENCY_MS, column, latency, at_ms)
        return settled

    def put(self, columns: Columns) -> None:
        """Put how much of the time and of the group's talk each learner spoke, and answered."""
        rows, places = _TALK
        spoken_ms = columns.sums[places, Count.TALK_MS]
        columns.put_rows(rows, np.minimum(spoken_ms / columns.there_ms[places], 1.0))
        lately_ms = columns.sum_of("300s", Count.TALK_MS)
        total_ms = lately_ms.sum()
        columns.put("group_share_300s", lately_ms / (total_ms if total_ms > 0 else np.nan))
        came = self._table.held[Held.JOINED_MS].tolist()
        columns.put("responses_share_600s", self.questions.answered_shares(came, columns.end_ms))
        silent = [not self._tracks[n] and n not in self._heard for n in range(self._table.size)]
        columns.miss(_ROWS, np.array(silent, dtype=bool))

    def tutor_share(self, end_ms: float, windows: int) -> float:
        """Return for which share of the last windows those who teach spoke; NaN: never heard."""
        teachers = [one for one in self._roster.teaching if one in self.talk.people]
        if not teachers:
            return float("nan")
        start_ms = max(0.0, end_ms - windows * WINDOW_MS)
        spoken = sum(self.talk.of(one).within(start_ms, end_ms) for one in teachers)
        return min(1.0, spoken / (end_ms - start_ms))

    def _spoke(self, participant_id: str, start_ms: float, end_ms: float) -> int | None:
        spans = self.talk.of(participant_id)
        is_a_turn = spans.is_a_turn(start_ms, end_ms)
        pieces = spans.add(start_ms, end_ms)
        column = self._roster.enter(participant_id, start_ms)
        if column is None:
            return None
        self._heard.add(column)
        for piece_start, piece_end in pieces:
            length = piece_end - piece_start
            self._table.spread(Count.TALK_MS, column, piece_start, piece_end, length)
        if pieces:
            self._table.mark(Since.TALK, column, end_ms)
            self._table.count(Count.TURNS, column, start_ms, is_a_turn)
        return column

    def _read_words(self, column: int, data: CaptionFinal, event_id: str) -> None:
        words = len(data.text.split())
        self._table.spread(Count.WORDS, column, data.start_ms, data.end_ms, words)
        self._captions[data.caption_id] = (column, data.end_ms, words)
        if len(self._captions) > CAPTIONS_KEPT:
            self._captions.popitem(last=False)
        known = words_if_known(data.language)
        if known is None:
            return
        asked = len(questions_in(data.text, known))
        self._table.count(Count.QUESTIONS_SPOKEN, column, data.end_ms, asked)
        if asks_for_help(data.text, known):
            self._table.count(Count.HELP_SPOKEN, column, data.end_ms)
            self._roster.note(column, "help", event_id)


_TALK = (rows_of(f"talk_{span}" for span in SPANS), places_of(f"talk_{span}" for span in SPANS))

_ROWS = rows_of(one.name for one in FEATURES if one.modality is Modality.SPEECH)
"""What is missing of a learner without a microphone."""
