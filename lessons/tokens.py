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

from lessons.errors import NotAuthenticated, WrongCredential
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.roles import Role

ISSUER = "lectern"
"""The `iss` of every participant token."""

_ALGORITHM = "HS256"
_MINT_ANOTHER = "Mint a new one at POST /v1/lessons/{id}/participants/{pid}/token."
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
    generation: int = 0,
) -> str:
    """Return a token (RFC 7519, HMAC SHA-256) for one participant of one lesson.

    It says no `iat`: a gateway whose clock is a second behind would refuse a token of a second ago.
    Its `jti` begins with that time.

    Args:
        secret: the installation's own; at least 32 bytes.
        lifetime: how long the token is good for, from now.
        generation: how often the participant's tokens were revoked up to now.
    """
    claims = {
        "iss": ISSUER,
        "sub": participant_id,
        "tenant": tenant_id,
        "lesson": lesson_id,
        "role": role.value,
        "name": name,
        "jti": new_id("tok"),
        "gen": generation,
        "exp": int((datetime.now(UTC) + lifetime).timestamp()),
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, OctKey.import_key(secret))


def read_participant_token(secret: str, token: str) -> Credential:
    """Return who the bearer of a token is; whether it was revoked since is the store's to say.

    Raises:
        WrongCredential: the token is malformed, signed by somebody else, from another issuer or
            incomplete; the reason says which.
        NotAuthenticated: the token was good and has expired.
    """
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=[_ALGORITHM]).claims
        _CLAIMS.validate(claims)
    except BadSignatureError as error:
        raise _refused("The token's signature is not ours.") from error
    except ExpiredTokenError as error:
        raise NotAuthenticated(
            "The token has expired.", field="Authorization", fix=_MINT_ANOTHER
        ) from error
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
        token_id=claims.get("jti"),
        generation=claims.get("gen", 0),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _refused(reason: str) -> WrongCredential:
    return WrongCredential(reason, field="Authorization", fix=_MINT_ANOTHER)
