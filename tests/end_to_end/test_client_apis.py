"""Vendors' own clients, unmodified, against a real gateway and a real engine."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from deepgram import DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from openai.types.audio import TranscriptionVerbose
from websockets.exceptions import InvalidStatus

from media_ingest.frames import SAMPLE_RATE
from tests.end_to_end.stack import Stack
from tests.media import sample_speech, write_speech

SECONDS_OF_SPEECH = 4.0
SENT_AT_ONCE = 0.25
"""Seconds of audio in one message; sent as fast as the gateway takes them."""
INTERIM_PIECES = 8
"""Messages after which somebody is in the middle of a sentence."""
PATIENCE_SECONDS = 60


@pytest.fixture
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=stack.api_key, base_url=f"{stack.url}/v1", max_retries=0) as made:
        yield made


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    return write_speech(tmp_path / "tutor.wav", SECONDS_OF_SPEECH)


def pcm(rate: int, seconds: float = SECONDS_OF_SPEECH, silence_seconds: float = 1.5) -> bytes:
    """The beginning of the sample and a pause, as 16-bit PCM at a rate."""
    heard = np.concatenate(
        [sample_speech("tutor", seconds), np.zeros(int(silence_seconds * SAMPLE_RATE))]
    )
    at = np.arange(0, len(heard), SAMPLE_RATE / rate)
    samples = np.interp(at, np.arange(len(heard)), heard)
    return bytes((np.clip(samples, -1, 1) * 32767).astype("<i2"))


def pieces(audio: bytes, rate: int) -> Iterator[bytes]:
    size = 2 * int(rate * SENT_AT_ONCE)
    for start in range(0, len(audio), size):
        yield audio[start : start + size]


class TestOpenAITranscriptions:
    def test_a_file_becomes_text_and_says_what_heard_it(
        self, client: openai.OpenAI, speech: Path
    ) -> None:
        answer = client.audio.transcriptions.with_raw_response.create(
            model="whisper-1", file=speech, language="en"
        )
        assert answer.headers["lectern-engine"].startswith("pocketsphinx/")
        told = answer.parse()
        assert "morning" in told.text
        assert told.usage is not None
        assert told.usage.type == "duration"

    def test_verbose_json_has_segments_and_words_in_order(
        self, client: openai.OpenAI, speech: Path
    ) -> None:
        told = client.audio.transcriptions.create(
            model="whisper-1",
            file=speech,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
        assert isinstance(told, TranscriptionVerbose)
        assert told.duration == pytest.approx(SECONDS_OF_SPEECH, abs=0.1)
        assert told.segments
        assert told.words
        assert " ".join(word.word for word in told.words) == told.text
        starts = [word.start for word in told.words]
        assert starts == sorted(starts)
        assert all(0 <= word.start <= word.end <= told.duration + 0.1 for word in told.words)

    def test_subtitles_and_text_come_as_such(self, client: openai.OpenAI, tmp_path: Path) -> None:
        speech = write_speech(tmp_path / "short.wav", 2)

        def in_format(name: Any) -> str:
            told: Any = client.audio.transcriptions.create(
                model="whisper-1", file=speech, response_format=name
            )
            return str(told)

        assert in_format("vtt").startswith("WEBVTT\n\n00:00:0")
        assert in_format("srt").startswith("1\n00:00:0")
        assert "morning" in in_format("text")

    def test_a_stream_only_adds_and_ends_with_the_whole(
        self, client: openai.OpenAI, tmp_path: Path
    ) -> None:
        longer = write_speech(tmp_path / "longer.wav", 18)
        events = list(
            client.audio.transcriptions.create(model="gpt-4o-transcribe", file=longer, stream=True)
        )
        deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
        done = events[-1]
        assert done.type == "transcript.text.done"
        assert len(deltas) > 1
        assert "".join(deltas) == done.text

    def test_errors_are_the_clients_own(self, client: openai.OpenAI, speech: Path) -> None:
        create = client.audio.transcriptions.create
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="lk_key_of_nobody").audio.transcriptions.create(
                model="whisper-1", file=speech
            )
        with pytest.raises(openai.BadRequestError, match="does not transcribe 'de'") as refused:
            create(model="whisper-1", file=speech, language="de")
        assert refused.value.param == "language"
        with pytest.raises(openai.BadRequestError, match="not told apart"):
            create(model="gpt-4o-transcribe-diarize", file=speech)
        with pytest.raises(openai.BadRequestError, match="cannot be read as audio"):
            create(model="whisper-1", file=("notes.txt", b"no audio at all, but text" * 20))

    def test_a_participant_is_told_to_publish_instead(self, stack: Stack, speech: Path) -> None:
        with stack.client() as api:
            lesson = api.post("/v1/lessons", json={"title": "Fractions"}).json()["id"]
            person = api.post(
                f"/v1/lessons/{lesson}/participants", json={"name": "Ada", "role": "learner"}
            ).json()["id"]
            path = f"/v1/lessons/{lesson}/participants/{person}/token"
            token = api.post(path, json={}).json()["token"]
        with (
            openai.OpenAI(api_key=token, base_url=f"{stack.url}/v1") as client,
            pytest.raises(openai.PermissionDeniedError),
        ):
            client.audio.transcriptions.create(model="whisper-1", file=speech)


class TestOpenAIRealtime:
    @pytest.mark.timeout(120)
    def test_turns_are_found_and_their_text_only_grows(self, client: openai.OpenAI) -> None:
        seen: list[Any] = []
        with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
            connection.session.update(
                session={
                    "type": "transcription",
                    "audio": {
                        "input": {
                            "format": {"type": "audio/pcm", "rate": 24000},
                            "transcription": {"model": "gpt-4o-transcribe", "language": "en"},
                            "turn_detection": {"type": "server_vad", "silence_duration_ms": 400},
                        }
                    },
                }
            )
            for piece in pieces(pcm(24_000), 24_000):
                connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
            for event in connection:
                seen.append(event)
                if event.type == "conversation.item.input_audio_transcription.completed":
                    break
        kinds = [event.type for event in seen]
        assert kinds[:2] == ["session.created", "session.updated"]
        assert seen[1].session.audio.input.turn_detection.silence_duration_ms == 400
        in_order = [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.completed",
        ]
        assert [kind for kind in kinds if kind in in_order][-6:] == in_order
        completed = seen[-1]
        deltas = [
            event.delta
            for event in seen
            if event.type == "conversation.item.input_audio_transcription.delta"
            and event.item_id == completed.item_id
        ]
        assert completed.transcript
        assert deltas

    def test_a_client_may_commit_by_itself(self, client: openai.OpenAI) -> None:
        with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
            connection.session.update(
                session={
                    "type": "transcription",
                    "audio": {"input": {"turn_detection": None}},
                }
            )
            connection.input_audio_buffer.commit()  # There is nothing in it yet.
            connection.session.update(session={"type": "realtime"})
            for piece in pieces(pcm(24_000, silence_seconds=0), 24_000):
                connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
            connection.input_audio_buffer.commit()
            seen: list[Any] = []
            for event in connection:
                seen.append(event)
                if event.type == "conversation.item.input_audio_transcription.completed":
                    break
        errors = [event.error for event in seen if event.type == "error"]
        assert ["empty" in error.message for error in errors] == [True, False]
        assert errors[1].param == "session.type"
        assert "morning" in seen[-1].transcript
        deltas = [
            event.delta
            for event in seen
            if event.type == "conversation.item.input_audio_transcription.delta"
        ]
        assert "".join(deltas)

    def test_the_beta_client_is_understood(self, stack: Stack, client: openai.OpenAI) -> None:
        # That client takes no plain address over by itself: it would ask for TLS.
        sockets = f"{stack.url.replace('http', 'ws', 1)}/v1"
        with client.with_options(websocket_base_url=sockets).beta.realtime.connect(
            model="gpt-4o-transcribe", extra_query={"intent": "transcription"}
        ) as connection:
            connection.transcription_session.update(
                session={
                    "input_audio_format": "pcm16",
                    "turn_detection": None,  # type: ignore[typeddict-item]
                }
            )
            for piece in pieces(pcm(24_000, silence_seconds=0), 24_000):
                connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
            connection.input_audio_buffer.commit()
            kinds: list[str] = []
            for event in connection:
                kinds.append(event.type)
                if event.type == "conversation.item.input_audio_transcription.completed":
                    assert "morning" in event.transcript
                    break
        assert "transcription_session.updated" in kinds
        assert "conversation.item.created" in kinds


@pytest.fixture
def deepgram(stack: Stack) -> DeepgramClient:
    environment = DeepgramClientEnvironment(
        base=stack.url,
        production=stack.url.replace("http", "ws", 1),
        agent=stack.url,
        agent_rest=stack.url,
    )
    return DeepgramClient(api_key=stack.api_key, environment=environment)


class TestDeepgram:
    @pytest.mark.timeout(120)
    def test_a_live_stream_tells_all_that_was_asked_for(self, deepgram: DeepgramClient) -> None:
        seen: list[Any] = []
        heard_so_far = threading.Event()

        def take(message: Any) -> None:
            seen.append(message)
            if message.type == "Results":
                heard_so_far.set()

        with deepgram.listen.v1.connect(
            model="nova-3",
            encoding="linear16",
            sample_rate=16_000,
            interim_results=True,
            vad_events=True,
            endpointing=300,
            utterance_end_ms=1000,
            punctuate=True,
        ) as connection:
            connection.on(EventType.MESSAGE, take)
            listening = threading.Thread(target=connection.start_listening)
            listening.start()
            connection.send_keep_alive()
            audio = list(pieces(pcm(16_000), 16_000))
            for piece in audio[:INTERIM_PIECES]:
                connection.send_media(piece)
            assert heard_so_far.wait(PATIENCE_SECONDS)
            for piece in audio[INTERIM_PIECES:]:
                connection.send_media(piece)
            connection.send_finalize()
            connection.send_close_stream()
            listening.join(PATIENCE_SECONDS)
            assert not listening.is_alive()
        results = [message for message in seen if message.type == "Results"]
        finals = [result for result in results if result.is_final]
        assert any(not result.is_final for result in results)
        told = " ".join(result.channel.alternatives[0].transcript for result in finals)
        assert "morning" in told
        assert finals[0].speech_final
        assert finals[-1].from_finalize
        assert finals[0].metadata.model_info.arch == "pocketsphinx"
        words = [word for result in finals for word in result.channel.alternatives[0].words]
        assert [word.start for word in words] == sorted(word.start for word in words)
        kinds = [message.type for message in seen]
        assert kinds[0] == "SpeechStarted"
        assert "UtteranceEnd" in kinds
        assert kinds[-1] == "Metadata"
        assert seen[-1].duration == pytest.approx(SECONDS_OF_SPEECH + 1.5, abs=0.05)

    def test_a_file_is_answered_with_its_utterances(
        self, deepgram: DeepgramClient, speech: Path
    ) -> None:
        answer: Any = deepgram.listen.v1.media.transcribe_file(
            request=speech.read_bytes(), model="nova-3", utterances=True
        )
        (channel,) = answer.results.channels
        assert "morning" in channel.alternatives[0].transcript
        assert answer.results.utterances
        assert answer.metadata.duration == pytest.approx(SECONDS_OF_SPEECH, abs=0.1)

    def test_refusals_are_the_clients_own(self, deepgram: DeepgramClient) -> None:
        # With today's `websockets` the client passes that library's own exception on.
        with (
            pytest.raises(InvalidStatus) as refused,
            deepgram.listen.v1.connect(model="nova-3", encoding="linear16", diarize=True),
        ):
            pytest.fail("it was let in")
        assert refused.value.response.status_code == 400
        assert "diarize" in refused.value.response.headers["dg-error"]
        with (
            pytest.raises(InvalidStatus) as unknown,
            deepgram.listen.v1.connect(
                model="nova-3",
                encoding="linear16",
                sample_rate=16_000,
                authorization="Token lk_key_of_nobody",
            ),
        ):
            pytest.fail("it was let in")
        assert unknown.value.response.status_code == 401
        with pytest.raises(ApiError) as without:
            deepgram.listen.v1.media.transcribe_file(request=b"", model="nova-3")
        assert without.value.status_code == 400
        assert without.value.body["err_code"]
