"""What PostgreSQL's own catalogue says that the application's role could reach around the rules.

Default deny: whatever the role can touch and no rule here accounts for is a finding, so that a
table, view, function or sequence that is added later has to be protected or be named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.rows import dict_row

TENANT = "NULLIF(current_setting('lectern.tenant'::text, true), ''::text)"

WITHOUT_TENANT = frozenset({"follower_marks", "ingest_workers"})
"""Tables that hold nothing of any tenant: processes of this installation."""

NARROW_POLICIES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("api_keys", "presented_key"): "lectern.api_key",
        ("tracks", "named_worker"): "lectern.worker",
        ("domains", "asked_host"): "lectern.host",
        ("ledger_commits", "news"): "lectern.news_after",
        ("data_holders", "due"): "lectern.sweep_on",
    }
)
"""Look-ups before the tenant is known, only for SELECT, and only while their setting is set.

Each shows the rows that the asker names; that of `ledger_commits` shows that something committed,
never what.
"""

OWN_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {"tenants": f"(path @> ARRAY[{TENANT}])"},
)
"""Tables whose own rows are told by something else than their column `tenant_id`."""

KEYS_ACROSS_TENANTS: Mapping[str, str] = MappingProxyType(
    {
        "api_keys": "ids are 80 random bits, and a key is found by its id before its tenant is",
        "domains": "a host belongs to one tenant",
        "tenants": "ids of tenants are 80 random bits",
        "learning_events": "numbered under the lock of the lesson, which is found by its tenant",
    }
)
"""Tables with a unique key that leaves the tenant out, and why nothing can be learnt from it."""

REFERENCES_WITHOUT_TENANT = frozenset({("tenants", "tenants")})
"""Foreign keys that leave the tenant out: the tree itself."""

MEMBERSHIPS = frozenset({("lectern_retention", "lectern_app")})
"""Roles that may be what another one is, and more: retention also deletes."""

_HARMLESS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

# What stands for OURS in the queries: every schema that is not PostgreSQL's own.
_OURS = """
    n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND n.nspname NOT LIKE 'pg_temp%%' AND n.nspname NOT LIKE 'pg_toast_temp%%'
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One way around the rules."""

    name: str
    problem: str


class Catalogue:
    """Reads the catalogue over one connection of the owner.

    Args:
        connection: of a role that sees the whole catalogue.
        role: the role that row-level security has to hold.
    """

    def __init__(self, connection: psycopg.Connection[Any], role: str) -> None:
        self._connection = connection
        self._role = role

    def findings(self) -> list[Finding]:
        """Return everything that escapes."""
        return [
            *self._relations(),
            *self._policies(),
            *self._functions(),
            *self._sequences(),
            *self._keys(),
            *self._references(),
            *self._rights_of_the_role(),
        ]

    def tables(self) -> list[str]:
        """Return the tables and partitions that the role can touch at all, sorted."""
        return sorted(row["name"] for row in self._relation_rows() if row["rights"])

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            whole = query.replace("OURS", _OURS).encode()
            return cursor.execute(whole, {"role": self._role}).fetchall()

    def _relation_rows(self) -> list[dict[str, Any]]:
        return self._rows(
            """
            SELECT c.relname AS name, c.relkind AS kind, c.relispartition AS is_partition,
                c.relrowsecurity AND c.relforcerowsecurity AS forced,
                coalesce('security_invoker=true' = ANY (c.reloptions), false) AS invoker,
                ARRAY(
                    SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
                        'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
                    WHERE has_table_privilege(%(role)s, c.oid, privilege)
                        OR privilege NOT IN ('DELETE', 'TRUNCATE', 'TRIGGER')
                        AND has_any_column_privilege(%(role)s, c.oid, privilege)
                ) AS rights,
                EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                    AND a.attname = 'tenant_id' AND a.attnotnull) AS has_tenant
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND OURS
            """
        )

    def _relations(self) -> Iterator[Finding]:
        for row in self._relation_rows():
            name, rights = row["name"], set(row["rights"])
            if row["is_partition"] and not row["forced"]:
                yield Finding(name, "a partition does not force row-level security")
            if row["is_partition"] and rights:
                yield Finding(name, "a partition can be reached around its parent")
            if not rights or name in WITHOUT_TENANT or row["is_partition"]:
                continue
            if row["kind"] in "mf":
                yield Finding(name, "the role can read what no policy can be put on")
            elif row["kind"] == "v" and not row["invoker"]:
                yield Finding(name, "a view reads with its owner's rights")
            elif row["kind"] in "rp" and not row["forced"]:
                yield Finding(name, "a table does not force row-level security")
            elif row["kind"] in "rp" and not row["has_tenant"] and name not in OWN_CONDITIONS:
                yield Finding(name, "a table has no tenant_id that is NOT NULL")
            for right in sorted(rights - _HARMLESS):
                yield Finding(name, f"the role has {right}, which no policy binds")

    def _policies(self) -> Iterator[Finding]:
        for row in self._rows(
            """
            SELECT c.relname AS name, p.polname AS policy, p.polcmd AS command,
                p.polpermissive AS permissive,
                pg_get_expr(p.polqual, p.polrelid) AS shown,
                pg_get_expr(p.polwithcheck, p.polrelid) AS written
            FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE p.polpermissive AND OURS
                AND (0 = ANY (p.polroles) OR %(role)s::regrole::oid = ANY (p.polroles))
            """
        ):
            table, policy = row["name"], row["policy"]
            own = OWN_CONDITIONS.get(table, f"(tenant_id = {TENANT})")
            setting = NARROW_POLICIES.get((table, policy))
            if setting is not None:
                if row["command"] != "r" or f"'{setting}'" not in row["shown"]:
                    yield Finding(table, f"the narrow policy {policy} is not narrow")
            elif not {row["shown"], row["written"]} <= {own, None}:
                yield Finding(table, f"the policy {policy} shows more than the tenant's own rows")

    def _functions(self) -> Iterator[Finding]:
        for row in self._rows(
            """
            SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prosecdef AND OURS AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')
            """
        ):
            yield Finding(row["name"], "a function runs with its owner's rights")

    def _sequences(self) -> Iterator[Finding]:
        for row in self._rows(
            """
            SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'S' AND OURS
                AND (has_sequence_privilege(%(role)s, c.oid, 'SELECT')
                    OR has_sequence_privilege(%(role)s, c.oid, 'UPDATE'))
            """
        ):
            yield Finding(row["name"], "a sequence tells or takes how much all tenants write")

    def _keys(self) -> Iterator[Finding]:
        for row in self._rows(
            """
            SELECT DISTINCT c.relname AS name
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indisunique AND NOT c.relispartition AND OURS
                AND has_any_column_privilege(%(role)s, c.oid, 'INSERT')
                AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                    AND a.attname = 'tenant_id' AND a.attnum = ANY (i.indkey))
            """
        ):
            if row["name"] not in KEYS_ACROSS_TENANTS.keys() | WITHOUT_TENANT:
                yield Finding(row["name"], "a unique key tells that another tenant has a value")

    def _references(self) -> Iterator[Finding]:
        for row in self._rows(
            """
            SELECT c.relname AS name, other.relname AS other
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                JOIN pg_class other ON other.oid = k.confrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 AND OURS
                AND has_any_column_privilege(%(role)s, c.oid, 'INSERT')
                AND NOT EXISTS (
                    SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
                    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.there
                    WHERE a.attname = 'tenant_id' AND b.attname = 'tenant_id')
            """
        ):
            if (row["name"], row["other"]) not in REFERENCES_WITHOUT_TENANT:
                yield Finding(row["name"], f"a foreign key finds other tenants' {row['other']}")

    def _rights_of_the_role(self) -> Iterator[Finding]:
        (role,) = self._rows(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication AS strong,"
            " rolcanlogin AS login, oid FROM pg_roles WHERE rolname = %(role)s"
        )
        if role["strong"] or role["login"]:
            yield Finding(self._role, "the role is stronger than row-level security")
        for row in self._rows(
            "SELECT roleid::regrole::text AS name FROM pg_auth_members"
            " WHERE member = %(role)s::regrole"
        ):
            if (self._role, row["name"]) not in MEMBERSHIPS:
                yield Finding(row["name"], "the role is a member of another role")
        for row in self._rows(
            "SELECT n.nspname AS name FROM pg_namespace n WHERE OURS"
            " AND has_schema_privilege(%(role)s, n.oid, 'CREATE')"
        ):
            yield Finding(row["name"], "the role can make objects of its own")
        for row in self._rows(
            "SELECT defaclobjtype::text AS name FROM pg_default_acl, aclexplode(defaclacl) AS acl"
            " WHERE acl.grantee IN (0, %(role)s::regrole::oid)"
        ):
            yield Finding(row["name"], "whatever is made later is granted by default")
        for row in self._rows(
            "SELECT lanname AS name FROM pg_language WHERE NOT lanpltrusted AND lanispl"
            " AND has_language_privilege(%(role)s, oid, 'USAGE')"
        ):
            yield Finding(row["name"], "the role can write code that no rule binds")
