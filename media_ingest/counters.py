"""What a track lost or had mended on its way in. Nothing is dropped uncounted."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class TrackCounters:
    """Running totals of one track, from its first packet on.

    Attributes:
        audio_frames_dropped: audio frames that a full queue refused.
        video_frames_dropped: video frames that a full queue refused.
        windows_dropped: speech windows that a full buffer refused.
        stale_frames: frames that came after later ones had been placed (late or duplicate).
        timestamp_resets: times the sender's RTP timestamps were placed anew.
        samples_replaced: samples that were not finite and became silence.
        gaps_bridged: short gaps filled with silence.
        gaps_cut: long gaps, each of which ended the utterance before it.
        packets_undecodable: packets or frames that the decoder refused.
    """

    audio_frames_dropped: int = 0
    video_frames_dropped: int = 0
    windows_dropped: int = 0
    stale_frames: int = 0
    timestamp_resets: int = 0
    samples_replaced: int = 0
    gaps_bridged: int = 0
    gaps_cut: int = 0
    packets_undecodable: int = 0

    def as_dict(self) -> dict[str, int]:
        """The totals by name, for a log line or a status page."""
        return asdict(self)
