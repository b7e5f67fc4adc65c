"""Curricula in CASE: the 1EdTech Competencies and Academic Standards Exchange, version 1.0.

A CFPackage has one CFDocument, its CFItems and CFAssociations between them (information model of
7 July 2017). `precedes` makes its origin a prerequisite of its destination, `isChildOf` makes its
destination the parent of its origin; other associations are counted and passed over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput
from lessons.objectives.drafts import (
    MAX_CODE_CHARACTERS,
    MAX_STATEMENT_CHARACTERS,
    CurriculumDraft,
    ObjectiveDraft,
)

PRECEDES = "precedes"
IS_CHILD_OF = "isChildOf"
ELSEWHERE = "to or from another document"


class _Node(BaseModel):
    """What CASE requires and we read; its many other fields are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    identifier: str = Field(min_length=1, max_length=MAX_CODE_CHARACTERS)


class _Document(_Node):
    title: str = Field(min_length=1, max_length=MAX_STATEMENT_CHARACTERS)


class _Item(_Node):
    fullStatement: str = Field(min_length=1, max_length=MAX_STATEMENT_CHARACTERS)  # noqa: N815
    humanCodingScheme: str | None = Field(default=None, max_length=MAX_CODE_CHARACTERS)  # noqa: N815
    CFItemType: str | None = Field(default=None, max_length=MAX_CODE_CHARACTERS)


class _Association(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    associationType: str  # noqa: N815
    originNodeURI: _Node  # noqa: N815
    destinationNodeURI: _Node  # noqa: N815


class CasePackage(BaseModel):
    """A CASE 1.0 CFPackage: a framework's document, items and associations."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    CFDocument: _Document
    CFItems: list[_Item]
    CFAssociations: list[_Association] = Field(default_factory=list)


def read_case(package: Mapping[str, Any]) -> CurriculumDraft:
    """Return the curriculum of a CFPackage.

    Raises:
        InvalidInput: it is not a CFPackage, or its items contradict each other.
    """
    try:
        case = CasePackage.model_validate(package)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{first['msg']}.", field=place or "body", fix="Send a CASE 1.0 CFPackage."
        ) from error
    codes = _codes(case.CFItems)
    links = _Links(codes, case.CFDocument.identifier)
    for association in case.CFAssociations:
        links.add(association)
    return CurriculumDraft(
        title=case.CFDocument.title,
        external_id=case.CFDocument.identifier,
        objectives=[
            ObjectiveDraft(
                code=codes[item.identifier],
                statement=item.fullStatement,
                external_id=item.identifier,
                kind=item.CFItemType,
                parent=links.parents.get(codes[item.identifier]),
                prerequisites=tuple(links.prerequisites[codes[item.identifier]]),
            )
            for item in case.CFItems
        ],
        passed_over=dict(links.passed_over),
    )


def _codes(items: Sequence[_Item]) -> dict[str, str]:
    """Give every item a code: its human coding scheme where that is its own, else its identifier.

    Published frameworks leave the scheme out of strands, and some use one twice.
    """
    identifiers = Counter(item.identifier for item in items)
    twice = next((identifier for identifier, count in identifiers.items() if count > 1), None)
    if twice is not None:
        raise InvalidInput(
            f"Several items have the identifier {twice!r}.",
            field="CFItems.identifier",
            fix="Give each item an identifier of its own.",
        )
    schemes = Counter(item.humanCodingScheme for item in items)
    return {
        item.identifier: item.humanCodingScheme
        if item.humanCodingScheme
        and schemes[item.humanCodingScheme] == 1
        and item.humanCodingScheme not in identifiers
        else item.identifier
        for item in items
    }


class _Links:
    """What the associations of a package say, by code."""

    def __init__(self, codes: Mapping[str, str], document: str) -> None:
        self._codes = codes
        self._document = document
        self.parents: dict[str, str] = {}
        self.prerequisites: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.passed_over: Counter[str] = Counter()

    def add(self, association: _Association) -> None:
        """Read one association."""
        kind = association.associationType
        origin = self._codes.get(association.originNodeURI.identifier)
        destination = self._codes.get(association.destinationNodeURI.identifier)
        if kind == IS_CHILD_OF and association.destinationNodeURI.identifier == self._document:
            return  # at the top of the tree
        if kind not in (PRECEDES, IS_CHILD_OF):
            self.passed_over[kind] += 1
        elif origin is None or destination is None:
            self.passed_over[f"{kind} {ELSEWHERE}"] += 1
        elif kind == PRECEDES:
            self.prerequisites[destination][origin] = None
        elif origin in self.parents and self.parents[origin] != destination:
            self.passed_over["isChildOf a second parent"] += 1
        else:
            self.parents[origin] = destination
