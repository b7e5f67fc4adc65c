"""Makes `console/lectern.js`, the one file that platforms load, from the modules it is written in.

Run `python -m serving.web.capture_module` after a change in `console/capture`.
"""

from __future__ import annotations

import re
from pathlib import Path

from serving.web.static_files import CONSOLE_FOLDER

ENTRY = CONSOLE_FOLDER / "capture" / "lectern.js"
CAPTURE_MODULE = CONSOLE_FOLDER / "lectern.js"

_IMPORT = re.compile(r'^import (?:\{[^}]*\}) from "(?P<path>[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function) )", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:class|const|function) (\w+)", re.MULTILINE)
_IMPORTED_TYPE = re.compile(r'import\("[^"]+"\)\.')
_HEAD = re.compile(r"\A/\*\*.*?\*/\n", re.DOTALL)
_NOTE = "// Made from console/capture by `python -m serving.web.capture_module`: edit it there.\n"


def bundle(entry: Path = ENTRY) -> str:
    """Return a module with its imports written into it, each once, before what needs it.

    Only named imports of relative paths are understood, and only the entry exports.

    Raises:
        ValueError: two of the modules use one name at their top level.
    """
    paths: list[Path] = []
    _visit(entry.resolve(), paths)
    texts = [path.read_text("utf-8") for path in paths]
    names = [name for text in texts for name in _TOP_LEVEL.findall(text)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"declared by more than one module of the bundle: {sorted(twice)}")
    head = _HEAD.search(texts[-1])
    parts = [_EXPORT.sub("", text) for text in texts[:-1]]
    parts.append(_HEAD.sub("", texts[-1]))
    whole = [_IMPORTED_TYPE.sub("", _IMPORT.sub("", part)) for part in parts]
    bodies = [part.strip() + "\n" for part in whole]
    return "\n".join([head.group() if head else "", _NOTE, *bodies])


def _visit(path: Path, paths: list[Path]) -> None:
    """Add to `paths` what `path` imports, then `path` itself."""
    for found in _IMPORT.finditer(path.read_text("utf-8")):
        imported = (path.parent / found["path"]).resolve()
        if imported not in paths:
            _visit(imported, paths)
    paths.append(path)


if __name__ == "__main__":
    CAPTURE_MODULE.write_text(bundle(), "utf-8")
