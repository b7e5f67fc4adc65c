"""The secret that a provider gave is never sent to another one, whoever names that other one."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.tenants import changed_settings, effective_settings, read_settings

SIGN_IN = {"issuer": "https://id.example", "client_id": "us", "client_secret": "s3cret"}
INSTITUTION = read_settings({"sign_in": SIGN_IN})


def test_a_school_signs_in_at_its_institutions_provider() -> None:
    sign_in = effective_settings(INSTITUTION, {}).sign_in
    assert (sign_in.issuer, sign_in.client_secret) == (SIGN_IN["issuer"], "s3cret")


@pytest.mark.parametrize(
    "own",
    [
        {"issuer": "https://evil.example"},
        {"issuer": "https://evil.example", "client_id": "us"},
        {"issuer": "https://id.example/"},
    ],
)
@pytest.mark.parametrize("locked", [[], ["sign_in.client_secret"]])
def test_a_school_with_another_provider_is_not_given_the_institutions_secret(
    own: dict[str, Any], locked: list[str]
) -> None:
    above = read_settings({"sign_in": SIGN_IN, "locked": locked})
    sign_in = effective_settings(above, {"sign_in": own}).sign_in
    assert sign_in.issuer == own["issuer"]
    assert sign_in.client_secret is None
    below = effective_settings(effective_settings(above, {"sign_in": own}), {}).sign_in
    assert below.client_secret is None


def test_a_new_provider_needs_a_new_secret() -> None:
    moved = changed_settings({"sign_in": SIGN_IN}, {"sign_in": {"issuer": "https://evil.example"}})
    assert moved == {"sign_in": {"issuer": "https://evil.example"}}
    whole = SIGN_IN | {"issuer": "https://new.example", "client_secret": "new"}
    assert changed_settings({"sign_in": SIGN_IN}, {"sign_in": whole}) == {"sign_in": whole}


@pytest.mark.parametrize(
    "patch", [{"sign_in": {"client_id": "we"}}, {"brand": {"name": "Hill"}}, {}]
)
def test_other_changes_keep_the_secret(patch: dict[str, Any]) -> None:
    assert changed_settings({"sign_in": SIGN_IN}, patch)["sign_in"]["client_secret"] == "s3cret"


def test_giving_the_provider_back_to_the_ancestors_drops_the_secret() -> None:
    changed = changed_settings({"sign_in": SIGN_IN}, {"sign_in": {"issuer": None}})
    assert changed == {"sign_in": {}}
