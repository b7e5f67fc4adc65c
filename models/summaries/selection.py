"""Which writer and which judge of entailment an installation uses, as its settings say."""

from __future__ import annotations

from lessons.errors import InvalidInput
from models.summaries.endpoint_model import EndpointModel
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import SummaryWriter
from models.summaries.language_model import ChatModel, LanguageModelWriter
from models.summaries.verification import EntailmentModel


def choose_writer(
    model: str | None = None,
    endpoint: str | None = None,
    endpoint_model: str | None = None,
    key: str | None = None,
) -> SummaryWriter:
    """Return the writer: a local model, a model at an endpoint, else the extractive one.

    Args:
        model: folder or hub id of an instruct model of `transformers`.
        endpoint: address of an OpenAI-compatible API.
        endpoint_model: name of the model there.
        key: bearer token of the endpoint, if it asks for one.

    Raises:
        InvalidInput: both are named, an endpoint without a model, or no such model.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    if model and endpoint:
        raise InvalidInput(
            "There are two models to write summaries.",
            field="summary_model",
            fix="Set summary_model or summary_endpoint_url, not both.",
        )
    if endpoint:
        return LanguageModelWriter(_at(endpoint, endpoint_model, key))
    if model is None:
        return ExtractiveWriter()
    return LanguageModelWriter(load_chat_model(model))


def load_chat_model(model: str) -> ChatModel:
    """Return an instruct model of `transformers`, on a GPU where this process sees one.

    Raises:
        InvalidInput: no such model, or the `summaries` extra is not installed.
        Unavailable: it is not on disk and the hub cannot be reached.
    """
    # torch, transformers and llguidance are heavy, and only who uses a model of its own has them.
    try:
        from models.summaries.local_model import LocalChatModel
    except ModuleNotFoundError as error:
        raise _not_installed(error, "summary_model") from error
    return LocalChatModel(model)


def choose_entailment(model: str | None = None) -> EntailmentModel | None:
    """Return the model that judges entailment beside the verifier's own checks, if one is named.

    Raises:
        InvalidInput: no such model.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    if model is None:
        return None
    try:
        from models.summaries.natural_language_inference import InferenceModel
    except ModuleNotFoundError as error:
        raise _not_installed(error, "summary_entailment_model") from error
    return InferenceModel(model)


def _at(endpoint: str, model: str | None, key: str | None) -> EndpointModel:
    if not model:
        raise InvalidInput(
            "An endpoint serves models by name.",
            field="summary_endpoint_model",
            fix="Name the model that it is to write with.",
        )
    return EndpointModel(endpoint, model, key)


def _not_installed(error: ModuleNotFoundError, field: str) -> InvalidInput:
    return InvalidInput(
        f"This needs `{error.name}`, which is not installed.",
        field=field,
        fix="Run: pip install 'lectern[summaries]'.",
    )
