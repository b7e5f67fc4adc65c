"""Secrets in a tenant's settings: in the store they lie sealed under the master key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lessons.store.subject_keys import Keyring

_GROUP, _SECRET = "sign_in", "client_secret"
_PLACE = f"{_GROUP}.{_SECRET}"
_SEALED = "sealed:"


def seal_secrets(keyring: Keyring, settings: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return settings as they go into the store: the provider's client secret sealed."""
    return _with_secret(settings, lambda secret: _SEALED + keyring.master.seal_text(secret, _PLACE))


def open_secrets(keyring: Keyring, settings: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return settings as they came from the store, the client secret in the open.

    Raises:
        SealBroken: the secret was sealed under another master key.
    """

    def opened(secret: str) -> str:
        if not secret.startswith(_SEALED):
            return secret  # stored before secrets were sealed
        return keyring.master.open_text(secret.removeprefix(_SEALED), _PLACE)

    return _with_secret(settings, opened)


def _with_secret(
    settings: Mapping[str, Any] | None, change: Callable[[str], str]
) -> dict[str, Any] | None:
    if settings is None:
        return None
    group = settings.get(_GROUP) or {}
    if not group.get(_SECRET):
        return dict(settings)
    return {**settings, _GROUP: {**group, _SECRET: change(group[_SECRET])}}
