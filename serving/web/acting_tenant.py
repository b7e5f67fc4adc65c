"""Acting on a tenant further down the tree: the header `Lectern-Tenant`."""

from __future__ import annotations

from dataclasses import replace

from fastapi.requests import HTTPConnection

from lessons.errors import NotAllowed
from lessons.policy import Credential
from serving.web.services import Services

TENANT_HEADER = "Lectern-Tenant"
TENANT_PARAMETER = "tenant"
"""The same in the query, for EventSource and WebSocket in a browser, which send no headers."""


async def acting_on(
    connection: HTTPConnection, services: Services, credential: Credential
) -> Credential:
    """Return the credential as it acts on the tenant that the request names, if it names one.

    A participant token is for one lesson, so it acts on no other tenant.

    Raises:
        NotAllowed: there is no such tenant at or below the credential's own.
    """
    named = connection.headers.get(TENANT_HEADER) or connection.query_params.get(TENANT_PARAMETER)
    if not named or named == credential.tenant_id:
        return credential
    below = credential.kind != "participant" and await services.tenants.is_at_or_below(
        credential.home_tenant_id, named
    )
    if not below:
        raise NotAllowed(
            f"There is no tenant {named[:100]!r} at or below your own.",
            field=TENANT_HEADER,
            fix="List them at GET /v1/tenants, or leave the header out.",
        )
    return replace(credential, tenant_id=named)
