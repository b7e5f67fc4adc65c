"""Participant tokens: signed JWTs that say who somebody is in one lesson, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import OctKey

from lessons.errors import NotAuthenticated
from lessons.policy import Credential
from lessons.roles import Role

ISSUER = "lectern"
"""The `iss` of every participant token."""

_ALGORITHM = "HS256"
_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    sub={"essential": True},
    exp={"essential": True},
    tenant={"essential": True},
    lesson={"essential": True},
    role={"essential": True, "values": [role.value for role in Role]},
    name={"essential": True},
)


def mint_participant_token(
    secret: str,
    *,
    tenant_id: str,
    lesson_id: str,
    participant_id: str,
    role: Role,
    name: str,
    lifetime: timedelta,
) -> str:
    """Return a token (RFC 7519, HMAC SHA-256) for one participant of one lesson.

    Args:
        secret: the installation's own; at least 32 bytes.
        lifetime: how long the token is good for, from now.
    """
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "sub": participant_id,
        "tenant": tenant_id,
        "lesson": lesson_id,
        "role": role.value,
        "name": name,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, OctKey.import_key(secret))


def read_participant_token(secret: str, token: str) -> Credential:
    """Return who the bearer of a token is.

    Raises:
        NotAuthenticated: the token is malformed, signed by somebody else, from another issuer,
            incomplete or expired; the reason says which.
    """
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=[_ALGORITHM]).claims
        _CLAIMS.validate(claims)
    except BadSignatureError as error:
        raise _refused("The token's signature is not ours.") from error
    except ExpiredTokenError as error:
        raise _refused("The token has expired.") from error
    except InvalidClaimError as error:
        which = "comes from another issuer" if error.claim == "iss" else f"has a bad {error.claim}"
        raise _refused(f"The token {which}.") from error
    except MissingClaimError as error:
        raise _refused(f"The token has no {error.claim}.") from error
    except (JoseError, ValueError) as error:
        raise _refused("The token is malformed.") from error
    return Credential(
        tenant_id=claims["tenant"],
        kind="participant",
        lesson_id=claims["lesson"],
        participant_id=claims["sub"],
        role=Role(claims["role"]),
        name=claims["name"],
    )


def _refused(reason: str) -> NotAuthenticated:
    return NotAuthenticated(
        reason,
        field="Authorization",
        fix="Mint a new one at POST /v1/lessons/{id}/participants/{pid}/token.",
    )
