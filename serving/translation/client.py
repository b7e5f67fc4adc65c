"""Translations from the models process, for a process without models."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from lessons.errors import InvalidInput, Unavailable
from serving.models_client import ModelsClient
from serving.translation.wire import Original, Originals, Translation, Translations

ANSWER_TIMEOUT_S = 25.0
"""Longest wait for an answer, in seconds; the models process gives up before."""
CONNECT_TIMEOUT_S = 2.0


class TranslationClient(ModelsClient):
    """Use it as an async context manager, from one event loop.

    Args:
        models_url: the endpoint of `lectern models`.
    """

    def __init__(self, models_url: str) -> None:
        super().__init__(models_url, ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S)

    async def translate(self, originals: Sequence[Original]) -> list[Translation]:
        """Translate texts; one outcome each, in their order.

        Raises:
            InvalidInput: this installation translates nothing; says why.
            Unavailable: the models process is away, starting or too slow.
        """
        body = Originals(texts=list(originals)).model_dump()
        try:
            response = await self._http.post("/translate", json=body)
        except httpx.TransportError as error:
            raise Unavailable(
                "The models process cannot be reached, or does not answer in time.",
                retry_after_seconds=1,
            ) from error
        if response.is_client_error:
            raise InvalidInput(f"Nothing is translated: {_detail(response)}")
        if not response.is_success:
            raise Unavailable(f"Nothing is translated now: {_detail(response)}")
        try:
            answer = Translations.model_validate_json(response.content).translations
        except ValueError as error:
            raise Unavailable("The models process answered something else.") from error
        if len(answer) != len(originals):
            raise Unavailable("The models process answered for another number of texts.")
        return answer


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"
