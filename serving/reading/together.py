"""One call of a model for several requests at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from serving.reading.loading import LoadedModel
from serving.reading.wire import Answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broken:
    """The model broke on a request, and may on the next try as well."""

    reason: str


Outcome = Answer | Broken


def read_together(model: LoadedModel, requests: Sequence[Sequence[Any]]) -> list[Outcome]:
    """Return what a model says of each request's items, all of them in one call.

    Where it breaks, each request is tried by itself: one lesson's items cost no other its answer.
    """
    try:
        return list(_answers(model, requests))
    except (RuntimeError, ValueError, IndexError) as error:  # PyTorch's, and the tokenizer's.
        if len(requests) == 1:
            logger.error("%s broke on %d items: %s", model.name, len(requests[0]), error)
            return [Broken(f"{model.name} broke: {error}")]
    return [outcome for request in requests for outcome in read_together(model, [request])]


def _answers(model: LoadedModel, requests: Sequence[Sequence[Any]]) -> list[Answer]:
    results = iter(model.read([item for request in requests for item in request]))
    return [
        Answer(model.name, model.version, len(requests), list(islice(results, len(request))))
        for request in requests
    ]
