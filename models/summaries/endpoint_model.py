"""A language model behind an OpenAI-compatible endpoint, asked for JSON of a schema.

`POST /chat/completions` with `response_format` of type `json_schema` (OpenAI API reference,
"Structured outputs"), as vLLM, SGLang, llama.cpp, Ollama and hosted services speak it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from lessons.errors import InvalidInput, Unavailable

FIELD = "summary_endpoint_url"
TIMEOUT_SECONDS = 180.0
MOST_TOKENS = 2_500
UNAUTHORISED = (401, 403)
AGAIN = (408, 409, 429)
SERVER_ERROR = 500


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice]


class EndpointModel:
    """One model at an endpoint. What was said in the lesson goes there, under labels for names.

    Args:
        url: of the API, up to and with its version, such as http://127.0.0.1:8000/v1.
        model: name of the model there.
        key: bearer token, if it asks for one.
        client: to reach it by; None: one of its own.

    Raises:
        InvalidInput: the address is none.
    """

    def __init__(
        self, url: str, model: str, key: str | None = None, client: httpx.Client | None = None
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise InvalidInput(
                f"`{url}` is no address.",
                field=FIELD,
                fix="Use one such as http://127.0.0.1:8000/v1.",
            )
        self._url = url.rstrip("/")
        self._model = model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS)
        self._client.headers.update(headers)

    @property
    def name(self) -> str:
        """Name of the model there."""
        return self._model

    @property
    def version(self) -> str:
        """Host of the endpoint: it tells no version of its own."""
        return httpx.URL(self._url).host

    def answer(self, instruction: str, material: str, schema: Mapping[str, Any]) -> str:
        """Return the model's answer; whoever reads it must not trust it to keep to the schema.

        Raises:
            Unavailable: the endpoint cannot be reached, refuses, or answers in another form.
        """
        body = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": material},
            ],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "notes", "strict": True, "schema": _plain(schema)},
            },
        }
        try:
            response = self._client.post(f"{self._url}/chat/completions", json=body)
            response.raise_for_status()
            completion = _Completion.model_validate_json(response.content)
        except httpx.HTTPStatusError as error:
            raise _refused(error.response) from error
        except httpx.HTTPError as error:
            raise Unavailable(
                f"The summary endpoint cannot be reached: {error}.",
                field=FIELD,
                fix="Look whether it runs at that address.",
            ) from error
        except ValidationError as error:
            raise Unavailable(
                "The summary endpoint answers in another form.",
                field=FIELD,
                fix="Give the address of an OpenAI-compatible API, with its version.",
            ) from error
        return (completion.choices[0].message.content if completion.choices else None) or ""


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without what only llguidance reads."""
    return {name: value for name, value in schema.items() if not name.startswith("x-")}


def _refused(response: httpx.Response) -> Unavailable:
    status = response.status_code
    if status in UNAUTHORISED:
        fix = "Set the key that it asks for as `summary_endpoint_key`."
    elif status in AGAIN or status >= SERVER_ERROR:
        fix = "It is tried again later."
    else:
        fix = "Look whether it serves that model and knows `response_format` json_schema."
    return Unavailable(f"The summary endpoint answered {status}.", field=FIELD, fix=fix)
