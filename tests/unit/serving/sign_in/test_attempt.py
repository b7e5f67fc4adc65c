"""An attempt to sign in comes back unchanged, to the browser that began it, in time."""

from __future__ import annotations

import base64
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from serving.sign_in.attempt import (
    LIFETIME_SECONDS,
    Attempt,
    begin_attempt,
    open_attempt,
    seal_attempt,
)
from serving.sign_in.failure import SignInFailed

SECRET = "a secret of the installation, long enough"


@pytest.fixture
def attempt() -> Attempt:
    return begin_attempt("ten_1", "https://id.example", "https://here/callback", "/#/lessons")


def test_what_is_sealed_is_opened_as_it_was(attempt: Attempt) -> None:
    assert open_attempt(seal_attempt(attempt, SECRET), attempt.state, SECRET) == attempt


def test_the_browser_cannot_read_it(attempt: Attempt) -> None:
    sealed = seal_attempt(attempt, SECRET)
    for secret in (attempt.verifier, attempt.nonce, attempt.state):
        assert secret not in sealed
        assert base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=") not in sealed


def test_each_changed_byte_is_noticed(attempt: Attempt) -> None:
    sealed = seal_attempt(attempt, SECRET)
    for place in range(0, len(sealed), 7):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(SignInFailed):
            open_attempt(changed, attempt.state, SECRET)


def test_another_installations_is_not_opened(attempt: Attempt) -> None:
    sealed = seal_attempt(attempt, "the secret of another installation!")
    with pytest.raises(SignInFailed):
        open_attempt(sealed, attempt.state, SECRET)


def test_another_attempts_state_does_not_open_it(attempt: Attempt) -> None:
    with pytest.raises(SignInFailed):
        open_attempt(seal_attempt(attempt, SECRET), "another state", SECRET)


def test_it_ends(attempt: Attempt) -> None:
    begun_at = int(time.time()) - LIFETIME_SECONDS - 1
    late = attempt.model_copy(update={"begun_at": begun_at})
    with pytest.raises(SignInFailed, match="too long"):
        open_attempt(seal_attempt(late, SECRET), late.state, SECRET)


def test_a_participant_token_is_no_attempt(attempt: Attempt) -> None:
    token = jwt.encode({"alg": "HS256"}, attempt.model_dump(), OctKey.import_key(SECRET))
    with pytest.raises(SignInFailed):
        open_attempt(token, attempt.state, SECRET)


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    attempt = begin_attempt("t", "i", "r", "/").model_copy(update={"verifier": verifier})
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_attempt_is_its_own(attempt: Attempt) -> None:
    another = begin_attempt("ten_1", "https://id.example", "https://here/callback", "/")
    values = {attempt.state, attempt.nonce, attempt.verifier}
    assert not values & {another.state, another.nonce, another.verifier}
    assert 43 <= len(attempt.verifier) <= 128
