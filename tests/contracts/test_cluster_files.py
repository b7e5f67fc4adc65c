"""The cluster files, read by those who will read them: Ray's launcher, Serve and Kubernetes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.serve.schema import ServeDeploySchema

from serving.app import APPLICATION, ModelsConfiguration, build
from serving.captioning.captioner import CAPTIONER

ROOT = Path(__file__).resolve().parents[2]


def _documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((ROOT / name).read_text()))


@pytest.fixture
def cluster() -> dict[str, Any]:
    (document,) = _documents("ray_cluster.yaml")
    return dict(document)


@pytest.fixture
def service() -> dict[str, Any]:
    return dict(_documents("rayservice.yaml")[0])


def _requested(configuration: ModelsConfiguration) -> dict[str, float]:
    """What one replica of the captioner asks of a node."""
    options = build(configuration)._bound_deployment.ray_actor_options or {}
    requested = {"CPU": options["num_cpus"], "GPU": options["num_gpus"], **options["resources"]}
    return {name: amount for name, amount in requested.items() if amount}


def _fits(requested: dict[str, float], node: dict[str, float]) -> bool:
    return all(node.get(name, 0) >= amount for name, amount in requested.items())


def test_ray_up_accepts_the_cluster(cluster: dict[str, Any]) -> None:
    prepared = prepare_config(cluster)  # What `ray up --no-config-cache` does before it connects.
    validate_config(prepared)
    assert set(prepared["available_node_types"]) == {"head", "ingest", "gpu"}


def test_the_launcher_refuses_a_misspelt_key(cluster: dict[str, Any]) -> None:
    cluster["available_node_types"]["gpu"]["resurces"] = {}
    with pytest.raises(Exception, match="resurces"):
        validate_config(prepare_config(cluster))


def test_the_captioner_of_the_cluster_fits_its_gpu_nodes_alone(cluster: dict[str, Any]) -> None:
    start = " ".join(cluster["head_start_ray_commands"] + cluster["worker_start_ray_commands"])
    assert start.count("LECTERN_CAPTION_NUM_GPUS=1 -E LECTERN_CAPTION_RESOURCE=captions") == 2
    asked = ModelsConfiguration.model_validate(
        {"captions": {"num_gpus": 1, "resources": {"captions": 1}}}
    )
    fitting = [
        name
        for name, node in cluster["available_node_types"].items()
        if _fits(_requested(asked), node["resources"])
    ]
    assert fitting == ["gpu"]


def test_every_node_starts_the_processes_that_it_is_for(cluster: dict[str, Any]) -> None:
    head = " ".join(cluster["head_start_ray_commands"])
    worker = " ".join(cluster["worker_start_ray_commands"])
    assert "models gateway jobs" in head
    assert "models $(seq -f 'ingest-%g' $(nproc))" in worker


@pytest.mark.parametrize("list_name", ["head_start_ray_commands", "worker_start_ray_commands"])
def test_start_commands_are_shell(cluster: dict[str, Any], list_name: str) -> None:
    for command in cluster[list_name] + cluster["setup_commands"]:
        subprocess.run(["bash", "-n", "-c", command], check=True)


def test_the_service_deploys_the_application_on_nodes_that_have_what_it_asks(
    service: dict[str, Any],
) -> None:
    deployed = ServeDeploySchema.model_validate(yaml.safe_load(service["spec"]["serveConfigV2"]))
    (application,) = deployed.applications
    assert (application.name, application.import_path) == (APPLICATION, "serving.app:build")
    requested = _requested(ModelsConfiguration.model_validate(application.args))
    assert requested["GPU"] == 1
    groups = service["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    assert any(_fits(requested, _resources(group)) for group in groups)


def _resources(group: dict[str, Any]) -> dict[str, float]:
    parameters = group["rayStartParams"]
    # KubeRay passes the value on to a shell, so it is JSON within a quoted string.
    custom: dict[str, float] = json.loads(json.loads(parameters["resources"]))
    return {"CPU": float(parameters["num-cpus"]), "GPU": float(parameters["num-gpus"]), **custom}


def test_the_service_has_the_shape_that_kuberay_reads(service: dict[str, Any]) -> None:
    assert (service["apiVersion"], service["kind"]) == ("ray.io/v1", "RayService")
    config = service["spec"]["rayClusterConfig"]
    for group in [config["headGroupSpec"], *config["workerGroupSpecs"]]:
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        assert group["template"]["spec"]["containers"]


def test_ingest_pods_reach_the_models_on_their_own_loopback() -> None:
    _, deployment = _documents("rayservice.yaml")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    assert [container["name"] for container in containers] == ["models", "ingest"]


def test_serve_config_is_what_serve_build_makes(tmp_path: Path) -> None:
    made = tmp_path / "serve_config.yaml"
    serve = Path(sys.executable).with_name("serve")
    subprocess.run([serve, "build", "serving.app:app", "-o", made], cwd=ROOT, check=True)
    assert made.read_text() == (ROOT / "serve_config.yaml").read_text(), (
        "run: serve build serving.app:app -o serve_config.yaml"
    )


def test_serve_config_deploys_the_captioner() -> None:
    (config,) = _documents("serve_config.yaml")
    (application,) = ServeDeploySchema.model_validate(config).applications
    assert [deployment.name for deployment in application.deployments] == [CAPTIONER]
