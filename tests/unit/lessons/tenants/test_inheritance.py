"""Settings go down the tree: inherited, overridden where that is allowed, never widened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from lessons.tenants import (
    RULES,
    TenantSettings,
    effective_settings,
    merge_patch,
    read_settings,
    require_overridable,
)
from lessons.tenants.inheritance import setting_paths

INSTITUTION = read_settings(
    {
        "brand": {"name": "Northside", "primary_colour": "#102030"},
        "languages": ["en", "fr"],
        "retention": {"captions_days": 100},
        "region": "eu",
        "consent": {"required_purposes": ["audio"]},
        "engines_allowed": ["faster_whisper", "pocketsphinx"],
        "features": {"recordings": False},
        "locked": ["brand.primary_colour"],
    }
)


def test_every_setting_says_what_a_tenant_below_may_do_with_it() -> None:
    assert set(RULES) == set(setting_paths())


def test_what_is_not_set_is_inherited() -> None:
    assert effective_settings(INSTITUTION, {}) == INSTITUTION


def test_a_free_setting_is_overridden_alone() -> None:
    school = effective_settings(INSTITUTION, {"brand": {"name": "Hill School"}})
    assert school.brand.name == "Hill School"
    assert school.brand.primary_colour == "#102030"


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"brand": {"primary_colour": "#ffffff"}}, "settings.brand.primary_colour"),
        ({"languages": ["en", "de"]}, "settings.languages"),
        ({"retention": {"captions_days": 101}}, "settings.retention.captions_days"),
        ({"retention": {"captions_days": None}}, "settings.retention.captions_days"),
        ({"region": "us"}, "settings.region"),
        ({"engines_allowed": ["other"]}, "settings.engines_allowed"),
        ({"features": {"recordings": True}}, "settings.features.recordings"),
        ({"engagement": {"camera": True}}, "settings.engagement.camera"),
        ({"engagement": {"nudges_per_lesson": 7}}, "settings.engagement.nudges_per_lesson"),
    ],
)
def test_what_is_wider_than_above_is_refused_by_its_name(own: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_overridable(INSTITUTION, own)
    assert refused.value.field == field
    assert "inherit" in (refused.value.fix or "")


@pytest.mark.parametrize(
    "own",
    [
        {"languages": ["fr"]},
        {"retention": {"captions_days": 30}},
        {"region": "eu"},
        {"consent": {"required_purposes": ["video"]}},
        {"features": {"webhooks": False}},
    ],
)
def test_what_is_narrower_than_above_is_taken(own: dict[str, Any]) -> None:
    require_overridable(INSTITUTION, own)


def test_purposes_add_up_on_the_way_down() -> None:
    school = effective_settings(INSTITUTION, {"consent": {"required_purposes": ["video"]}})
    assert school.consent.required_purposes == ["audio", "video"]


def test_masking_is_switched_on_below_and_never_off() -> None:
    masking = effective_settings(
        None, {"captions": {"mask_profanity": True, "masked_words": ["rival"]}}
    )
    own = {"captions": {"mask_personal_data": True, "masked_words": ["other"]}}
    below = effective_settings(masking, own)
    assert below.captions.mask_profanity
    assert below.captions.mask_personal_data
    assert below.captions.masked_words == ["rival", "other"]
    with pytest.raises(InvalidInput) as refused:
        require_overridable(masking, {"captions": {"mask_profanity": False}})
    assert refused.value.field == "settings.captions.mask_profanity"
    assert "only switch it on" in refused.value.reason


def test_an_ancestor_that_grows_stricter_wins_over_what_was_set_before() -> None:
    stricter = effective_settings(None, {"retention": {"captions_days": 10}})
    below = effective_settings(stricter, {"retention": {"captions_days": 90}})
    assert below.retention.captions_days == 10


@pytest.mark.parametrize(
    ("own", "field", "word"),
    [
        ({"brnad": {}}, "settings.brnad", "brand"),
        ({"brand": {"nmae": "x"}}, "settings.brand.nmae", "brand.name"),
        ({"brand": {"primary_colour": "red"}}, "settings.brand.primary_colour", "docs"),
        ({"brand": {"logo_url": "https://elsewhere.example/x.png"}}, "settings.brand.logo_url", ""),
        ({"retention": {"events_days": 0}}, "settings.retention.events_days", ""),
        ({"brand": {"name": "a\0b"}}, "settings", ""),
        ({"locked": ["brand.nam"]}, "settings.locked", "brand.name"),
    ],
)
def test_a_bad_setting_is_refused_by_field_and_fix(
    own: dict[str, Any], field: str, word: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings(own)
    assert refused.value.field == field
    assert word in (refused.value.fix or "")


def test_null_gives_a_setting_back_to_the_ancestors() -> None:
    own = {"brand": {"name": "Hill School", "accent_colour": "#000000"}, "region": "eu"}
    patched = merge_patch(own, {"brand": {"name": None}, "region": None})
    assert patched == {"brand": {"accent_colour": "#000000"}}


days = st.none() | st.integers(1, 1000)


@given(levels=st.lists(days, min_size=1, max_size=6))
def test_retention_never_grows_on_the_way_down(levels: list[int | None]) -> None:
    above: TenantSettings | None = None
    for level in levels:
        here = effective_settings(above, {"retention": {"events_days": level}})
        if above is not None and above.retention.events_days is not None:
            assert here.retention.events_days is not None
            assert here.retention.events_days <= above.retention.events_days
        above = here
