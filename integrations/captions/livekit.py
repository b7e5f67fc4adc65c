"""Captions as LiveKit's clients get transcriptions: text streams on the topic `lk.transcription`.

Source: LiveKit's documentation of text streams and transcriptions, and `TranscriptionAttributes` of
its client SDKs. A later stream with the same segment id replaces the text of the earlier one.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.captions import Caption
from lessons.events import CaptionFinal, PartialCaption

TOPIC: Literal["lk.transcription"] = "lk.transcription"
SEGMENT_ID = "lk.segment_id"
TRACK_ID = "lk.transcribed_track_id"
FINAL = "lk.transcription_final"


EXAMPLE_TEXT_STREAM: JsonDict = {
    "topic": TOPIC,
    "participant_identity": "ada@platform.example",
    "attributes": {
        SEGMENT_ID: "cap_01kb9x5t7v0000000000000000",
        TRACK_ID: "trk_01kb9x5t7v0000000000000000",
        FINAL: "true",
    },
    "text": "three quarters",
}


class TextStream(BaseModel):
    """One text stream, to be sent into a room as it is.

    `participant_identity` is whom the text is of: the platform's own name for them (`external_id`),
    which is what a platform calls them in its rooms; without one, the participant's id.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [EXAMPLE_TEXT_STREAM]})

    topic: Literal["lk.transcription"] = TOPIC
    participant_identity: str
    attributes: dict[str, str] = Field(
        description="lk.segment_id, lk.transcription_final and, unless a person typed the words, "
        "lk.transcribed_track_id"
    )
    text: str


def interim(partial: PartialCaption, identity: str) -> TextStream:
    """Return a partial: all of its words so far, under the id that its final will have too.

    An empty text takes back what was shown of a noise.
    """
    text = f"{partial.stable_text} {partial.unstable_text}".strip()
    return _stream(partial.caption_id, partial.track_id, text, identity, final=False)


def final(caption: CaptionFinal | Caption, identity: str) -> TextStream:
    """Return a final, or one that was corrected: it replaces the text under the same id."""
    return _stream(caption.caption_id, caption.track_id, caption.text, identity, final=True)


def taken_back(caption: PartialCaption | CaptionFinal, identity: str) -> TextStream:
    """Return the end of a segment whose words do not count: nothing is left of them."""
    return _stream(caption.caption_id, caption.track_id, "", identity, final=True)


def _stream(
    segment_id: str, track_id: str | None, text: str, identity: str, *, final: bool
) -> TextStream:
    attributes = {SEGMENT_ID: segment_id, FINAL: "true" if final else "false"}
    if track_id is not None:  # What a person typed was heard on no track.
        attributes[TRACK_ID] = track_id
    return TextStream(participant_identity=identity, attributes=attributes, text=text)
