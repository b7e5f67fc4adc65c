"""Decoder processes: each holds its own decoders and takes one window at a time over a pipe."""

from __future__ import annotations

import logging
import multiprocessing
import queue
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection

from lessons.errors import Unavailable
from models.captions.interface import Word
from models.captions.pocketsphinx_decoding import DecodingJob, WindowDecoder

logger = logging.getLogger(__name__)

LOAD_TIMEOUT_S = 60
"""Longest time that a process may take to load its model, in seconds."""
STOP_TIMEOUT_S = 2
"""How long a process may take to end by itself, in seconds."""
ATTEMPTS = 2
"""Processes that a window is tried on before it is given up."""


class DecoderProcesses:
    """A fixed number of decoder processes; one that dies is started anew.

    Raises:
        Unavailable: a process did not start.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="decoder")
        self._loaders = ThreadPoolExecutor(count, thread_name_prefix="decoder-loading")
        # While some processes load a lesson's new words, one at least goes on (if there are two).
        self._may_load = threading.BoundedSemaphore(max(1, count - 1))
        self._idle: queue.SimpleQueue[_DecoderProcess] = queue.SimpleQueue()
        self._count = count
        for process in [_DecoderProcess() for _ in range(count)]:
            process.wait_until_loaded()
            self._idle.put(process)

    def decode(self, jobs: Sequence[DecodingJob]) -> list[tuple[Word, ...]]:
        """Decode windows side by side, the longest first; return their words in the given order.

        Raises:
            Unavailable: a window ended every process that it was tried on.
        """
        longest_first = sorted(jobs, key=lambda job: -len(job.pcm))
        answers = {id(job): self._threads.submit(self._decode_one, job) for job in longest_first}
        return [answers[id(job)].result() for job in jobs]

    def close(self) -> None:
        """End every process and wait for it."""
        self._threads.shutdown(cancel_futures=True)
        self._loaders.shutdown()
        for _ in range(self._count):
            self._idle.get().stop()

    def _decode_one(self, job: DecodingJob) -> tuple[Word, ...]:
        for _ in range(ATTEMPTS):
            process, may_load = self._idle.get(), self._may_load.acquire(blocking=False)
            loading = False
            try:
                words, loading = process.decode(replace(job, may_load=may_load))
                return words
            except (EOFError, OSError):
                process.stop()
                process = _DecoderProcess()
                process.wait_until_loaded()
            finally:
                if loading:
                    self._loaders.submit(self._idle_once_loaded, process)
                else:
                    self._put_back(process, may_load)
        raise Unavailable(
            "The decoder process died twice over the same window.",
            fix="Look for memory pressure; the decoders need about 200 MB each.",
        )

    def _idle_once_loaded(self, process: _DecoderProcess) -> None:
        try:
            process.wait_until_loaded()
        except Unavailable as failure:  # The next window finds it gone and starts another.
            logger.warning("a lesson's new words were not loaded: %s", failure)
        finally:
            self._put_back(process, may_load=True)

    def _put_back(self, process: _DecoderProcess, may_load: bool) -> None:
        if may_load:
            self._may_load.release()
        self._idle.put(process)


class _DecoderProcess:
    """One child process and the pipe to it.

    It is spawned, not forked, since the caller may hold threads, Ray or CUDA. It ends by itself
    when the caller's end of the pipe closes, so it never outlives a caller that was killed.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, childs_end = context.Pipe()
        self._process = context.Process(
            target=_decode_until_closed, args=(childs_end,), name="decoder", daemon=True
        )
        self._process.start()
        childs_end.close()

    def wait_until_loaded(self) -> None:
        """Wait for the model, so that the first window of a lesson does not."""
        try:
            if self._pipe.poll(LOAD_TIMEOUT_S) and self._pipe.recv() == ():
                return
        except EOFError:
            pass
        self.stop()
        raise Unavailable(
            f"The decoder process did not load its model in {LOAD_TIMEOUT_S} s.",
            fix="Its own message is in the log; pocketsphinx may be installed incompletely.",
        )

    def decode(self, job: DecodingJob) -> tuple[tuple[Word, ...], bool]:
        """Decode one window; return its words, and whether to `wait_until_loaded` before the next.

        Raises EOFError or OSError where the process is gone.
        """
        self._pipe.send(job)
        words: tuple[Word, ...]
        loading: bool
        words, loading = self._pipe.recv()
        return words, loading

    def stop(self) -> None:
        """End the process, by force if it is busy."""
        self._pipe.close()
        self._process.join(STOP_TIMEOUT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _decode_until_closed(pipe: Connection) -> None:
    """Serve one pipe. Ctrl-C in a terminal reaches the whole group; only the caller ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decoder = WindowDecoder()
    decoder.load()
    pipe.send(())
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        words = decoder.decode(job)
        loads = decoder.due and job.may_load
        pipe.send((words, loads))
        if loads:
            decoder.load_due()
            pipe.send(())
