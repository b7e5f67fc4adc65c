"""How settings go down the tree: which a tenant may override, and what is in force for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from lessons.errors import InvalidInput
from lessons.tenants.settings import TenantSettings


class Below(StrEnum):
    """What a tenant may do with a setting that its ancestors have made."""

    FREE = "set anything"
    LOWER = "only lower it"
    FEWER = "only take away from it"
    MORE = "only add to it"
    OFF = "only switch it off"
    ON = "only switch it on"
    FIXED = "not change it once an ancestor has set it"


RULES: Mapping[str, Below] = MappingProxyType(
    {
        "brand.name": Below.FREE,
        "brand.primary_colour": Below.FREE,
        "brand.accent_colour": Below.FREE,
        "brand.logo_url": Below.FREE,
        "brand.sender_address": Below.FREE,
        "languages": Below.FEWER,
        "retention.captions_days": Below.LOWER,
        "retention.events_days": Below.LOWER,
        "retention.signals_days": Below.LOWER,
        "retention.recordings_days": Below.LOWER,
        "retention.payloads_days": Below.LOWER,
        "retention.disclosures_days": Below.LOWER,
        "region": Below.FIXED,
        "consent.required_purposes": Below.MORE,
        "consent.basis_default": Below.FREE,
        "engines_allowed": Below.FEWER,
        "caption_targets.speech_end_to_final_ms": Below.LOWER,
        "caption_targets.word_to_screen_ms": Below.LOWER,
        "features.live_captions": Below.OFF,
        "features.recordings": Below.OFF,
        "features.webhooks": Below.OFF,
        "features.summaries": Below.OFF,
        "features.guest_participants": Below.OFF,
        "features.chat_text": Below.OFF,
        "engagement.signals": Below.OFF,
        "engagement.camera": Below.OFF,
        "engagement.nudges_per_lesson": Below.LOWER,
        "engagement.nudge_after_s": Below.FREE,
        "captions.mask_profanity": Below.ON,
        "captions.mask_personal_data": Below.ON,
        "captions.masked_words": Below.MORE,
        "captions.phone_region": Below.FREE,
        "recaps.drafted": Below.OFF,
        "recaps.by_email": Below.OFF,
        "caption_translations": Below.FREE,
        "late_events_minutes": Below.FREE,
        "rate_limit_per_minute": Below.LOWER,
        "sign_in.issuer": Below.FREE,
        "sign_in.client_id": Below.FREE,
        "sign_in.client_secret": Below.FREE,
        "sign_in.scopes": Below.FREE,
        "locked": Below.MORE,
    }
)
"""For every setting, by its path, what a tenant below may do with it."""

GIVEN_BY_PROVIDER = ("sign_in.client_id", "sign_in.client_secret")
"""What an OpenID provider gave its client. Another provider would be sent it, so it never goes
along where the issuer changes: not down the tree, and not to a tenant's own new one."""


def read_settings(own: Mapping[str, Any]) -> TenantSettings:
    """Return settings from JSON, where each one that is absent has its default.

    Raises:
        InvalidInput: one is unknown, malformed or out of range; the field names it.
    """
    try:
        settings = TenantSettings.model_validate(own)
    except ValidationError as error:
        raise _malformed(error) from error
    for path in settings.locked:
        _require_known(path)
    return settings


