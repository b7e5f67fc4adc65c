"""A reader whose socket is cut again and again reads the same transcript, byte for byte.

    python -m eval.socket_cuts --cuts 100

Final captions of one lesson are appended without a pause, with partial captions passing by in
between. One reader follows the lesson's event stream undisturbed. The other one's connection is
closed after a random number of bytes, mostly in the middle of a message; it throws away what it had
of that message and resumes by the id of the last whole one. After every cut both transcripts, as
the bytes of the messages that came, are compared up to where the cut reader has got.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import re
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.live_speech import create_lesson
from eval.own_processes import OwnProcesses, own_processes
from lessons.events import CaptionFinal, CaptionWord, EventDraft, PartialCaption
from lessons.identifiers import new_id
from lessons.roles import Role
from lessons.store import Ledger, LiveFeed
from serving.database import open_database
from serving.settings import DEFAULT_TENANT, Settings

LONGEST_WHOLE_BYTES = 20_000
"""A connection is cut after a random number of bytes up to this, some ten finals."""

END_OF_MESSAGE = re.compile(rb"\r\n\r\n|\n\n")
"""Heartbeats end in the first way, events in the second (WHATWG HTML, section 9.2.5 takes both)."""

PAUSE_SECONDS = 0.01
POLL_SECONDS = 0.005
STREAM_SILENCE_SECONDS = 40.0
WORDS = ("three", "quarters", "are", "équivalents", "of", "six", "eighths", "数", "half")


@dataclass(slots=True)
class Transcript:
    """Whole messages of stored events as they came over the wire, by their cursor.

    Attributes:
        torn: connections that ended in the middle of a message.
    """

    messages: list[bytes] = field(default_factory=list)
    last: str = "0"
    torn: int = 0
    _rest: bytes = b""

    def take(self, data: bytes) -> None:
        """Take bytes of the stream; what passes by and is not stored is left out."""
        *whole, self._rest = END_OF_MESSAGE.split(self._rest + data)
        for message in whole:
            if message.startswith(b"id: "):
                self.messages.append(message)
                self.last = message.split(b"\n", 1)[0].removeprefix(b"id: ").decode()

    def cut(self) -> None:
        """Forget the beginning of a message whose rest will not come."""
        self.torn += bool(self._rest)
        self._rest = b""


async def follow(
    api: httpx.AsyncClient, lesson_id: str, transcript: Transcript, most_bytes: int | None = None
) -> None:
    """Read the stream from the transcript's end on, for so many bytes or until cancelled."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": transcript.last}
    async with api.stream(
        "GET", f"/v1/lessons/{lesson_id}/events", headers=headers, timeout=STREAM_SILENCE_SECONDS
    ) as response:
        async for data in response.raise_for_status().aiter_raw():
            transcript.take(data[:most_bytes])
            if most_bytes is not None and (most_bytes := most_bytes - len(data)) <= 0:
                transcript.cut()
                return


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose captions are written."""

    lesson_id: str
    participant_id: str
    track_id: str = field(default_factory=lambda: new_id("trk"))

    def final(self, number: int) -> EventDraft:
        """Return one final caption."""
        words = [random.choice(WORDS) for _ in range(random.randint(1, 12))]
        start_ms, caption_id = 1000 * number, new_id("cap")
        data = CaptionFinal(
            caption_id=caption_id,
            track_id=self.track_id,
            participant_id=self.participant_id,
            participant_name="Ada",
            role=Role.LEARNER,
            revision=2,
            start_ms=start_ms,
            end_ms=start_ms + 80 * len(words),
            text=" ".join(words),
            words=[
                CaptionWord(
                    text=word,
                    start_ms=start_ms + 80 * place,
                    end_ms=start_ms + 80 * place + 80,
                    confidence=0.9,
                )
                for place, word in enumerate(words)
            ],
            confidence=0.9,
            language="en",
            engine="scripted",
            model="none",
            speech_end_ms=start_ms + 80 * len(words),
        )
        return EventDraft(data, start_ms, subject=self.participant_id, id=caption_id)

    def partial(self, draft: EventDraft) -> PartialCaption:
        """Return what readers may see before a final."""
        if not isinstance(draft.data, CaptionFinal):
            raise TypeError(type(draft.data))
        shared = draft.data.model_dump(include=set(PartialCaption.model_fields) - {"revision"})
        return PartialCaption(**shared, revision=1, stable_text="", unstable_text=draft.data.text)


async def write(ledger: Ledger, feed: LiveFeed, speaker: Speaker) -> None:
    """Write partials and finals until cancelled."""
    for number in itertools.count():
        draft = speaker.final(number)
        await feed.publish_partial(DEFAULT_TENANT, speaker.lesson_id, speaker.partial(draft))
        await ledger.append(DEFAULT_TENANT, speaker.lesson_id, [draft])
        await asyncio.sleep(random.uniform(0, 2 * PAUSE_SECONDS))


async def reach(transcript: Transcript, messages: int) -> None:
    """Wait until a transcript has so many messages."""
    while len(transcript.messages) < messages:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)


async def compare(
    api: httpx.AsyncClient, lesson_id: str, whole: Transcript, cuts: int
) -> tuple[Transcript, int]:
    """Cut a reader so often; return what it read, and after how many cuts it was the same."""
    cut, equal = Transcript(), 0
    for _ in range(cuts):
        await follow(api, lesson_id, cut, random.randint(1, LONGEST_WHOLE_BYTES))
        await reach(whole, len(cut.messages))
        read = b"\n\n".join(cut.messages)
        equal += read == b"\n\n".join(whole.messages[: len(cut.messages)])
    return cut, equal


async def run(lectern: OwnProcesses, cuts: int) -> int:
    """Write, read and cut; return how often the transcripts differed."""
    database_url = next(
        line for line in lectern.running["postgres"].output().splitlines() if "postgresql:" in line
    )
    database = open_database(Settings(data_dir=lectern.data_dir), database_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.dispose)
        feed = await stack.enter_async_context(LiveFeed(database_url))
        api = await stack.enter_async_context(
            httpx.AsyncClient(base_url=lectern.url, headers=lectern.headers, trust_env=False)
        )
        lesson_id = await create_lesson(api, "Benchmark: socket cuts")
        learner = {"name": "Ada", "role": "learner"}
        answer = await api.post(f"/v1/lessons/{lesson_id}/participants", json=learner)
        speaker = Speaker(lesson_id, answer.raise_for_status().json()["id"])
        whole = Transcript()
        endless = [
            asyncio.create_task(write(Ledger(database), feed, speaker)),
            asyncio.create_task(follow(api, lesson_id, whole)),
        ]
        cut, equal = await compare(api, lesson_id, whole, cuts)
        for task in endless:
            task.cancel()
        await asyncio.gather(*endless, return_exceptions=True)
    print(f"cuts: {cuts}, of them in the middle of a message: {cut.torn}")
    print(f"messages read through the cuts: {len(cut.messages)}")
    print(f"transcripts equal byte for byte after a cut: {equal} of {cuts}")
    return cuts - equal


def main() -> None:
    """Run the benchmark on a gateway of its own; ends with 1 if a transcript differed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cuts", type=int, default=100)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_processes(Path(folder), commands=("gateway",)) as lectern,
    ):
        differed = asyncio.run(run(lectern, arguments.cuts))
    raise SystemExit(1 if differed else 0)


if __name__ == "__main__":
    main()
