"""One address for the metrics of every process of a machine."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from lessons.errors import Unavailable
from serving.observability.gateway_metrics import GatewayMetrics
from serving.observability.merging import showing_all_metrics
from serving.observability.scraping import (
    ScrapeTarget,
    notes_folder,
    scrape_targets,
    showing_metrics,
)
from serving.settings import Settings

OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def scrape(url: str) -> dict[tuple[str, str], float]:
    """Every sample's value by its name and its process."""
    answer = httpx.get(url, headers=OPEN_METRICS, trust_env=False)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    families = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
    return {
        (sample.name, sample.labels.get("lectern_process", "")): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), metrics_port=0)


def test_every_process_is_in_the_one_answer_under_its_own_name(settings: Settings) -> None:
    one, other = GatewayMetrics(), GatewayMetrics()
    one.cut_slow_reader("websocket")
    with (
        showing_metrics(settings, "gateway-1", one.registry),
        showing_metrics(settings, "gateway-2", other.registry),
        showing_all_metrics(settings, ("gateway-1", "gateway-2", "jobs")) as url,
    ):
        samples = scrape(url)
        cut = "lectern_stream_readers_cut_total"
        assert (samples[cut, "gateway-1"], samples[cut, "gateway-2"]) == (1, 0)
        up = {process: value for (name, process), value in samples.items() if name.endswith("_up")}
        assert up == {"gateway-1": 1, "gateway-2": 1, "jobs": 0}
    assert scrape_targets(settings.data_dir) == []


def test_a_process_that_was_killed_is_down_and_hides_nobody(settings: Settings) -> None:
    folder = notes_folder(settings.data_dir)
    folder.mkdir()
    gone = ScrapeTarget("ingest-1", "127.0.0.1:9", pid=2**22 + 1)
    (folder / "ingest-1.json").write_text(gone.note())
    with (
        showing_metrics(settings, "gateway", GatewayMetrics().registry),
        showing_all_metrics(settings, ("gateway", "ingest-1")) as url,
    ):
        samples = scrape(url)
    assert samples["lectern_process_up", "ingest-1"] == 0
    assert samples["lectern_process_up", "gateway"] == 1
    assert not (folder / "ingest-1.json").exists()


def test_a_process_goes_on_without_metrics_where_its_port_is_taken(settings: Settings) -> None:
    with showing_metrics(settings, "gateway", GatewayMetrics().registry) as address:
        taken = settings.model_copy(update={"metrics_port": int(address.rpartition(":")[2])})
        with showing_metrics(taken, "jobs", GatewayMetrics().registry) as nothing:
            assert nothing == ""
        with (
            pytest.raises(Unavailable, match="LECTERN_METRICS_PORT"),
            showing_all_metrics(taken, ()),
        ):
            pass
