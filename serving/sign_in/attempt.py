"""One attempt to sign in: what must come back unchanged, kept by the browser, sealed by us.

It rides in a cookie that only we can open (JSON Web Encryption, RFC 7516, AES-256-GCM), so no
gateway has to remember it, and only the browser that began can finish (RFC 9700, section 4.7).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, ValidationError

from serving.sign_in.failure import SignInFailed

LIFETIME_SECONDS = 600
"""How long a person may take at the provider."""

_KEY_BYTES = 32
_KEY_PURPOSE = b"lectern sign-in attempt 1"
_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]
_RANDOM_BYTES = 32
_VERIFIER_BYTES = 48
_COOKIE_PREFIX = "lectern_attempt_"
_COOKIE_CHARACTERS = 12


class Attempt(BaseModel):
    """What the answer of the provider is held against.

    Attributes:
        state: ties the answer to this attempt.
        nonce: ties the ID token to it.
        verifier: proves to the provider that who redeems the code is who asked for it (PKCE).
        issuer: the provider that was asked; no other may answer (mix-up, RFC 9700, section 4.4).
        redirect_uri: where the answer comes to.
        return_to: path of ours that the person wanted.
        begun_at: Unix time in seconds.
    """

    model_config = ConfigDict(frozen=True)

    tenant_id: str
    issuer: str
    redirect_uri: str
    return_to: str
    state: str
    nonce: str
    verifier: str
    begun_at: int

    @property
    def challenge(self) -> str:
        """The code challenge of method S256 (RFC 7636, section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    @property
    def cookie(self) -> str:
        """Name of its cookie: two tabs may each be at one."""
        return cookie_of(self.state)


def begin_attempt(tenant_id: str, issuer: str, redirect_uri: str, return_to: str) -> Attempt:
    """Return a new attempt with fresh random values of 256 bits and more."""
    return Attempt(
        tenant_id=tenant_id,
        issuer=issuer,
        redirect_uri=redirect_uri,
        return_to=return_to,
        state=secrets.token_urlsafe(_RANDOM_BYTES),
        nonce=secrets.token_urlsafe(_RANDOM_BYTES),
        verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
        begun_at=int(time.time()),
    )


def cookie_of(state: str) -> str:
    """Return the name of the cookie in which the attempt of this state is kept."""
    digest = hashlib.sha256(state.encode()).hexdigest()
    return _COOKIE_PREFIX + digest[:_COOKIE_CHARACTERS]


def seal_attempt(attempt: Attempt, secret: str) -> str:
    """Return the attempt as the browser keeps it: neither readable nor changeable there."""
    return jwe.encrypt_compact(
        _HEADER, attempt.model_dump_json().encode(), _key(secret), algorithms=_ALGORITHMS
    )


def open_attempt(sealed: str | None, state: str, secret: str) -> Attempt:
    """Return the attempt that this browser began and that this answer belongs to.

    Raises:
        SignInFailed: this browser began none, another one, or began it too long ago.
    """
    if not sealed:
        raise _not_this_browsers()
    try:
        opened = jwe.decrypt_compact(sealed, _key(secret), algorithms=_ALGORITHMS)
        attempt = Attempt.model_validate(json.loads(opened.plaintext or b""))
    except (JoseError, ValidationError, ValueError) as error:
        raise _not_this_browsers() from error
    if not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise _not_this_browsers()
    if attempt.begun_at + LIFETIME_SECONDS < time.time():
        raise SignInFailed("The sign-in took too long.", "expired", fix="Sign in again.")
    return attempt


def _key(secret: str) -> OctKey:
    # A key of its own: what is sealed here is of no use as a participant token, nor the reverse.
    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_KEY_PURPOSE)
    return OctKey.import_key(derived.derive(secret.encode()))


def _not_this_browsers() -> SignInFailed:
    return SignInFailed(
        "This browser did not begin this sign-in.", "expired", field="state", fix="Sign in again."
    )
