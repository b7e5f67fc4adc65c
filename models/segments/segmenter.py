"""Divides a lesson into segments after its end, each with a kind, a title and its problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from features.segmentation import ProblemFit, Spoken, WorksheetProblem
from models.segments.card import SegmentCard, shipped_card
from models.segments.confidence import confidence_of
from models.segments.decoding import FIRST_PROBLEM, Evidence, Scoring, Span, decode
from models.segments.interface import Segment, SegmentKind
from models.segments.kinds import kind_of
from models.segments.network import OnnxRows, RowModel, RowScores, SegmentNetwork, shipped_rows
from models.segments.titles import said_in, title_of_problem, title_of_talk


class Segmenter:
    """Divides lessons. It keeps nothing between calls, and one may serve many lessons.

    Args:
        network: the file that the card tells of, or whatever runs it elsewhere.

    Attributes:
        name: of the model, as signals carry it.
        version: of its weights: another content has another version.

    Raises:
        InvalidInput: card and network do not belong together.
    """

    def __init__(self, card: SegmentCard, network: bytes | RowModel) -> None:
        self.card = card
        rows = OnnxRows(card, network) if isinstance(network, bytes) else network
        self.network = SegmentNetwork(card, rows)
        self.name, self.version = card.name, card.version

    def segments(
        self,
        utterances: Sequence[Spoken],
        problems: Sequence[WorksheetProblem] = (),
        names: Collection[str] = (),
    ) -> list[Segment]:
        """Return segments that tile a lesson's utterances, which are in order of time.

        Args:
            problems: of the worksheet that the lesson is about, in its order, where one is known.
            names: of people, which make no title.
        """
        evidence = self.evidence(utterances, problems)
        weights = self.card.weights if problems else self.card.weights_without
        spans = decode(evidence, weights, self.card.habits)
        telling = Telling(self, utterances, problems, names)
        return [telling.segment(span, evidence.rows, ended=True) for span in spans]

    def evidence(
        self, utterances: Sequence[Spoken], problems: Sequence[WorksheetProblem]
    ) -> Evidence:
        """Return what the rows of a whole lesson say."""
        fit = ProblemFit(problems, self.card.common)
        scores = self.network.scores(utterances)
        return Evidence(scores, fit.words(utterances), fit.numbers(utterances))

    def scoring(self, problems: Sequence[WorksheetProblem]) -> Scoring:
        """Return how a lesson on some problems, or on none that is known, is scored."""
        weights = self.card.weights if problems else self.card.weights_without
        return Scoring(weights, self.card.habits, len(problems))


class Telling:
    """Makes segments of spans: what they are, what they are called, and how sure that is.

    Args:
        utterances: of the lesson so far, all of them if it is over.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        utterances: Sequence[Spoken],
        problems: Sequence[WorksheetProblem],
        names: Collection[str],
    ) -> None:
        self._segmenter, self._utterances, self._problems = segmenter, utterances, problems
        self._names = frozenset(part.lower() for name in names for part in name.split())
        self._said: Mapping[str, int] = said_in(utterances)
        self._known_words = segmenter.network.known_words(utterances)

    def segment(self, span: Span, scores: RowScores, *, ended: bool) -> Segment:
        """Return the segment of a span.

        Args:
            scores: of all rows of the lesson so far.
            ended: the lesson is over.
        """
        rows = self._utterances[span.start : span.end]
        last = ended and span.end == len(self._utterances)
        language, _ = Counter(each.language for each in rows).most_common(1)[0]
        problem = self._problem(span)
        kind = kind_of(span, self._utterances, ended=ended)
        return Segment(
            span.start,
            span.end,
            min(each.start_ms for each in rows),
            max(each.end_ms for each in rows),
            kind,
            self._title(rows, kind, problem),
            problem.problem_id if problem else None,
            confidence_of(span, scores, self._known_words, language, ended=last),
        )

    def _title(
        self, rows: Sequence[Spoken], kind: SegmentKind, problem: WorksheetProblem | None
    ) -> str:
        """Return a title; an opening and a closing have none, whatever words they repeat."""
        if problem and (title := title_of_problem(problem.text)):
            return title
        if kind in ("opening", "closing"):
            return ""
        return title_of_talk(rows, self._said, self._segmenter.card.common, self._names)

    def _problem(self, span: Span) -> WorksheetProblem | None:
        place = span.label - FIRST_PROBLEM
        return self._problems[place] if 0 <= place < len(self._problems) else None


def shipped_segmenter() -> Segmenter:
    """Return the segmenter that comes with Lectern; `card.md` beside it says what it is.

    Raises:
        InvalidInput: its files are damaged.
    """
    card = shipped_card()
    return Segmenter(card, shipped_rows(card))
