"""The utterances of one track that are not final yet, as their readers see them."""

from __future__ import annotations

from dataclasses import replace

from lessons.events import EventDraft
from media_ingest.frames import SpeechWindow
from models.captions.agreement import Agreement
from models.captions.early_commit import Cut
from models.captions.interface import Hypothesis
from models.captions.streaming_policies import PolicyName
from serving.live.caption_drafts import Speaker, final_caption, on_lesson_clock, partial_caption
from serving.live.caption_sink import CaptionSink
from serving.live.utterance import Utterance


class OpenUtterances:
    """What readers were shown of each utterance, and what they are shown next.

    Args:
        speaker: whose utterances they are.
        sink: takes the partials.
        policy: when a word of a partial counts as stable.
    """

    def __init__(self, speaker: Speaker, sink: CaptionSink, policy: PolicyName) -> None:
        self._speaker = speaker
        self._sink = sink
        self._policy: PolicyName = policy
        self._open: dict[int, Utterance] = {}

    def __len__(self) -> int:
        return len(self._open)

    def caption_id(self, window: SpeechWindow) -> str:
        """Return the id of the caption that the window's utterance becomes."""
        return self._of(window).caption_id

    def update(self, window: SpeechWindow, hypothesis: Hypothesis) -> Agreement:
        """Take the newest words of an utterance; return what to show of them."""
        words = on_lesson_clock(hypothesis, window)
        return self._of(window).update(words, window.end_ms, hypothesis.word_times)

    async def show(
        self, window: SpeechWindow, agreement: Agreement, hypothesis: Hypothesis
    ) -> None:
        """Show the words of an utterance; no words only where there were some to take back."""
        utterance = self._of(window)
        if hypothesis.words or utterance.shown:
            await self._show(utterance, window, agreement, hypothesis.language)

    async def show_parted(
        self,
        window: SpeechWindow,
        final: SpeechWindow,
        agreement: Agreement,
        cut: Cut,
        hypothesis: Hypothesis,
    ) -> None:
        """Show both parts of an utterance that was cut, so that no word goes away meanwhile.

        Args:
            window: the window that was heard.
            final: the part of it up to the cut.
            agreement: what is shown of the window.
            cut: where it was cut.
            hypothesis: what was heard.
        """
        utterance = self._of(window)
        first, rest = agreement.parted(cut.words)
        behind = replace(
            window,
            utterance=window.utterance + 1,
            start_ms=final.end_ms,
            samples=window.samples[len(final.samples) :],
        )
        following = Utterance(self._policy)
        if final.goes_on:
            self._open[behind.utterance] = following
        await self._show(utterance, final, first, hypothesis.language)
        if behind.utterance in self._open:
            words = (*rest.stable, *rest.unstable)
            going_on = following.update(words, behind.end_ms, hypothesis.word_times)
            await self._show(following, behind, going_on, hypothesis.language)

    async def take_back(self, window: SpeechWindow, language: str) -> None:
        """End an utterance that has no words, and take back what was shown of it: a noise."""
        utterance = self._close(window)
        if utterance.shown:
            await self._show(utterance, window, Agreement((), ()), language)

    def finalise(self, window: SpeechWindow, hypothesis: Hypothesis, now_ms: float) -> EventDraft:
        """End an utterance with the words that stay; `now_ms` is on the lesson clock."""
        utterance = self._close(window)
        return final_caption(
            self._speaker,
            utterance.caption_id,
            utterance.next_revision(),
            window,
            hypothesis,
            now_ms,
        )

    def forget(self, window: SpeechWindow) -> None:
        """Let an utterance go without an end: its window was dropped."""
        self._open.pop(window.utterance, None)

    def _of(self, window: SpeechWindow) -> Utterance:
        return self._open.setdefault(window.utterance, Utterance(self._policy))

    def _close(self, window: SpeechWindow) -> Utterance:
        return self._open.pop(window.utterance, None) or Utterance(self._policy)

    async def _show(
        self, utterance: Utterance, window: SpeechWindow, agreement: Agreement, language: str
    ) -> None:
        utterance.shown = True
        caption = partial_caption(
            self._speaker,
            utterance.caption_id,
            utterance.next_revision(),
            window,
            agreement,
            language,
        )
        await self._sink.partial(caption)
