"""Static files: the console at `/`, and the API reference without a content delivery network."""

from __future__ import annotations

from os import PathLike, stat_result
from pathlib import Path, PurePath

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from serving.web.middleware import DOCS_CONTENT_SECURITY_POLICY

CONSOLE_FOLDER = Path(__file__).parents[2] / "console"

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Fixed, because Python asks the operating system, and a module of another type does not load."""

DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lectern API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
DOCS_SCRIPT = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  persistAuthorization: true,
});
"""
"""A file of its own: the content security policy allows no inline script."""


class ModuleFiles(StaticFiles):
    """Static files with fixed media types, revalidated at each use so that an update is seen."""

    def file_response(
        self,
        full_path: PathLike[str] | str,
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return one file."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        media_type = MEDIA_TYPES.get(PurePath(full_path).suffix)
        if media_type and response.status_code == status_code:
            response.headers["Content-Type"] = media_type
        response.headers["Cache-Control"] = "no-cache"
        return response


def add_docs(app: FastAPI) -> None:
    """Serve the API reference at `/docs`."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        headers = {"Content-Security-Policy": DOCS_CONTENT_SECURITY_POLICY}
        return HTMLResponse(DOCS_PAGE, headers=headers)

    @app.get("/docs/start.js", include_in_schema=False)
    async def start_script() -> Response:
        return Response(DOCS_SCRIPT, media_type="text/javascript")

    assets = ModuleFiles(packages=[("fastapi_swagger", "resources")])
    app.mount("/docs/assets", assets, name="docs-assets")


def add_console(app: FastAPI, folder: Path = CONSOLE_FOLDER) -> None:
    """Serve the console at `/`; mount it last, for it takes every path that is left."""
    app.mount("/", ModuleFiles(directory=folder, html=True), name="console")
