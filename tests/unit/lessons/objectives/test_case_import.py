from __future__ import annotations

from typing import Any

import pytest

from lessons.errors import InvalidInput
from lessons.objectives import read_case

DOCUMENT = {"identifier": "doc-1", "title": "Fractions", "creator": "A ministry"}


def item(identifier: str, code: str | None = None) -> dict[str, Any]:
    made = {
        "identifier": identifier,
        "uri": f"https://case.example/ims/case/v1p0/CFItems/{identifier}",
        "fullStatement": f"Do {identifier}",
        "CFItemType": "Standard",
        "lastChangeDateTime": "2026-01-01T00:00:00Z",
    }
    return made | ({"humanCodingScheme": code} if code else {})


def link(origin: str, kind: str, destination: str) -> dict[str, Any]:
    return {
        "identifier": f"{origin}-{destination}",
        "associationType": kind,
        "originNodeURI": {"identifier": origin, "uri": "https://x", "title": origin},
        "destinationNodeURI": {"identifier": destination, "uri": "https://x", "title": ""},
    }


def package(items: list[dict[str, Any]], *links: dict[str, Any]) -> dict[str, Any]:
    return {"CFDocument": DOCUMENT, "CFItems": items, "CFAssociations": list(links)}


def test_precedes_makes_prerequisites_and_is_child_of_the_tree() -> None:
    draft = read_case(
        package(
            [item("strand"), item("a", "F.1"), item("b", "F.2")],
            link("a", "precedes", "b"),
            link("strand", "isChildOf", "doc-1"),
            link("a", "isChildOf", "strand"),
            link("b", "isChildOf", "strand"),
        )
    )
    assert (draft.title, draft.external_id) == ("Fractions", "doc-1")
    strand, first, second = draft.objectives
    assert (strand.code, strand.parent) == ("strand", None)
    assert (first.code, first.parent, first.external_id) == ("F.1", "strand", "a")
    assert (second.prerequisites, second.kind) == (("F.1",), "Standard")
    assert draft.passed_over == {}


def test_what_is_not_kept_is_counted() -> None:
    draft = read_case(
        package(
            [item("a"), item("b"), item("c")],
            link("a", "isRelatedTo", "b"),
            link("b", "isRelatedTo", "c"),
            link("a", "precedes", "of another document"),
            link("a", "isChildOf", "b"),
            link("a", "isChildOf", "c"),
        )
    )
    assert draft.passed_over == {
        "isRelatedTo": 2,
        "precedes to or from another document": 1,
        "isChildOf a second parent": 1,
    }


def test_a_coding_scheme_that_is_used_twice_gives_way_to_identifiers() -> None:
    draft = read_case(package([item("a", "MA.1"), item("b", "MA.1"), item("c", "a")]))
    assert [objective.code for objective in draft.objectives] == ["a", "b", "c"]


def test_a_cycle_is_refused_and_named() -> None:
    links = [link("a", "precedes", "b"), link("b", "precedes", "c"), link("c", "precedes", "a")]
    with pytest.raises(InvalidInput) as refused:
        read_case(package([item("a"), item("b"), item("c")], *links))
    assert refused.value.field == "prerequisites"
    assert all(repr(name) in refused.value.reason for name in "abc")
    with pytest.raises(InvalidInput) as alone:
        read_case(package([item("a")], link("a", "isChildOf", "a")))
    assert alone.value.field == "parent"


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({}, "CFDocument"),
        ({"CFDocument": DOCUMENT}, "CFItems"),
        ({"CFDocument": DOCUMENT, "CFItems": [{"identifier": "a"}]}, "CFItems.0.fullStatement"),
        ({"CFDocument": DOCUMENT, "CFItems": []}, "objectives"),
        (package([item("a"), item("a")]), "CFItems.identifier"),
        (package([item("a")], {"associationType": "precedes"}), "CFAssociations.0.originNodeURI"),
    ],
)
def test_what_is_no_package_is_refused_by_field(broken: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_case(broken)
    assert refused.value.field == field
    assert refused.value.fix
