"""Why a sign-in failed, in one word for the console and in a sentence for the log."""

from __future__ import annotations

from typing import Literal

from lessons.errors import NotAuthenticated

Stage = Literal["declined", "expired", "provider", "not_set_up", "unknown_person"]
"""Where it failed: the user declined; the attempt is not this browser's or too old; the provider
sent something wrong or nothing; the tenant has no provider; the person may not come in."""


class SignInFailed(NotAuthenticated):
    """The sign-in did not come to its end; the person may try again.

    Args:
        reason: what went wrong, in a full sentence; without anything that the provider wrote.
        stage: where, in one word.
    """

    code = "sign_in_failed"

    def __init__(
        self,
        reason: str,
        stage: Stage = "provider",
        *,
        field: str | None = None,
        fix: str | None = "Sign in again; if it fails again, tell your administrator the time.",
    ) -> None:
        super().__init__(reason, field=field, fix=fix)
        self.stage = stage
