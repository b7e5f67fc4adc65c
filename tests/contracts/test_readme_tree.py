"""The README's tree has a line for every module: the first sentence of its own docstring.

After a module came, went or changed its first sentence: `LECTERN_UPDATE_SNAPSHOTS=1 pytest` on
this file writes the tree anew.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
UPDATE = "LECTERN_UPDATE_SNAPSHOTS"
TREE = re.compile(r"(?<=^## The tree\n\n```\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
COLUMN = 30
"""Characters before the phrase."""

PACKAGES = (
    "lectern",
    "lessons",
    "media_ingest",
    "features",
    "models",
    "integrations",
    "operations",
    "serving",
    "training",
    "eval",
)
"""The root folders in the order of the tree: from the record upwards."""

OTHERS = {
    "console/": "static pages over the public API: client/ speaks, record/ derives, views/ show",
    "  lectern.js": "what a platform puts into its own classroom page; written in capture/",
    "dashboards/": "the Grafana dashboard, the code that writes it, and alerts for Prometheus",
    "docs/": "pages for people: events by family, roles, capture, and what else an operator needs",
    "tests/": "unit/ mirrors the folders; the others use the real parts end to end",
}


def test_the_readme_shows_every_module_with_its_own_words() -> None:
    text = README.read_text("utf-8")
    tree = "".join(f"{line}\n" for line in _lines())
    if os.environ.get(UPDATE):
        README.write_text(TREE.sub(lambda _: tree, text), "utf-8")
        text = README.read_text("utf-8")
    shown = TREE.search(text)
    assert shown is not None, "the README has no tree"
    assert shown.group() == tree, f"If the change is meant: {UPDATE}=1 pytest {__file__}"


def _lines() -> Iterator[str]:
    folders: dict[Path, list[Path]] = {}
    for module in _modules():
        folders.setdefault(module.parent, []).append(module)
    for folder in sorted(folders, key=_place):
        initial = folder / "__init__.py"
        if initial not in folders[folder] or "migrations" in folder.parts:
            continue  # migrations are history, not structure
        yield _line(f"{folder.as_posix()}/", initial)
        yield from (_line(f"  {path.name}", path) for path in folders[folder] if path != initial)
    yield from (f"{name:<{COLUMN}}{phrase}" for name, phrase in OTHERS.items())


def _modules() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *(f"{package}/*.py" for package in PACKAGES)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(name for name in listed.stdout.split("\0") if name)
    return [Path(name) for name in names if (REPOSITORY / name).exists()]


def _place(folder: Path) -> tuple[int, str]:
    return PACKAGES.index(folder.parts[0]), folder.as_posix()


def _line(name: str, module: Path) -> str:
    docstring = ast.get_docstring(ast.parse((REPOSITORY / module).read_text("utf-8"))) or ""
    phrase = " ".join(docstring.split("\n\n")[0].split()).removesuffix(".")
    assert phrase, f"{module} has no docstring"
    starts_a_word = len(phrase) > 1 and phrase[1].islower()
    if starts_a_word:
        phrase = phrase[0].lower() + phrase[1:]
    return f"{name:<{COLUMN}}{phrase}"
