"""The page `docs/roles.md`, made from the decision matrix: `python -m lessons.policy.page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from lessons.policy.actions import Resource
from lessons.policy.conditions import MEANINGS, Condition
from lessons.policy.matrix import COLUMNS, MATRIX
from lessons.policy.scopes import scope_of

_INTRODUCTION = """\
# Who may do what

This page is made from the table in `lessons/policy/matrix.py`, which every endpoint and every
stream asks, and every cell of which is tested, allowed and denied. Change the table, then run
`python -m lessons.policy.page > docs/roles.md`.

A cell says on what condition a role may do something; an empty cell is never. Roles come from three
places, and the widest one that applies counts:

- from a **lesson**: the one role that somebody has as its participant, as it is now: it may change
  in mid-lesson;
- from an **assignment**, to a person: at a node of the tree of tenants, for everything there and
  below, or for one course;
- from **what people are to each other**: a person with a child is a guardian of that child, the
  client of a contract in force is an institutional client.

An **API key** may do everything in its tenant and below, within the scopes it was given; the last
column names the scope. A key without scopes has all of them.

Nobody gives more than they hold: an instructor moves the people of a lesson between learner,
observer, captioner and teaching assistant; any other role is an administrator's to give.

A **captioner** is a person who types captions where the engine's do not serve: they read what is
said and who is there, and type and correct captions; nothing that is personal besides.
"""


def roles_page() -> str:
    """Return the whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_conditions(), *_tables()])


def _conditions() -> Iterator[str]:
    yield "## Conditions\n"
    yield "| condition | meaning |"
    yield "|---|---|"
    for condition in Condition:
        yield f"| {condition} | {MEANINGS[condition]} |"
    yield ""


def _tables() -> Iterator[str]:
    for resource in Resource:
        actions = [action for held, action in MATRIX if held is resource]
        if not actions:
            continue
        yield f"## {resource.words.capitalize()}\n"
        yield f"| may | {' | '.join(role.replace('_', ' ') for role in COLUMNS)} | API key scope |"
        yield "|---" * (len(COLUMNS) + 2) + "|"
        for action in actions:
            cells = MATRIX[resource, action]
            row = " | ".join(cells.get(role, "") for role in COLUMNS)
            yield f"| **{action}** | {row} | `{scope_of(action, resource)}` |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write(roles_page())
