"""How long each person spoke, and how often each took the floor."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from features.engagement.talk import Spans
from features.reading.parts import Utterance
from lessons.events import LearningEvent, SpeakingStopped

END_OF_TIME_MS = 2**31


def talk_ms_of(
    events: Iterable[LearningEvent], utterances: Iterable[Utterance]
) -> Mapping[str, int]:
    """Return the time that each person spoke, by voice activity and captions together, in ms."""
    spans: defaultdict[str, Spans] = defaultdict(Spans)
    for event in events:
        if isinstance(event.data, SpeakingStopped) and event.subject is not None:
            spans[event.subject].add(event.data.start_ms, event.data.end_ms)
    for one in utterances:
        spans[one.participant_id].add(one.start_ms, one.end_ms)
    spoken = {who: round(one.within(0, END_OF_TIME_MS)) for who, one in spans.items()}
    return {who: spoken[who] for who in sorted(spoken) if spoken[who]}


def captioned_share(
    talk_ms: Mapping[str, int], utterances: Iterable[Utterance], people: Collection[str]
) -> float:
    """Return which share of the time that people spoke has captions, in 0..1; 1 of silence."""
    captioned = talk_ms_of((), (one for one in utterances if one.participant_id in people))
    spoken = sum(talk_ms.get(who, 0) for who in people)
    return min(1.0, sum(captioned.values()) / spoken) if spoken else 1.0


def turns_of(utterances: Sequence[Utterance], people: Iterable[str]) -> Mapping[str, int]:
    """Return how many turns each person had; what somebody says without a break is one turn."""
    turns = Counter(who for who, _ in groupby(one.participant_id for one in utterances))
    return {who: turns[who] for who in sorted({*people, *turns})}


def teaching_share(talk_ms: Mapping[str, int], teaching: Iterable[str]) -> float | None:
    """Return which share of all talk was theirs who teach; None where nobody spoke."""
    total = sum(talk_ms.values())
    taught = sum(talk_ms.get(who, 0) for who in teaching)
    return taught / total if total else None
