"""docs/authentication.md says what the code does, number by number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lessons.policy import SCOPES
from lessons.store.sign_ins import IDLE_LIFETIME, LIFETIME
from serving.api.participants import DEFAULT_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS
from serving.settings import Settings
from serving.sign_in.id_tokens import CLOCK_SKEW_SECONDS
from serving.web.guessing import FREE_TRIES, FREE_TRIES_OF_ADDRESS, LONGEST_WAIT_SECONDS
from serving.web.rate_limits import PER_MINUTE_OF_ONE_PERSON

PAGE = (Path(__file__).parents[2] / "docs" / "authentication.md").read_text("utf-8")
HOUR_SECONDS = 3600


def test_every_scope_is_listed_and_no_other() -> None:
    assert set(re.findall(r"`([a-z_]+:(?:read|write))`", PAGE)) == set(SCOPES)


@pytest.mark.parametrize(
    "sentence",
    [
        f"at most {MAX_LIFETIME_SECONDS // HOUR_SECONDS} hours, "
        f"{DEFAULT_LIFETIME_SECONDS // HOUR_SECONDS} by default",
        f"{LIFETIME.seconds // HOUR_SECONDS} hours, "
        f"{IDLE_LIFETIME.seconds // HOUR_SECONDS} without use",
        f"times ({CLOCK_SKEW_SECONDS} s of skew)",
        f"requests a minute ({Settings.model_fields['rate_limit_per_minute'].default:,})",
        f"participant {PER_MINUTE_OF_ONE_PERSON:,};",
        f"After {FREE_TRIES} wrong secrets",
        f"up to {LONGEST_WAIT_SECONDS / 60:g} minutes",
        f"After {FREE_TRIES_OF_ADDRESS} for any",
    ],
)
def test_its_numbers_are_those_of_the_code(sentence: str) -> None:
    assert sentence in " ".join(PAGE.split())
