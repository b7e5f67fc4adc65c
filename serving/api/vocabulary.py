"""A lesson's own words: what its captions are told to listen for, and where each comes from."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Access, Action, Condition, Resource
from lessons.vocabulary import Term, TermSource, ranked_terms
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["captions"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


class VocabularyTerm(BaseModel):
    """One term, and what it was taken from."""

    text: str = Field(description="A word, or a phrase of a few words")
    source: TermSource = Field(
        description="`explicit`: the lesson's own list; `correction`: of a caption of this course; "
        "`plan`: the plan and its objectives; `content`: slides and pages; `objective`: what else "
        "the course is about; `roster`: the people here"
    )


class Vocabulary(BaseModel):
    """A lesson's own words as they stand, the most important first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "terms": [
                        {"text": "denominator", "source": "explicit"},
                        {"text": "hypotenuse", "source": "correction"},
                        {"text": "Ada Lovelace", "source": "roster"},
                    ],
                }
            ]
        }
    )

    lesson_id: str
    terms: list[VocabularyTerm]


@router.get("/vocabulary", response_model=Vocabulary)
async def read_vocabulary(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> Vocabulary:
    """Read the words that the lesson's captions listen for, and what each was taken from.

    A learner does not see those from corrections, for they may be of a lesson without them; a
    guardian sees no names either.
    """
    access = await authorize(services, caller, Action.READ, Resource.LESSON, lesson_id=lesson_id)
    material = await services.vocabulary.material(caller.tenant_id, lesson_id)
    terms = (term for term in ranked_terms(material) if _shows(access, term))
    return Vocabulary(
        lesson_id=lesson_id,
        terms=[VocabularyTerm(text=term.text, source=term.source) for term in terms],
    )


def _shows(access: Access, term: Term) -> bool:
    if term.source is TermSource.CORRECTION:
        return access.covers(None) and access.condition is not Condition.OWN_LESSON
    return term.source is not TermSource.ROSTER or access.covers(None)
