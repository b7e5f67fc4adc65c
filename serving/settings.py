"""Every setting of every process, read from `LECTERN_*` environment variables in one place."""

from __future__ import annotations

import json
import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lessons.errors import InvalidInput
from lessons.privacy.sealing import MasterKey

DEFAULT_TENANT = "ten_default"
"""Tenant of a fresh installation: owner of its first API key and of the sample lesson."""

ENVIRONMENT_PREFIX = "LECTERN_"
TOKEN_SECRET_BYTES = 48
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


class Settings(BaseSettings):
    """What an operator may set. A name here is an environment variable with `LECTERN_` before it.

    Lists are comma-separated. Use `load_settings` so that a bad value is told in plain words.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, extra="ignore", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        default=Path(".lectern"), description="Folder of all local data: database, logs, secrets."
    )
    database_url: str | None = Field(
        default=None,
        description="PostgreSQL 15+ to use; none: an embedded one in data_dir/postgres.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the gateway.")
    public_url: str = Field(
        default="", description="How browsers reach the gateway; default: from host and port."
    )
    models_url: str = Field(
        default="http://127.0.0.1:8090", description="Loopback endpoint of the models process."
    )
    ingest_host: str = Field(
        default="127.0.0.1", description="Address of an ingest worker's signalling endpoint."
    )
    ingest_port: int = Field(
        default=0, ge=0, le=65535, description="Port of an ingest worker; 0: any free one."
    )
    ingest_workers: int | None = Field(
        default=None, ge=1, description="Ingest workers that `lectern up` starts; none: one a core."
    )
    ingest_capacity_peers: int = Field(
        default=20, ge=1, description="Peers that one ingest worker is sized for."
    )
    admission_limit: float = Field(
        default=0.7, gt=0, le=1, description="Load past which a worker takes no new peer."
    )
    ice_servers: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="STUN and TURN URLs; none by default."
    )
    token_secret: SecretStr | None = Field(
        default=None, description="Key that signs participant tokens; none: made once in data_dir."
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="Wraps the keys under which every person's record is sealed; the same for all "
        "processes of an installation; none: made once in data_dir. Who loses it loses the record.",
    )
    rate_limit_per_minute: int = Field(
        default=60_000, ge=0, description="Requests a minute of one API key, per gateway; 0: any."
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["127.0.0.1", "::1"],
        description="Addresses of proxies whose X-Forwarded-For tells who calls.",
    )
    region: str | None = Field(
        default=None,
        description="Region that this installation and its database are in; a tenant that is bound "
        "to a region is served in that one only.",
    )
    models_region: str | None = Field(
        default=None, description="Region that the models run in; default: the same."
    )
    camera_forbidden_regions: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Regions whose law forbids looking at learners' cameras: no tenant bound to "
        "one of them can, and none at all where this installation is in one.",
    )
    recording_max_bytes: int = Field(
        default=8 * 1024**3, ge=1, description="Largest upload of a recording, all files together."
    )
    caption_engine: Literal["auto", "faster-whisper", "pocketsphinx"] = Field(
        default="auto", description="Engine that makes the captions."
    )
    caption_model: str | None = Field(
        default=None, description="Model name, local path or hub id for the caption engine."
    )
    caption_smaller_model: str | None = Field(
        default=None,
        description="Smaller Whisper model that is loaded beside the first and takes over under "
        "load; none: partials get slower and then new lessons are refused.",
    )
    caption_final_bound_seconds: float = Field(
        default=10.0,
        gt=0,
        description="Declared time from the end of an utterance to its final caption.",
    )
    caption_device: str = Field(default="auto", description="auto, cpu or cuda.")
    caption_compute_type: str = Field(
        default="auto", description="Numeric type of the weights: auto, int8, float16, ..."
    )
    caption_beam_size: int | None = Field(
        default=None, ge=1, description="Hypotheses kept for a final; none: 5 on cuda, 1 on cpu."
    )
    caption_parallel_calls: int | None = Field(
        default=None, ge=1, description="Whisper's calls at once; none: 2 on a GPU, or one a core."
    )
    caption_language: str = Field(default="en", description="ISO 639-1 code of new lessons.")
    caption_policy: Literal["auto", "local-agreement", "attention-guided", "endpoint-only"] = Field(
        default="auto", description="When a word of a live caption counts as stable."
    )
    caption_num_gpus: float = Field(default=0.0, ge=0, description="GPUs of one caption replica.")
    caption_replicas: int = Field(default=1, ge=1, description="Replicas of the captioner.")
    caption_resource: str | None = Field(
        default=None, description="Custom Ray resource that a caption replica asks for one of."
    )
    translation_models: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Models of transformers that captions are translated by, as folders or hub "
        "ids, such as Helsinki-NLP/opus-mt-en-es; none: no translation.",
    )
    translation_threads: int = Field(
        default=1, ge=1, description="CPU threads of the translator; captions have the others."
    )
    translation_num_gpus: float = Field(
        default=0.0, ge=0, description="GPUs of the translator; 0: it runs on the CPU."
    )
    engagement_model: Literal["auto", "baseline", "temporal"] = Field(
        default="auto",
        description="Which model signals are made by; auto: the temporal one where its card proves "
        "that it is better.",
    )
    reading_models: Literal["in_process", "served"] = Field(
        default="in_process",
        description="Where the models run that lessons are read with for summaries and live notes: "
        "in the jobs process, or served by the models process, which joins lessons in one call.",
    )
    reading_num_gpus: float = Field(
        default=0.0,
        ge=0,
        description="GPUs of the encoder and of each network among them, where they are served; 0: "
        "they run on the CPU.",
    )
    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        description="Sentence encoder that compares talk with objectives, as a folder or hub id of "
        "sentence-transformers; the likeness is calibrated for the default alone.",
    )
    talk_moves: str = Field(
        default="rules",
        description="What tells talk moves: rules, or the folder of a network by "
        "`training.train_talk_moves moves`, which is for research only.",
    )
    summary_model: str | None = Field(
        default=None,
        description="Instruct model of transformers that writes summaries, as a folder or hub id; "
        "none: they are put together of the lesson's own words. It runs where the models that "
        "lessons are read with run.",
    )
    summary_num_gpus: float = Field(
        default=0.0, ge=0, description="GPUs of that model where it is served; 0: the CPU."
    )
    summary_endpoint_url: str | None = Field(
        default=None,
        description="OpenAI-compatible API that writes summaries instead, such as "
        "http://127.0.0.1:8000/v1; what was said goes there.",
    )
    summary_endpoint_model: str | None = Field(
        default=None, description="Name of the model at that API."
    )
    summary_endpoint_key: SecretStr | None = Field(
        default=None, description="Bearer token of that API, if it asks for one."
    )
    summary_entailment_model: str | None = Field(
        default=None,
        description="Model of natural language inference that verifies summaries too, as a folder "
        "or hub id; none: the verifier's own checks alone.",
    )
    mastery_parameters: Path | None = Field(
        default=None,
        description="File of the mastery model, by `training.train_mastery`; none: what ships.",
    )
    ray_address: str | None = Field(
        default=None, description="Ray cluster to use; none: a local one of our own."
    )
    webhook_allowed_networks: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Internal networks that webhooks and captions may go to, such as 10.20.0.0/16.",
    )
    sign_in_allowed_networks: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Internal networks in which identity providers may be, such as 10.20.0.0/16.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Server that sends e-mail, smtp://user:password@host:587; none: no e-mail.",
    )
    mail_sender: str = Field(
        default="lectern@localhost", description="Sender of e-mail where a brand names none."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe message that is logged."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="Form of log lines; auto: text on a terminal, else JSON."
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address of /metrics, which asks for no credential: no public one.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port of /metrics; 0: any free one; none: 9464 for `lectern up`, which shows "
        "all processes together, and any free one for a process run alone.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="OpenTelemetry collector that traces are sent to, such as "
        "http://127.0.0.1:4318; none: no traces.",
    )

    @field_validator(
        "camera_forbidden_regions",
        "ice_servers",
        "translation_models",
        "trusted_proxies",
        "webhook_allowed_networks",
        "sign_in_allowed_networks",
        mode="before",
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("webhook_allowed_networks", "sign_in_allowed_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network)
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @model_validator(mode="before")
    @classmethod
    def _lower_log_level(cls, values: dict[str, object]) -> dict[str, object]:
        level = values.get("log_level")
        return values | {"log_level": level.lower()} if isinstance(level, str) else values

    @model_validator(mode="after")
    def _public_url_from_host_and_port(self) -> Self:
        url = self.public_url or f"http://{ANY_ADDRESS.get(self.host, self.host)}:{self.port}"
        object.__setattr__(self, "public_url", url.rstrip("/"))
        return self

    @property
    def ingest_worker_count(self) -> int:
        """Ingest workers to start: as set, else one per core that this process may use."""
        return self.ingest_workers or len(os.sched_getaffinity(0))

    @property
    def postgres_dir(self) -> Path:
        """Where the embedded PostgreSQL keeps its data."""
        return self.data_dir / "postgres"

    def signing_secret(self) -> str:
        """Return the secret that signs participant tokens, making it at first use.

        Every process of one data folder gets the same one, whoever asks first.
        """
        if self.token_secret is not None:
            return self.token_secret.get_secret_value()
        return self._kept_secret("token_secret")

    def sealing_key(self) -> MasterKey:
        """Return the key that wraps the keys of persons, making it at first use.

        Every process of one data folder gets the same one, whoever asks first.

        Raises:
            InvalidInput: it is too short.
        """
        if self.master_key is not None:
            return MasterKey(self.master_key.get_secret_value())
        return MasterKey(self._kept_secret("master_key"))

    def _kept_secret(self, name: str) -> str:
        path = self.data_dir / name
        if not path.exists():
            _create_secret_file(path)
        return path.read_text("ascii").strip()

    def environment(self) -> dict[str, str]:
        """Return these settings as `LECTERN_*` variables, for a child process."""
        variables: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is None or value == []:
                continue
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            text = ",".join(value) if isinstance(value, list) else str(value)
            variables[ENVIRONMENT_PREFIX + name.upper()] = text
        return variables


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` that are not None win over the environment.

    Raises:
        InvalidInput: a value is malformed; names the variable, the reason and the fix.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        description = (
            Settings.model_fields[name].description if name in Settings.model_fields else ""
        )
        raise InvalidInput(
            f"{json.dumps(first['input'], default=str)} is not valid: {first['msg']}.",
            field=ENVIRONMENT_PREFIX + name.upper(),
            fix=f"Correct or unset it. It means: {description}",
        ) from error


def _create_secret_file(path: Path) -> None:
    """Write a new secret whole or not at all, so that a racing process never reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(TOKEN_SECRET_BYTES))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
