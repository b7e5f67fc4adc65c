"""How a process uses its connections to PostgreSQL."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from lessons.store import Database


def show_pool(registry: CollectorRegistry, database: Database) -> None:
    """Show a pool of connections in a registry for as long as both last."""
    in_use = Gauge(
        "lectern_store_connections_in_use",
        "Connections to PostgreSQL that are working now.",
        registry=registry,
    )
    in_use.set_function(lambda: float(database.pool_use().in_use))
    limit = Gauge(
        "lectern_store_connections_limit",
        "Most connections to PostgreSQL that this process opens for transactions.",
        registry=registry,
    )
    limit.set(float(database.pool_use().limit))
    waiting = Gauge(
        "lectern_store_statements_waiting",
        "Single statements that wait for a connection.",
        registry=registry,
    )
    waiting.set_function(lambda: float(database.pool_use().waiting))
