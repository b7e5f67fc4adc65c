from __future__ import annotations

import pytest

from lessons.errors import InvalidInput
from lessons.roles import Role


def test_a_role_is_found_by_its_name() -> None:
    assert Role.named("teaching_assistant") is Role.TEACHING_ASSISTANT


def test_a_misspelt_role_is_refused_naming_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="learner") as refused:
        Role.named("lerner")
    assert refused.value.field == "role"
