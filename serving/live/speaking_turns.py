"""Who speaks when, by voice activity alone: events that need no captions and no platform."""

from __future__ import annotations

from lessons.events import EventData, EventDraft, SpeakingStarted, SpeakingStopped
from lessons.identifiers import new_id
from media_ingest.frames import SpeechWindow
from serving.live.caption_drafts import Speaker


class SpeakingTurns:
    """Turns one track's windows into `speaking.started` and `speaking.stopped`.

    A turn is what somebody says from one pause to the next: utterances that the cutter parted while
    they spoke are one turn.

    Args:
        speaker: whose track it is.
    """

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._open = False
        self._utterance_id = ""
        self._start_ms = 0

    def take(self, window: SpeechWindow) -> list[EventDraft]:
        """Return what the next window of the track, in order, tells of who speaks."""
        drafts = []
        if not self._open:
            self._open = True
            self._utterance_id = new_id("utt")
            self._start_ms = max(0, round(window.start_ms))
            drafts.append(self._draft(self._started(), self._start_ms))
        if window.ends_utterance and not window.goes_on:
            self._open = False
            stopped = self._stopped(max(self._start_ms, round(window.speech_end_ms)))
            drafts.append(self._draft(stopped, stopped.end_ms))
        return drafts

    def _started(self) -> SpeakingStarted:
        return SpeakingStarted(
            utterance_id=self._utterance_id,
            start_ms=self._start_ms,
            track_id=self._speaker.track_id,
            detected_by="voice_activity",
        )

    def _stopped(self, end_ms: int) -> SpeakingStopped:
        return SpeakingStopped(
            utterance_id=self._utterance_id,
            start_ms=self._start_ms,
            end_ms=end_ms,
            track_id=self._speaker.track_id,
            detected_by="voice_activity",
        )

    def _draft(self, data: EventData, at_ms: int) -> EventDraft:
        return EventDraft(data, at_ms, self._speaker.participant_id)
