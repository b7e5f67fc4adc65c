"""LiveKit transcriptions: the shape that its clients read, by LiveKit's own protocol."""

from __future__ import annotations

from google.protobuf.json_format import ParseDict
from livekit.protocol.models import DataStream

from integrations.captions.livekit import TextStream, final, interim
from lessons.events import PartialCaption
from lessons.roles import Role
from tests.unit.integrations.captions.spoken import caption
from tests.unit.integrations.captions.spoken import final as final_caption


def partial(stable: str, unstable: str) -> PartialCaption:
    return PartialCaption(
        caption_id="cap_1",
        track_id="trk_1",
        participant_id="par_ada",
        role=Role.LEARNER,
        participant_name="Ada",
        revision=1,
        start_ms=0,
        end_ms=500,
        stable_text=stable,
        unstable_text=unstable,
        language="en",
    )


def test_a_partial_is_an_interim_segment_with_all_its_words_so_far() -> None:
    assert interim(partial("three", "quart"), "ada@platform").model_dump() == {
        "topic": "lk.transcription",
        "participant_identity": "ada@platform",
        "attributes": {
            "lk.segment_id": "cap_1",
            "lk.transcribed_track_id": "trk_1",
            "lk.transcription_final": "false",
        },
        "text": "three quart",
    }


def test_a_final_replaces_it_under_the_same_segment_and_so_does_its_correction() -> None:
    said = final(final_caption("three quarters", 0, 900, caption_id="cap_1"), "ada@platform")
    corrected = final(caption("three thirds", 0, 900, caption_id="cap_1"), "ada@platform")
    assert said.attributes == {
        "lk.segment_id": "cap_1",
        "lk.transcribed_track_id": "trk_1",
        "lk.transcription_final": "true",
    }
    assert said.attributes == corrected.attributes
    assert (said.text, corrected.text) == ("three quarters", "three thirds")


def test_a_noise_that_was_shown_is_taken_back() -> None:
    assert interim(partial("", ""), "ada@platform").text == ""


def test_it_is_a_text_stream_of_livekit_s_protocol() -> None:
    stream = interim(partial("three", "quart"), "ada@platform")
    header = ParseDict(as_header(stream), DataStream.Header())
    assert header.topic == "lk.transcription"
    assert dict(header.attributes) == stream.attributes
    assert header.WhichOneof("content_header") == "text_header"


def as_header(stream: TextStream) -> dict[str, object]:
    """Return the header that an SDK makes of `send_text(text, topic=, attributes=)`."""
    return {
        "stream_id": "TS_1",
        "timestamp": 0,
        "topic": stream.topic,
        "mime_type": "text/plain",
        "attributes": stream.attributes,
        "text_header": {},
    }
