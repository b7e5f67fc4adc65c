"""The dashboard and the alerts ask only for metrics and labels that the processes really show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from dashboards.make_dashboard import DASHBOARD, dashboard_json
from lessons.store import Database
from serving.observability.gateway_metrics import GatewayMetrics
from serving.observability.ingest_metrics import IngestMetrics
from serving.observability.jobs_metrics import JobsMetrics
from serving.observability.merging import MergedMetrics
from serving.observability.models_metrics import ModelsMetrics
from serving.observability.scraping import PROCESS_LABEL
from serving.observability.store_metrics import show_pool

REPOSITORY = Path(__file__).parents[2]
ALERTS = REPOSITORY / "dashboards" / "alerts.yaml"
PAGE = REPOSITORY / "docs" / "observability.md"
SUFFIX = re.compile(r"_(total|bucket|sum|count)$")
GRAFANAS = re.compile(r"\$__(rate_interval|range)")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Labels of every metric of every process, by the metric's name."""
    registries = [
        metrics.registry
        for metrics in (GatewayMetrics(), IngestMetrics(), ModelsMetrics(), JobsMetrics())
    ]
    show_pool(registries[0], Database("postgresql://nobody@127.0.0.1:9/none"))
    registries.append(MergedMetrics.registry(tmp_path_factory.mktemp("data"), ("gateway",)))
    found: dict[str, set[str]] = {}
    for registry in registries:
        for family in registry.collect():
            labels = {label for sample in family.samples for label in sample.labels}
            found.setdefault(family.name, set()).update(labels | {PROCESS_LABEL, "le"})
        for name, labels in declared(registry):
            found.setdefault(name, set()).update(labels)
    return found


def declared(registry: CollectorRegistry) -> Iterator[tuple[str, set[str]]]:
    """Labels that a metric will have once something was counted."""
    for collector in registry._collector_to_names:
        if isinstance(collector, MetricWrapperBase):
            (description,) = collector.describe()
            yield description.name, set(collector._labelnames)


def expressions() -> list[str]:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    rules = [
        rule
        for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return [target["expr"] for target in targets] + [rule["expr"] for rule in rules]


def parts(node: object) -> Iterator[object]:
    """Every part of a parsed expression."""
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        if (child := getattr(node, name, None)) is not None:
            yield from parts(child)
    for child in getattr(node, "args", ()):
        yield from parts(child)


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_names_only_what_is_shown(
    expression: str, shown: dict[str, set[str]]
) -> None:
    found = list(parts(promql.parse(GRAFANAS.sub("5m", expression))))
    selectors = [part for part in found if isinstance(part, promql.VectorSelector)]
    names = {SUFFIX.sub("", selector.name or "") for selector in selectors}
    assert names
    assert names <= set(shown)
    labels = set[str]().union(*(shown[name] for name in names))
    asked = {matcher.name for selector in selectors for matcher in selector.matchers.matchers}
    for part in found:
        if isinstance(part, promql.AggregateExpr) and part.modifier is not None:
            asked.update(part.modifier.labels)
    assert asked <= labels


def test_the_check_would_see_a_metric_that_nobody_shows(shown: dict[str, set[str]]) -> None:
    with pytest.raises(AssertionError):
        test_an_expression_names_only_what_is_shown("rate(lectern_no_such_total[5m])", shown)
    with pytest.raises(AssertionError):
        test_an_expression_names_only_what_is_shown("sum by (lesson) (lectern_ingest_peers)", shown)


def test_the_dashboard_is_what_its_code_writes() -> None:
    assert DASHBOARD.read_text("utf-8") == dashboard_json(), "run dashboards/make_dashboard.py"


def test_no_label_tells_of_a_person_a_lesson_or_a_tenant(shown: dict[str, set[str]]) -> None:
    labels = set[str]().union(*shown.values())
    assert not [one for one in labels if re.search(r"lesson|tenant|person|participant|track", one)]


def test_the_page_describes_every_metric_of_ours(shown: dict[str, set[str]]) -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in shown if name.startswith("lectern_") and name not in text] == []
