"""What every translation engine is: texts of one language in, the same texts in another out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TranslationModel:
    """A loaded model; `/v1/models` publishes it as it stands.

    Attributes:
        model: hub id, or the name of the folder that it was loaded from.
        version: of the library that runs it.
        device: `cpu` or `cuda`.
        compute_type: numeric type of the weights at run time.
        sources: ISO 639 codes of the languages that it translates from.
        targets: codes of those that it translates into, from each source but that language itself.
    """

    model: str
    version: str
    device: str
    compute_type: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def offers(self, source: str, target: str) -> bool:
        """Tell whether it translates from one language into the other."""
        return source != target and source in self.sources and target in self.targets


class TranslationEngine(Protocol):
    """A loaded model. One call at a time."""

    @property
    def loaded(self) -> TranslationModel:
        """What this engine is; constant for its life."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Translate texts in one batch; one translation each, in their order.

        A text of which no sound translation came out (nothing at all, or a model that never stopped
        talking) has the empty text: whoever shows captions shows the original then.

        Raises:
            InvalidInput: the model does not offer this pair of languages.
        """
        ...
