"""What the jobs process shows of its queue and of webhooks that are behind."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from serving.observability.jobs_metrics import JobsMetrics


def test_webhooks_count_until_nothing_waits_for_them_any_more() -> None:
    metrics = JobsMetrics(CollectorRegistry())

    def waiting() -> tuple[float | None, float | None]:
        value = metrics.registry.get_sample_value
        return value("lectern_webhook_lanes_behind"), value("lectern_webhook_events_waiting")

    metrics.waits_for("whk_a", lessons=2, events=30)
    metrics.waits_for("whk_b", lessons=1, events=5)
    assert waiting() == (3, 35)
    metrics.waits_for("whk_a", lessons=1, events=10)
    assert waiting() == (2, 15)
    metrics.waits_for("whk_a", lessons=0, events=0)
    assert waiting() == (1, 5)


def test_a_task_that_is_gone_from_the_queue_is_gone_from_the_metrics() -> None:
    metrics = JobsMetrics(CollectorRegistry())
    metrics.queue_is([{"name": "lectern:play_sample", "todo": 2, "doing": 1, "failed": 4}])

    def failed() -> float | None:
        labels = {"task": "lectern:play_sample", "status": "failed"}
        return metrics.registry.get_sample_value("lectern_jobs", labels)

    assert failed() == 4
    metrics.queue_is([])
    assert failed() is None
