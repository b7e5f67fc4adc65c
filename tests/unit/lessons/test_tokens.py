from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from lessons.errors import NotAuthenticated
from lessons.roles import Role
from lessons.tokens import mint_participant_token, read_participant_token

SECRET = "a secret of the installation, long enough"
CLAIMS: dict[str, Any] = {
    "iss": "lectern",
    "sub": "par_1",
    "tenant": "ten_1",
    "lesson": "les_1",
    "role": "learner",
    "name": "Ada",
    "exp": 4_000_000_000,
}


def _mint(secret: str = SECRET, lifetime: timedelta = timedelta(hours=1)) -> str:
    return mint_participant_token(
        secret,
        tenant_id="ten_1",
        lesson_id="les_1",
        participant_id="par_1",
        role=Role.LEARNER,
        name="Ada",
        lifetime=lifetime,
    )


def _sign(**changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def test_says_who_the_bearer_is() -> None:
    credential = read_participant_token(SECRET, _mint())
    assert credential.kind == "participant"
    assert (credential.tenant_id, credential.lesson_id) == ("ten_1", "les_1")
    assert (credential.participant_id, credential.role) == ("par_1", Role.LEARNER)
    assert credential.name == "Ada"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (_mint(lifetime=timedelta(seconds=-5)), "expired"),
        (_mint(secret="the secret of another installation!"), "signature"),
        (_sign(iss="somebody"), "issuer"),
        (_sign(role="emperor"), "role"),
        (_sign(lesson=None), "no lesson"),
        (_sign(exp=None), "no exp"),
        ("not.a.token", "malformed"),
        ("", "malformed"),
        ("nonsense", "malformed"),
    ],
)
def test_each_bad_token_is_refused_for_its_own_reason(token: str, reason: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        read_participant_token(SECRET, token)
    assert reason in refused.value.reason


def test_an_unsigned_token_is_refused() -> None:
    forged = "eyJhbGciOiJub25lIn0." + _mint().split(".")[1] + "."
    with pytest.raises(NotAuthenticated):
        read_participant_token(SECRET, forged)
