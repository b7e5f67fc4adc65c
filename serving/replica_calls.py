"""Calls of Serve's replicas from outside: bounded in time, and their failures in our own words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from lessons.errors import Overloaded, Unavailable

logger = logging.getLogger(__name__)


@asynccontextmanager
async def calling(
    whom: str, timeout_s: float, waiting: str, full_retry_s: int = 2
) -> AsyncIterator[None]:
    """Await a deployment's answer inside the block, so long at most.

    Args:
        whom: the deployment in words, such as "captioner".
        timeout_s: longest wait, in seconds.
        waiting: what waits for it, in the plural.
        full_retry_s: when to ask again where too many wait, in seconds.

    Raises:
        Unavailable: the replica died, none is up, or the time is over.
        Overloaded: too many wait already.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError as error:
        raise Unavailable(
            f"The {whom} did not answer within {timeout_s:.0f} s.", retry_after_seconds=1
        ) from error
    except BackPressureError as error:
        raise Overloaded(
            f"Too many {waiting} wait for the {whom}.", retry_after_seconds=full_retry_s
        ) from error
    except (RayError, RayServeException) as error:
        logger.warning("a call of the %s failed: %s", whom, error)
        raise Unavailable(
            f"The {whom} failed in the middle of the call.", retry_after_seconds=1
        ) from error
