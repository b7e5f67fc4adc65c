"""Starts the translator beside the captioner, once captions are up and without holding them up."""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import ApplicationStatus

from models.translation.interface import TranslationModel
from serving.settings import Settings
from serving.translation.status import TranslationStatus
from serving.translation.translator import (
    TRANSLATION_APPLICATION,
    TRANSLATOR,
    ServedTranslations,
    TranslatorConfiguration,
    build,
)

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 10.0
LECTERN_ERROR = re.compile(r"^lessons\.errors\.\w+: (.*)$", re.MULTILINE)
"""How one of our errors ends a traceback."""


def start_translation(settings: Settings, status: TranslationStatus) -> None:
    """Load the translation models, if any are set, in a thread of their own. Ray must run.

    A model that cannot be loaded is told in the status and in the log; captions go on without it.
    """
    if not settings.translation_models:
        return
    status.starting(settings.translation_models)
    configuration = TranslatorConfiguration.of(settings)
    threading.Thread(
        target=run_translation, args=(configuration, status), name="translation", daemon=True
    ).start()


def run_translation(configuration: TranslatorConfiguration, status: TranslationStatus) -> None:
    """Run the translator and tell of it in the status, whichever way it goes."""
    try:
        handle = deployed_translator(configuration)
        models = loaded_models(handle)
    except (RuntimeError, TimeoutError, RayError, RayServeException) as error:
        reason = _reason(str(error))
        status.failed(reason)
        logger.error("captions are not translated: %s", reason)
        return
    status.ready(ServedTranslations(handle), models)
    logger.info("translation by %s", ", ".join(model.model for model in models))


def deployed_translator(configuration: TranslatorConfiguration) -> DeploymentHandle[Any]:
    """Return a handle of the translator that runs already, or run it and wait until it is up."""
    found = serve.status().applications.get(TRANSLATION_APPLICATION)
    if found is not None and found.status is ApplicationStatus.RUNNING:
        return serve.get_deployment_handle(TRANSLATOR, TRANSLATION_APPLICATION)
    return serve.run(build(configuration), name=TRANSLATION_APPLICATION, route_prefix=None)


def loaded_models(handle: DeploymentHandle[Any]) -> tuple[TranslationModel, ...]:
    """Ask the translator what it has loaded."""
    models: tuple[TranslationModel, ...] = handle.loaded.remote().result(timeout_s=ANSWER_TIMEOUT_S)
    return models


def _reason(report: str) -> str:
    """Return Lectern's own words out of what Serve says of a deployment that failed."""
    application = serve.status().applications.get(TRANSLATION_APPLICATION)
    deployment = application.deployments.get(TRANSLATOR) if application else None
    message = deployment.message if deployment else report
    found = LECTERN_ERROR.findall(message)
    return found[-1] if found else message
