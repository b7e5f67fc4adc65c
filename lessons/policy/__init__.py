"""Who may do what: the decision matrix and the decisions made from it."""

from lessons.policy.access import Access
from lessons.policy.actions import Action, Resource
from lessons.policy.conditions import Condition
from lessons.policy.credential import Credential, CredentialKind
from lessons.policy.decision import decide
from lessons.policy.granting import require_grantable
from lessons.policy.matrix import MATRIX
from lessons.policy.scopes import SCOPES, known_scopes, scope_of
from lessons.policy.situation import Situation, Standing, Target

__all__ = [
    "MATRIX",
    "SCOPES",
    "Access",
    "Action",
    "Condition",
    "Credential",
    "CredentialKind",
    "Resource",
    "Situation",
    "Standing",
    "Target",
    "decide",
    "known_scopes",
    "require_grantable",
    "scope_of",
]
