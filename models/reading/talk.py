"""What models of talk tell of a lesson: the moves of those who teach, and what they take up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.reading.material import Material
from models.reading.lesson_reading import Move
from models.talk_moves.exchanges import ExchangeReader
from models.talk_moves.interface import TalkMoveModel
from models.talk_moves.lesson import ObservedExchange, observed_exchanges, observed_moves

LANGUAGE = "en"
"""The only one that rules are written in and networks were fitted on."""


@dataclass(frozen=True, slots=True)
class TalkReading:
    """What models told of a lesson's talk.

    Attributes:
        moves: of those who teach. A learner's is for no sentence about that learner: the rules that
            ship are too often wrong (docs/talk-moves.md).
        exchanges: None: there was no model.
        models: versions of the models that told it, by name.
    """

    moves: tuple[Move, ...] = ()
    exchanges: tuple[ObservedExchange, ...] | None = None
    models: Mapping[str, str] = field(default_factory=dict)


NOTHING_TOLD = TalkReading()


@dataclass(frozen=True, slots=True)
class TalkReader:
    """Reads a lesson's talk, all of it in one call of each model. It keeps nothing between lessons.

    Attributes:
        exchanges: None: neither uptake nor focusing questions are told.
    """

    moves: TalkMoveModel
    exchanges: ExchangeReader | None = None

    def read(self, material: Material) -> TalkReading:
        """Return what is told of a lesson; nothing of what was said in a language not known."""
        spoken = material.utterances
        known = {one.caption_id for one in spoken if one.language == LANGUAGE}
        if not known:
            return NOTHING_TOLD
        teaching = {one.caption_id for one in spoken if one.role == "tutor"}
        moves = tuple(
            Move(one.caption_id, one.move, one.confidence)
            for one in observed_moves(spoken, self.moves)
            if one.caption_id in known & teaching
        )
        models = {self.moves.name: self.moves.version}
        if self.exchanges is None:
            return TalkReading(moves, None, models)
        exchanges = tuple(
            one
            for one in observed_exchanges(spoken, self.exchanges)
            if known.issuperset((*one.learner_captions, *one.tutor_captions))
        )
        models[self.exchanges.name] = self.exchanges.version
        return TalkReading(moves, exchanges, models)
