"""Serves an application on a real port, for streams and for calls between processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 0.05
"""For what still runs when a test is over; Uvicorn's type allows whole seconds only."""


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port of 127.0.0.1; yields its URL.

    At the end it waits for no answer that is still on its way, as nobody reads it any more.
    """
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    config.timeout_graceful_shutdown = GRACE_SECONDS  # type: ignore[assignment]
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    ticking = asyncio.create_task(server.main_loop())
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        ticking.cancel()
        await server.shutdown()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
