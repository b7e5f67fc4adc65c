"""Writes `lectern.json`, the Grafana dashboard, from the rows below.

    python dashboards/make_dashboard.py

Import the file in Grafana, or provision it; the data source is chosen on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphTresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

FOLDER = Path(__file__).parent
DASHBOARD = FOLDER / "lectern.json"
SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
WIDTH, HEIGHT = 8, 7
FINAL_TARGET_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Graph:
    """One panel: its expressions by what the legend calls them."""

    title: str
    unit: str
    expressions: dict[str, str]
    limit: float | None = None


def percentiles(metric: str, labels: str = "") -> dict[str, str]:
    """Return the median and the 95th percentile of a histogram, by further labels if given."""
    by = f"le, {labels}" if labels else "le"
    legend = f" {{{{{labels}}}}}" if labels else ""
    return {
        f"p{share}{legend}": f"histogram_quantile(0.{share}, "
        f"sum by ({by}) (rate({metric}_bucket[$__rate_interval])))"
        for share in (50, 95)
    }


def rates(metric: str, labels: str) -> dict[str, str]:
    """Return how often something is counted in a second, by labels."""
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in labels.split(","))
    return {legend: f"sum by ({labels}) (rate({metric}[$__rate_interval]))"}


ROWS: dict[str, list[Graph]] = {
    "Captions": [
        Graph(
            "Speech end to final caption",
            "s",
            percentiles("lectern_caption_speech_end_to_final_seconds"),
            FINAL_TARGET_SECONDS,
        ),
        Graph(
            "Newest word to partial caption",
            "s",
            percentiles("lectern_caption_word_to_partial_seconds"),
        ),
        Graph(
            "Finished speech that waits for the captioner",
            "s",
            {
                "{{lectern_process}}": "max by (lectern_process) "
                "(lectern_caption_speech_waiting_seconds)"
            },
        ),
        Graph(
            "Windows by class and outcome",
            "ops",
            rates("lectern_caption_windows_total", "window, outcome"),
        ),
        Graph(
            "Captions lost or repeated",
            "short",
            {"{{kind}}": "sum by (kind) (increase(lectern_captions_lost_total[$__range]))"},
        ),
        Graph(
            "Real-time factor, waiting included",
            "none",
            percentiles("lectern_caption_real_time_factor", "window"),
            1.0,
        ),
    ],
    "Captioner": [
        Graph("Wait for the engine", "s", percentiles("lectern_captioner_queue_seconds", "window")),
        Graph("Engine call", "s", percentiles("lectern_captioner_engine_seconds", "window")),
        Graph("Windows in a call", "none", percentiles("lectern_captioner_batch_windows")),
        Graph(
            "Engine's real-time factor",
            "none",
            percentiles("lectern_captioner_engine_real_time_factor"),
            1.0,
        ),
        Graph(
            "Audio through the engine, in seconds each second",
            "none",
            rates("lectern_captioner_audio_seconds_total", "window"),
        ),
        Graph(
            "Ready, and replicas seen since the start",
            "none",
            {
                "ready": "max(lectern_captioner_ready)",
                "replicas seen": "max(lectern_captioner_replicas_seen_total)",
            },
        ),
    ],
    "Media": [
        Graph(
            "Peers",
            "none",
            {"{{lectern_process}}": "sum by (lectern_process) (lectern_ingest_peers)"},
        ),
        Graph(
            "Load",
            "percentunit",
            {"{{lectern_process}}": "max by (lectern_process) (lectern_ingest_load_ratio)"},
        ),
        Graph("Offers refused", "ops", rates("lectern_ingest_peers_refused_total", "reason")),
        Graph("Lost or mended on the way in", "ops", rates("lectern_media_lost_total", "kind")),
        Graph("Lessons", "none", {"lessons": "sum(lectern_ingest_lessons)"}),
    ],
    "Cameras": [
        Graph(
            "Cameras that are looked at",
            "none",
            {"{{lectern_process}}": "sum by (lectern_process) (lectern_cameras_looked_at)"},
        ),
        Graph("Pictures", "ops", rates("lectern_camera_frames_total", "outcome")),
        Graph("Look at a picture", "s", percentiles("lectern_camera_frame_seconds")),
        Graph(
            "Cameras not to be looked at",
            "none",
            {"{{reason}}": "sum by (reason) (increase(lectern_cameras_refused_total[$__range]))"},
        ),
    ],
    "Record": [
        Graph("Append to the ledger", "s", percentiles("lectern_ledger_append_seconds", "outcome")),
        Graph("Events", "ops", rates("lectern_ledger_events_total", "outcome")),
        Graph(
            "Events that wait for PostgreSQL",
            "none",
            {"{{lectern_process}}": "sum by (lectern_process) (lectern_ingest_events_waiting)"},
        ),
        Graph(
            "Connections in use",
            "percentunit",
            {
                "{{lectern_process}}": "sum by (lectern_process) (lectern_store_connections_in_use)"
                " / sum by (lectern_process) (lectern_store_connections_limit)"
            },
        ),
        Graph(
            "Statements that wait for a connection",
            "none",
            {"{{lectern_process}}": "sum by (lectern_process) (lectern_store_statements_waiting)"},
        ),
    ],
    "Gateway and jobs": [
        Graph("Requests by status", "ops", rates("lectern_http_requests_total", "status")),
        Graph(
            "Until the answer begins, p95 by route",
            "s",
            {
                "{{method}} {{route}}": "histogram_quantile(0.95, sum by (le, method, route) "
                "(rate(lectern_http_response_start_seconds_bucket[$__rate_interval])))"
            },
        ),
        Graph(
            "Streams open, and cut because their reader was too slow",
            "none",
            {
                "{{transport}}": "sum by (transport) (lectern_stream_readers)",
                "cut {{transport}}": "sum by (transport) "
                "(increase(lectern_stream_readers_cut_total[$__rate_interval]))",
            },
        ),
        Graph("Jobs", "none", {"{{task}} {{status}}": "max by (task, status) (lectern_jobs)"}),
        Graph("Webhook attempts", "ops", rates("lectern_webhook_attempts_total", "outcome")),
        Graph(
            "Waiting for webhooks",
            "none",
            {
                "lessons": "sum(lectern_webhook_lanes_behind)",
                "events": "sum(lectern_webhook_events_waiting)",
                "webhooks disabled": "sum(increase(lectern_webhooks_disabled_total[$__range]))",
            },
        ),
    ],
    "Processes": [
        Graph(
            "Up",
            "none",
            {"{{lectern_process}}": "min by (lectern_process) (lectern_process_up)"},
        ),
        Graph(
            "Processor", "percentunit", rates("process_cpu_seconds_total", "lectern_process"), 1.0
        ),
        Graph(
            "Memory",
            "bytes",
            {"{{lectern_process}}": "sum by (lectern_process) (process_resident_memory_bytes)"},
        ),
        Graph(
            "Starts in the last hour",
            "none",
            {
                "{{lectern_process}}": "sum by (lectern_process) "
                "(changes(process_start_time_seconds[1h]))"
            },
        ),
    ],
}


def panel(graph: Graph) -> timeseries.Panel:
    """Return the panel of a graph; its limit is a line."""
    built = (
        timeseries.Panel()
        .title(graph.title)
        .unit(graph.unit)
        .min(0)
        .datasource(SOURCE)
        .span(WIDTH)
        .height(HEIGHT)
    )
    if graph.limit is not None:
        steps = [Threshold(value=None, color="green"), Threshold(value=graph.limit, color="red")]
        built.thresholds(
            dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
        ).thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED))
    for number, (legend, expression) in enumerate(graph.expressions.items()):
        target = prometheus.Dataquery().expr(expression).legend_format(legend)
        built.with_target(target.ref_id(chr(ord("A") + number)))
    return built


def dashboard_json() -> str:
    """Return the dashboard as Grafana imports it."""
    built = (
        dashboard.Dashboard("Lectern")
        .uid("lectern")
        .tags(["lectern"])
        .refresh("10s")
        .time("now-1h", "now")
        .with_variable(
            dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus")
        )
    )
    for title, graphs in ROWS.items():
        built.with_row(dashboard.Row(title))
        for graph in graphs:
            built.with_panel(panel(graph))
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"


if __name__ == "__main__":
    DASHBOARD.write_text(dashboard_json(), "utf-8")
