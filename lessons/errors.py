"""The one exception tree. Every error names the field, the reason and the fix."""

from __future__ import annotations


class LecternError(Exception):
    """Something Lectern refuses or cannot do.

    Args:
        reason: what is wrong, in a full sentence.
        field: the input at fault (`"role"`, `"events[3].data.poll_id"`), or None.
        fix: what the caller can do about it.
    """

    code = "error"

    def __init__(self, reason: str, *, field: str | None = None, fix: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.fix = fix

    def __str__(self) -> str:
        parts = [f"{self.field}: {self.reason}" if self.field else self.reason]
        if self.fix:
            parts.append(self.fix)
        return " ".join(parts)


class InvalidInput(LecternError):
    """The input is malformed or out of range."""

    code = "invalid_input"


class UnsupportedMedia(InvalidInput):
    """Media in a container or codec, or of a kind, that Lectern does not take."""

    code = "unsupported_media"


class NotAuthenticated(LecternError):
    """The credential is missing, malformed, expired or revoked."""

    code = "not_authenticated"


class WrongCredential(NotAuthenticated):
    """The credential is malformed, unknown or forged: what somebody who guesses would send."""


class NotAllowed(LecternError):
    """The credential is good, but its role or its lesson does not cover this."""

    code = "not_allowed"


class NotFound(LecternError):
    """No such thing, or none that the caller may know of."""

    code = "not_found"


class Conflict(LecternError):
    """The request contradicts what is already recorded."""

    code = "conflict"


class Unavailable(LecternError):
    """A part of Lectern is down or starting; the same request may succeed later.

    Args:
        retry_after_seconds: when to try again.
    """

    code = "unavailable"

    def __init__(
        self,
        reason: str,
        *,
        field: str | None = None,
        fix: str | None = None,
        retry_after_seconds: int = 5,
    ) -> None:
        super().__init__(reason, field=field, fix=fix)
        self.retry_after_seconds = retry_after_seconds


class Overloaded(Unavailable):
    """Every worker is past its admission limit; new lessons wait, admitted ones go on."""

    code = "overloaded"


class NoHeadroom(Overloaded):
    """The captioner has no room for another lesson; those that are live go on."""

    code = "no_headroom"


class TooManyRequests(Unavailable):
    """The caller sent more than its share; it waits as long as `Retry-After` says."""

    code = "too_many_requests"
