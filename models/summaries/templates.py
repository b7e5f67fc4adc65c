"""The extractive writer's sentences in one language, from its template file."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

FOLDER = "languages"
_PROMPTS = "_prompts"
_BREAKS_A_QUOTE = str.maketrans({"“": "'", "”": "'", '"': "'", "{": "(", "}": ")"})
MOST_QUOTED_WORDS = 40
"""Words of the longest quotation; more is cut, with an ellipsis."""


class Templates:
    """Sentences by their names."""

    def __init__(self, language: str) -> None:
        self._macros = _macros(language)

    def say(self, name: str, **values: object) -> str:
        """Return the sentence of that name with its values."""
        macro: Any = getattr(self._macros, name)
        return " ".join(str(macro(**values)).split())


class Prompts:
    """What a language model is asked, by the names of its parts."""

    def __init__(self, language: str) -> None:
        self._macros = _macros(f"{language}{_PROMPTS}")

    def say(self, name: str, **values: object) -> str:
        """Return the prompt of that name with its values; its lines stay lines."""
        macro: Any = getattr(self._macros, name)
        return str(macro(**values)).strip()


def quotable(text: str) -> str:
    """Return words of the lesson as they can stand between quotation marks of a claim."""
    words = re.sub(r"\s+", " ", text.translate(_BREAKS_A_QUOTE)).strip().split(" ")
    cut = " …" if len(words) > MOST_QUOTED_WORDS else ""
    return " ".join(words[:MOST_QUOTED_WORDS]) + cut


@cache
def written_languages() -> frozenset[str]:
    """Return the codes of the languages that have sentences."""
    names = (entry.name for entry in files("models.summaries").joinpath(FOLDER).iterdir())
    found = {name.removesuffix(".jinja") for name in names if name.endswith(".jinja")}
    return frozenset(name for name in found if not name.endswith(_PROMPTS))


@cache
def _macros(name: str) -> Any:
    source = files("models.summaries").joinpath(FOLDER, f"{name}.jinja").read_text("utf-8")
    # Plain text comes out of it; a page escapes what it shows.
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    return environment.from_string(source).module
