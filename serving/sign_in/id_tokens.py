"""ID tokens: a provider's signed word on who somebody is, checked claim by claim.

Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 (JSON Web Token Best Current Practices).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from serving.sign_in.failure import SignInFailed

CLOCK_SKEW_SECONDS = 60
"""How far the provider's clock may be from ours."""

MAX_SUBJECT_CHARACTERS = 255
"""Of the standard; longer ones are refused."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a key pair, and no others: with a shared secret or none, whoever knows the
client's id or secret could write ID tokens."""

_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class UnknownKey(SignInFailed):
    """The ID token is signed by a key that is not among those known: the provider may have new."""


def read_id_token(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    algorithms: Collection[str] = ALGORITHMS,
) -> Mapping[str, Any]:
    """Return the claims of an ID token that was made for us, in this attempt, just now.

    Args:
        keys: the provider's public keys.
        issuer: the provider, letter for letter.
        nonce: what we sent along.
        access_token: what came along; where the token tells its hash, it must be this one's.
        algorithms: those that the provider says it uses; only asymmetric ones are taken.

    Raises:
        UnknownKey: no key of that id is known.
        SignInFailed: a check failed; the reason says which.
    """
    allowed = [name for name in algorithms if name in ALGORITHMS]
    try:
        decoded = jwt.decode(token, keys, algorithms=allowed)
    except InvalidKeyIdError as error:
        raise UnknownKey("The ID token is signed by an unknown key.") from error
    except (JoseError, ValueError) as error:
        raise SignInFailed("The ID token's signature does not hold.") from error
    claims = decoded.claims
    _check_times(claims)
    _check(claims.get("iss") == issuer, "another issuer's")
    _check_audience(claims, client_id)
    _check(_same(claims.get("nonce"), nonce), "of another attempt")
    subject = claims.get("sub")
    _check(
        isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT_CHARACTERS,
        "without a subject",
    )
    if access_token is not None and "at_hash" in claims:
        algorithm = str(decoded.header["alg"])
        _check(_same(claims["at_hash"], _half_hash(access_token, algorithm)), "of another answer")
    return claims


def _check_times(claims: Mapping[str, Any]) -> None:
    try:
        jwt.JWTClaimsRegistry(
            leeway=CLOCK_SKEW_SECONDS, exp={"essential": True}, iat={"essential": True}
        ).validate(dict(claims))
    except (JoseError, ValueError, TypeError) as error:
        raise SignInFailed("The ID token has expired, or is of a time to come.") from error


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    _check(client_id in audiences, "made for another client")
    party = claims.get("azp")
    _check(party == client_id or (party is None and len(audiences) == 1), "made for another client")


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise SignInFailed(f"The ID token is {what}.")


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _half_hash(access_token: str, algorithm: str) -> str:
    """Return the left half of the token's hash in base64url (section 3.1.3.6)."""
    digest = _HASHES[algorithm[-3:]](access_token.encode()).digest()
    half = digest[: len(digest) // 2]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode("ascii")