def merge_patch(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tenant's own settings after a change; null gives a setting back to the ancestors.

    Source: RFC 7396, JSON Merge Patch.
    """
    merged = dict(own)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = merge_patch(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


def changed_settings(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tenant's own settings after a merge patch, without a secret of an earlier issuer."""
    merged = merge_patch(own, patch)
    sign_in = merged.get("sign_in")
    before = own.get("sign_in")
    issuer = before.get("issuer") if isinstance(before, Mapping) else None
    if not isinstance(sign_in, Mapping) or sign_in.get("issuer") == issuer:
        return merged
    given = _flat(patch)
    stale = {path.rpartition(".")[2] for path in GIVEN_BY_PROVIDER if path not in given}
    merged["sign_in"] = {name: value for name, value in sign_in.items() if name not in stale}
    return merged


def effective_settings(above: TenantSettings | None, own: Mapping[str, Any]) -> TenantSettings:
    """Return what is in force for a tenant whose ancestors have `above` in force.

    It always has an answer: where an ancestor has become stricter since, the stricter one counts.

    Args:
        above: None at the top of a tree.
        own: the tenant's own settings, as JSON.

    Raises:
        InvalidInput: the own settings are malformed.
    """
    wished = read_settings(own)
    if above is None:
        return wished
    given = _flat(own)
    values = {
        path: _in_force(path, _at(above, path), _at(wished, path), above.locked)
        if path in given
        else _at(above, path)
        for path in RULES
    }
    if values["sign_in.issuer"] != above.sign_in.issuer:
        values |= {path: _at(wished, path) for path in GIVEN_BY_PROVIDER}
    return TenantSettings.model_validate(_nested(values))


def require_overridable(above: TenantSettings | None, own: Mapping[str, Any]) -> None:
    """Refuse own settings that the ancestors do not leave to the tenant.

    Raises:
        InvalidInput: one is locked or wider than theirs; it names the setting and what is allowed.
    """
    wished = read_settings(own)
    if above is None:
        return
    for path in _flat(own):
        theirs, mine = _at(above, path), _at(wished, path)
        if RULES[path] is Below.MORE and path not in above.locked:
            continue
        if _in_force(path, theirs, mine, above.locked) != mine:
            raise _not_overridable(path, theirs, locked=path in above.locked)


def _in_force(path: str, theirs: Any, mine: Any, locked: list[str]) -> Any:
    """Combine one setting of the ancestors with the tenant's own."""
    if path in locked:
        return theirs
    rule = RULES[path]
    if rule is Below.LOWER:
        return min((item for item in (theirs, mine) if item is not None), default=None)
    if rule is Below.FEWER:
        return _intersection(theirs, mine)
    if rule is Below.MORE:
        return [*theirs, *(item for item in mine if item not in theirs)]
    if rule is Below.OFF:
        return theirs and mine
    if rule is Below.ON:
        return theirs or mine
    if rule is Below.FIXED:
        return mine if theirs is None else theirs
    return mine


def _intersection(theirs: list[str] | None, mine: list[str] | None) -> list[str] | None:
    """Return what both allow; null and, for languages, an empty list allow everything."""
    if not theirs:
        return mine
    if not mine:
        return theirs
    return [item for item in mine if item in theirs]


def _flat(settings: Mapping[str, Any]) -> set[str]:
    """Return the paths of all settings in JSON."""
    return {
        path
        for name, value in settings.items()
        for path in (
            (f"{name}.{inner}" for inner in value) if isinstance(value, Mapping) else (name,)
        )
    }


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in values.items():
        group, _, name = path.rpartition(".")
        (nested.setdefault(group, {}) if group else nested)[name] = value
    return nested


def _at(settings: TenantSettings, path: str) -> Any:
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def setting_paths(model: type[BaseModel] = TenantSettings, prefix: str = "") -> Iterator[str]:
    """Yield the path of every setting that there is."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from setting_paths(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _require_known(path: str) -> None:
    if path in RULES:
        return
    near = get_close_matches(path, RULES, n=1)
    fix = f"Did you mean {near[0]!r}?" if near else f"Settings: {', '.join(RULES)}."
    raise InvalidInput(f"There is no setting {path!r}.", field="settings.locked", fix=fix)


def _malformed(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = get_close_matches(path, RULES, n=1)
        fix = f"Did you mean {near[0]!r}?" if near else f"Settings: {', '.join(RULES)}."
        return InvalidInput("There is no such setting.", field=f"settings.{path}", fix=fix)
    field = f"settings.{path}" if path else "settings"
    return InvalidInput(f"{first['msg']}.", field=field, fix="See /docs for what it takes.")


def _not_overridable(path: str, theirs: Any, *, locked: bool) -> InvalidInput:
    reason = (
        "A tenant above has locked it."
        if locked
        else f"Tenants above have set {theirs!r}; a tenant below may {RULES[path]}."
    )
    return InvalidInput(reason, field=f"settings.{path}", fix="Leave it out to inherit it.")
