from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from lessons.errors import NotAuthenticated, WrongCredential
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
    assert credential.token_id is not None
    assert credential.token_id.startswith("tok_")
    assert credential.expires_at is not None


def test_two_tokens_of_a_participant_are_told_apart() -> None:
    first, second = (read_participant_token(SECRET, _mint()) for _ in range(2))
    assert first.token_id != second.token_id


def test_only_a_token_that_was_good_is_called_expired() -> None:
    with pytest.raises(NotAuthenticated) as expired:
        read_participant_token(SECRET, _mint(lifetime=timedelta(seconds=-5)))
    assert not isinstance(expired.value, WrongCredential)
    with pytest.raises(WrongCredential):
        read_participant_token(SECRET, _mint(secret="the secret of another installation!"))


def test_a_key_of_another_algorithm_is_refused() -> None:
    other = jwt.encode({"alg": "HS512"}, CLAIMS, OctKey.import_key(SECRET), algorithms=["HS512"])
    with pytest.raises(WrongCredential):
        read_participant_token(SECRET, other)


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
