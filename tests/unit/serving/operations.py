"""Every operation and every WebSocket of the API, read off the application itself."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import WebSocketRoute

import serving.api
from serving.gateway import operations
from serving.web.openapi import complete_description

EVENT_STREAM = "text/event-stream"
_PARAMETER = re.compile(r"\{([^}:]+)[^}]*\}")


@dataclass(frozen=True)
class Operation:
    """One method of one path, with what it takes.

    Attributes:
        media_type: of the body; None without one.
        example: the first example of the body's schema.
        is_open: whether it takes no credential.
        streams: whether it can answer with an endless event stream.
    """

    method: str
    path: str
    query: tuple[str, ...]
    media_type: str | None
    example: Any
    is_open: bool
    streams: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """Names of the parts of the path."""
        return _PARAMETER.findall(self.path)


def operations_of(app: FastAPI) -> tuple[Operation, ...]:
    """Return every documented operation."""
    own = [route for route in app.routes if not any(route is one for one in operations())]
    assert not any(getattr(route, "include_in_schema", False) for route in own)
    return _shared_operations()


@cache
def _shared_operations() -> tuple[Operation, ...]:
    """Return those of the routes that all applications share: describing them takes seconds."""
    app = FastAPI(routes=operations())
    complete_description(app)
    document = app.openapi()
    return tuple(
        Operation(
            method.upper(),
            path,
            tuple(
                item["name"] for item in described.get("parameters", ()) if item["in"] == "query"
            ),
            *_body_of(described, document),
            not described.get("security"),
            method == "get"
            and EVENT_STREAM in described["responses"].get("200", {}).get("content", {}),
        )
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    )


def filled(path: str, identifiers: Mapping[str, str]) -> str:
    """Return a path with its parameters filled in.

    Raises:
        KeyError: a parameter has no value there: give it one where the identifiers are made.
    """
    return _PARAMETER.sub(lambda match: identifiers[match[1]], path)


def websocket_paths() -> list[str]:
    """Return the path of every WebSocket."""
    return [route.path for route in _routes() if isinstance(route, WebSocketRoute)]


def undocumented_paths() -> set[str]:
    """Return the paths of operations that OpenAPI leaves out."""
    return {
        route.path
        for route in _routes()
        if isinstance(route, APIRoute) and not route.include_in_schema
    }


def _routes() -> Iterator[Any]:
    for module in pkgutil.iter_modules(serving.api.__path__):
        router = getattr(importlib.import_module(f"serving.api.{module.name}"), "router", None)
        yield from getattr(router, "routes", ())


def _body_of(described: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str | None, Any]:
    content = described.get("requestBody", {}).get("content", {})
    if not content:
        return None, None
    media_type, body = next(iter(content.items()))
    return media_type, body.get("example", _example(body.get("schema", {}), document))


def _example(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """Return the first example of a schema, or of the first alternative that has one."""
    if "$ref" in schema:
        return _example(
            document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document
        )
    if "examples" in schema:
        return schema["examples"][0]
    for alternatives in ("oneOf", "anyOf"):
        for alternative in schema.get(alternatives, ()):
            found = _example(alternative, document)
            if found is not None:
                return found
    return None
