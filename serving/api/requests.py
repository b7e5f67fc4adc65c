"""The base of every request body: unknown fields are refused, naming the nearest known one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class RequestModel(BaseModel):
    """A strict request body."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_fields(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for name in values:
            if name not in cls.model_fields:
                near = get_close_matches(str(name), cls.model_fields, n=1)
                known = ", ".join(cls.model_fields)
                fix = f"Did you mean '{near[0]}'?" if near else f"Known fields: {known}."
                context = {"name": str(name), "fix": fix}
                raise PydanticCustomError("unknown_field", "There is no such field.", context)
        return values
