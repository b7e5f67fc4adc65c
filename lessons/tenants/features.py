"""What a tenant, or one above it, allows: features, languages and caption engines."""

from __future__ import annotations

from typing import Literal

from lessons.errors import InvalidInput, NotAllowed
from lessons.tenants.settings import TenantSettings

Feature = Literal["live_captions", "recordings", "webhooks", "guest_participants"]


def require_feature(settings: TenantSettings, feature: Feature) -> None:
    """Refuse what is switched off.

    Raises:
        NotAllowed: it is off for this tenant.
    """
    if not getattr(settings.features, feature):
        raise NotAllowed(
            f"The tenant has switched off {feature.replace('_', ' ')}.",
            field=f"settings.features.{feature}",
            fix="An administrator of the tenant that switched it off can switch it on.",
        )


def language_of(settings: TenantSettings, asked: str | None, otherwise: str) -> str:
    """Return the language of a new lesson.

    Args:
        asked: ISO 639 code; None takes the tenant's first, or `otherwise` where it has none.

    Raises:
        InvalidInput: the tenant does not teach in it.
    """
    if asked is None:
        return settings.languages[0] if settings.languages else otherwise
    if settings.languages and asked not in settings.languages:
        raise InvalidInput(
            f"The tenant has no lessons in {asked!r}.",
            field="language",
            fix=f"Languages: {', '.join(settings.languages)}.",
        )
    return asked


def allows_engine(settings: TenantSettings, engine: str | None) -> bool:
    """Tell whether speech may go to a caption engine; None: to none that is known."""
    return settings.engines_allowed is None or engine in settings.engines_allowed


def require_allowed_engine(settings: TenantSettings, engine: str | None) -> None:
    """Refuse speech that the loaded caption engine may not hear.

    Raises:
        NotAllowed: the tenant allows other engines only.
    """
    if not allows_engine(settings, engine):
        raise NotAllowed(
            f"The tenant allows other caption engines than {engine!r} only.",
            field="settings.engines_allowed",
            fix=f"Load one of: {', '.join(settings.engines_allowed or ())}.",
        )
