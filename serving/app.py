"""The Ray Serve application: every model that serves lessons, each a deployment of its own.

`serving.app:app` is the application as it comes; `serving.app:build` takes arguments, as in
`rayservice.yaml`. The API does not pass through Serve's HTTP proxy: the models process calls the
deployments by their handles.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from ray.serve import Application

from serving.captioning.captioner import Captioner, CaptionerConfiguration

APPLICATION = "lectern"
"""Name under which the application is deployed."""


class ModelsConfiguration(BaseModel):
    """Arguments of the application: one section for each model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    captions: CaptionerConfiguration = CaptionerConfiguration()


def build(args: ModelsConfiguration) -> Application:
    """Return the application for this configuration."""
    captions = args.captions
    return Captioner.options(  # type: ignore[attr-defined,no-any-return]
        num_replicas=captions.replicas,
        ray_actor_options={
            "num_cpus": captions.num_cpus,
            "num_gpus": captions.num_gpus,
            "resources": captions.resources,
        },
    ).bind(captions)


app = build(ModelsConfiguration())
