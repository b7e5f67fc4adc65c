"""A tenant's place in the tree of tenants, and how a move is refused that would make a circle."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime

from lessons.errors import Conflict
from lessons.records import Record
from lessons.tenants.settings import TenantSettings

MAX_DEPTH = 12
"""Levels of the tree; every settings change is carried down all of them."""


class Tenant(Record):
    """An organisation that owns data: an institution, a school, a class, of any depth.

    Attributes:
        path: ids of its ancestors from the top, and its own last.
        kind: the word that its people use for it, such as `school`.
        settings: its own settings, as JSON; what is absent is inherited.
        inherited: the settings in force for its parent; None at the top of a tree.
        effective: all settings, as they are in force for it.
    """

    id: str
    parent_id: str | None
    path: list[str]
    name: str
    kind: str
    settings: dict[str, object]
    inherited: TenantSettings | None
    effective: TenantSettings
    created_at: AwareDatetime


def path_below(parent: Sequence[str], tenant_id: str) -> list[str]:
    """Return the path of a tenant under a parent's.

    Raises:
        Conflict: the tree would be too deep.
    """
    if len(parent) >= MAX_DEPTH:
        raise Conflict(
            f"The tree of tenants has at most {MAX_DEPTH} levels.",
            field="parent_id",
            fix="Put it further up.",
        )
    return [*parent, tenant_id]


def require_no_circle(tenant_id: str, parent: Sequence[str]) -> None:
    """Refuse to put a tenant below itself.

    Args:
        parent: the path of the tenant that it would be put under.

    Raises:
        Conflict: that one is the tenant itself or lies below it; the reason names the circle.
    """
    if tenant_id in parent:
        circle = [*parent[parent.index(tenant_id) :], tenant_id]
        raise Conflict(
            f"The tenants would go round in a circle: {' > '.join(circle)}.",
            field="parent_id",
            fix="Choose a parent outside of this tenant.",
        )
