"""Tenants: a tree of organisations, and the settings that they inherit down it."""

from lessons.tenants.features import (
    Feature,
    allows_engine,
    language_of,
    require_allowed_engine,
    require_feature,
)
from lessons.tenants.inheritance import (
    RULES,
    Below,
    changed_settings,
    effective_settings,
    merge_patch,
    read_settings,
    require_overridable,
)
from lessons.tenants.settings import (
    Basis,
    Brand,
    CaptionRules,
    CaptionTargets,
    ConsentRules,
    Features,
    Retention,
    SignIn,
    TenantSettings,
)
from lessons.tenants.tree import MAX_DEPTH, Tenant, path_below, require_no_circle

__all__ = [
    "MAX_DEPTH",
    "RULES",
    "Basis",
    "Below",
    "Brand",
    "CaptionRules",
    "CaptionTargets",
    "ConsentRules",
    "Feature",
    "Features",
    "Retention",
    "SignIn",
    "Tenant",
    "TenantSettings",
    "allows_engine",
    "changed_settings",
    "effective_settings",
    "language_of",
    "merge_patch",
    "path_below",
    "read_settings",
    "require_allowed_engine",
    "require_feature",
    "require_no_circle",
    "require_overridable",
]
