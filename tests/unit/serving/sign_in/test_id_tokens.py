"""ID tokens that a hostile or broken provider, or somebody between, might send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from serving.sign_in.failure import SignInFailed
from serving.sign_in.id_tokens import ALGORITHMS, CLOCK_SKEW_SECONDS, UnknownKey, read_id_token

ISSUER = "https://id.school.example"
CLIENT = "lectern"
NONCE = "n-0S6_WzA2Mj"
ACCESS_TOKEN = "an access token"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, private=True)
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}, private=True)
KEYS = KeySet.import_key_set({"keys": [RSA.as_dict(), EC.as_dict()]})


class FromNow(int):
    """Seconds from when the test runs, not from when it was collected."""


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "sub": "ada",
        "aud": CLIENT,
        "exp": now + 300,
        "iat": now,
        "nonce": NONCE,
    } | changes
    return {
        name: now + value if isinstance(value, FromNow) else value
        for name, value in given.items()
        if value is not ...
    }


def signed(payload: dict[str, Any], algorithm: str = "RS256", key: Any = RSA) -> str:
    header = {"alg": algorithm, "kid": key.kid}
    return jwt.encode(header, payload, key, algorithms=[algorithm])


def read(token: str, **changes: Any) -> dict[str, Any]:
    expected: dict[str, Any] = {
        "issuer": ISSUER,
        "client_id": CLIENT,
        "nonce": NONCE,
        "access_token": ACCESS_TOKEN,
    }
    return dict(read_id_token(token, KEYS, **(expected | changes)))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def half_hash(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return encoded(digest[:16])


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA), ("PS384", RSA), ("ES256", EC)])
def test_a_good_one_says_who_it_is(algorithm: str, key: Any) -> None:
    assert read(signed(claims(), algorithm, key))["sub"] == "ada"


@pytest.mark.parametrize(
    "good",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"at_hash": half_hash(ACCESS_TOKEN)},
        {"exp": FromNow(-CLOCK_SKEW_SECONDS // 2)},
        {"iat": FromNow(CLOCK_SKEW_SECONDS // 2)},
    ],
)
def test_what_the_standard_allows_is_taken(good: dict[str, Any]) -> None:
    assert read(signed(claims(**good)))["sub"] == "ada"


@pytest.mark.parametrize(
    "bad",
    [
        {"iss": "https://evil.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": ...},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": ...},
        {"aud": None},
        {"aud": {CLIENT: 1}},
        {"nonce": "another"},
        {"nonce": ...},
        {"nonce": 1},
        {"exp": FromNow(-CLOCK_SKEW_SECONDS - 1)},
        {"exp": ...},
        {"exp": "soon"},
        {"iat": FromNow(CLOCK_SKEW_SECONDS + 10)},
        {"iat": ...},
        {"nbf": FromNow(CLOCK_SKEW_SECONDS + 10)},
        {"sub": ...},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": half_hash("another token")},
        {"at_hash": None},
    ],
    ids=str,
)
def test_a_claim_that_does_not_fit_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(SignInFailed):
        read(signed(claims(**bad)))


class TestSignatures:
    """Confusing the algorithm, the key, or both."""

    def test_none_at_all(self) -> None:
        body = encoded(json.dumps(claims()).encode())
        for algorithm in ("none", "None", "NONE", "nOnE"):
            header = json.dumps({"alg": algorithm, "kid": "rsa"}).encode()
            with pytest.raises(SignInFailed):
                read(f"{encoded(header)}.{body}.", algorithms=[algorithm, *ALGORITHMS])

    def test_the_public_key_as_a_shared_secret(self) -> None:
        parts = ({"alg": "HS256", "kid": "rsa"}, claims())
        text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        secret = RSA.as_pem(private=False)
        forged = f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"
        with pytest.raises(SignInFailed):
            read(forged, algorithms=["HS256", *ALGORITHMS])

    def test_the_clients_own_secret(self) -> None:
        forged = jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key("secret " * 8))
        with pytest.raises(SignInFailed):
            read(forged, algorithms=["HS256"])

    def test_another_key_of_the_same_name(self) -> None:
        with pytest.raises(SignInFailed, match="signature"):
            read(signed(claims(), key=OTHER_RSA))

    def test_a_key_that_comes_with_the_token(self) -> None:
        header = {"alg": "RS256", "kid": "rsa", "jwk": OTHER_RSA.as_dict(private=False)}
        payload = json.dumps(claims()).encode()
        with pytest.raises(SignInFailed):
            read(jws.serialize_compact(header, payload, OTHER_RSA))

    def test_a_key_that_is_not_known_yet(self) -> None:
        new = RSAKey.generate_key(2048, {"kid": "new"}, private=True)
        with pytest.raises(UnknownKey):
            read(signed(claims(), key=new))

    def test_an_algorithm_that_the_provider_does_not_use(self) -> None:
        with pytest.raises(SignInFailed):
            read(signed(claims(), "PS256"), algorithms=["RS256"])

    def test_a_changed_claim(self) -> None:
        header, body, signature = signed(claims()).split(".")
        decoded = json.loads(base64.urlsafe_b64decode(body + "=="))
        changed = json.dumps(decoded | {"sub": "eve"}).encode()
        forged = encoded(changed)
        with pytest.raises(SignInFailed, match="signature"):
            read(f"{header}.{forged}.{signature}")

    @pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "\0", "é.é.é"])
    def test_what_is_no_token(self, token: str) -> None:
        with pytest.raises(SignInFailed):
            read(token)
