"""Whose speech goes to the captioner: by feature switch, and by the engine that is loaded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lessons.errors import Unavailable
from lessons.store import Database
from lessons.store.tenants import TenantStore
from serving.live.caption_rules import CaptionRules


async def pocketsphinx() -> str:
    return "pocketsphinx"


async def nobody() -> str:
    raise Unavailable("The models process is away.")


@pytest.mark.parametrize(
    ("settings", "engine", "allowed"),
    [
        ({}, nobody, True),
        ({"features": {"live_captions": False}}, pocketsphinx, False),
        ({"engines_allowed": ["pocketsphinx"]}, pocketsphinx, True),
        ({"engines_allowed": ["faster-whisper"]}, pocketsphinx, False),
        ({"engines_allowed": ["pocketsphinx"]}, nobody, False),
    ],
)
async def test_speech_is_captioned_as_its_tenant_says(
    database: Database,
    tenant_id: str,
    settings: dict[str, Any],
    engine: Callable[[], Awaitable[str]],
    allowed: bool,
) -> None:
    tenants = TenantStore(database)
    await tenants.change(tenant_id, tenant_id, settings=settings)
    school = await tenants.create(tenant_id, tenant_id, "Hill", "school", {})
    rules = CaptionRules(tenants, engine)
    assert [await rules.allow(one) for one in (tenant_id, school.id)] == [allowed, allowed]
