"""The extractive writer: rules, templates and the lesson's own words. Always there, on any CPU.

It has nothing to invent with: a sentence is a template with a quotation, a title or a count in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from features.languages.language_words import words_of
from models.reading.lesson_reading import LessonReading
from models.summaries.ahead import homework, next_steps, not_observed, open_questions
from models.summaries.interface import Draft, DraftClaim
from models.summaries.lesson_view import LessonView
from models.summaries.responses import reinforcement, responses, strong_moments
from models.summaries.taught import objectives, taught
from models.summaries.templates import Templates, written_languages

FALLBACK = "en"


class ExtractiveWriter:
    """Writes in the lesson's language where there are templates for it, else in English.

    What was said in another language than the templates' is not quoted.
    """

    name = "extractive"
    version = "1"

    def write(self, reading: LessonReading) -> Draft:
        """Write about a lesson; the same lesson gives the same sentences."""
        language = writing_language(reading.language)
        view = LessonView(reading, words_of(language), Templates(language))
        return Draft(tuple(_once(_claims(view))), language)


def writing_language(language: str) -> str:
    """Return the language that a summary is written in, of those that have sentences."""
    primary = language.split("-")[0].lower()
    return primary if primary in written_languages() else FALLBACK


def _claims(view: LessonView) -> Iterator[DraftClaim]:
    yield from objectives(view)
    yield from taught(view)
    yield from responses(view)
    weak = list(reinforcement(view))
    yield from weak
    yield from strong_moments(view)
    yield from open_questions(view)
    yield from homework(view)
    yield from next_steps(view, weak)
    yield from not_observed(view)


def _once(claims: Iterator[DraftClaim]) -> Iterator[DraftClaim]:
    """Leave out what says the same of the same things again."""
    seen = set()
    for claim in claims:
        known = (claim.kind, claim.subject, claim.objective_id, claim.cites)
        if known not in seen:
            seen.add(known)
            yield claim
