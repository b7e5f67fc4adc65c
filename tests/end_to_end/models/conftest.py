"""One Ray of two nodes for all tests here, with `lectern models` as a driver of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
from ray import serve
from ray.cluster_utils import Cluster
from ray.serve.handle import DeploymentHandle

from serving.app import ModelsConfiguration, build
from serving.captioning.captioner import CaptionerConfiguration
from tests.end_to_end.models.models_command import ROOT, ModelsCommand, models_command
from tests.unit.models.captions.conftest import whisper_folder

__all__ = ["whisper_folder"]

OBJECT_STORE_BYTES = 100 * 2**20


@pytest.fixture(scope="package")
def two_nodes() -> Iterator[Cluster]:
    """A head, and a second node that alone has the custom resource `captions`."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(ROOT))
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": OBJECT_STORE_BYTES},
        )
        cluster.add_node(
            num_cpus=1, resources={"captions": 1}, object_store_memory=OBJECT_STORE_BYTES
        )
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster
        ray.shutdown()
        cluster.shutdown()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="package")
def models_on_two_nodes(
    two_nodes: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModelsCommand]:
    """The models process of a cluster whose captioner asks for the second node's resource."""
    data_dir = tmp_path_factory.mktemp("models")
    with models_command(
        data_dir, LECTERN_RAY_ADDRESS=two_nodes.address, LECTERN_CAPTION_RESOURCE="captions"
    ) as command:
        command.wait_until_ready()
        yield command


@pytest.fixture(scope="package")
def whisper_on_two_nodes(
    models_on_two_nodes: ModelsCommand,
    whisper_folder: Path,
) -> Iterator[DeploymentHandle[Any]]:
    """The same application once more in the same Ray, with a Whisper-shaped model."""
    captions = CaptionerConfiguration(
        engine="faster-whisper", model=str(whisper_folder), device="cpu"
    )
    configuration = ModelsConfiguration(captions=captions)
    yield serve.run(build(configuration), name="whisper", route_prefix=None)
    serve.delete("whisper")
