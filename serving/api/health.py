"""Liveness and readiness, for supervisors and load balancers; neither needs a credential."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from lessons.errors import Unavailable
from serving.api.models import read_models
from serving.web.services import Services, ServicesDependency

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process lives."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether lessons can be taken, and what each part says about itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ready": True,
                    "database": "ok",
                    "ingest": "2 of 2 workers take publishers",
                    "captions": "ready",
                }
            ]
        }
    )

    ready: bool
    database: str
    ingest: str
    captions: str


@router.get("/health")
async def health() -> Health:
    """Answer as long as the process lives."""
    return Health()


@router.get(
    "/ready",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Lessons cannot be taken now."}},
)
async def ready(services: ServicesDependency) -> JSONResponse:
    """Tell whether lessons can be taken: the database answers and a worker takes publishers.

    Captions are reported but not waited for: media is taken while the models start.
    """
    report = await _report(services)
    return JSONResponse(report.model_dump(), status_code=200 if report.ready else 503)


async def _report(services: Services) -> Readiness:
    captions = (await read_models(services)).captions.state
    try:
        workers = await services.workers.list_workers()
    except Unavailable as error:
        return Readiness(ready=False, database=error.reason, ingest="unknown", captions=captions)
    limit = services.settings.admission_limit
    taking = [worker for worker in workers if not worker.draining and worker.load < limit]
    return Readiness(
        ready=bool(taking),
        database="ok",
        ingest=f"{len(taking)} of {len(workers)} workers take publishers",
        captions=captions,
    )
