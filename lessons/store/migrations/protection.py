"""Row-level security for a new table: only the tenant of the transaction sees its rows."""

from __future__ import annotations

from alembic import op

TENANT = "nullif(current_setting('lectern.tenant', true), '')"
"""SQL for the tenant of the transaction; NULL, which equals nothing, where none is set."""


def protect(table: str, grants: str = "SELECT, INSERT, UPDATE", *, own: str | None = None) -> None:
    """Force row-level security on a table and let `lectern_app` work on its own tenant's rows.

    Args:
        grants: what the application may do at all, as SQL.
        own: SQL condition of an own row; by default the column `tenant_id` says so.
    """
    condition = own or f"tenant_id = {TENANT}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(f"GRANT {grants} ON {table} TO lectern_app")
