"""Summaries and live notes while the models process is away, and when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from lessons.errors import Unavailable
from lessons.events import SummaryCreated, SummaryProgressed
from serving.jobs.notes_worker import note_models
from serving.jobs.queue import WRITE_SUMMARY, job_app
from serving.jobs.summary_worker import SummaryWork, open_summary_work
from serving.reading.client import ReadingClient
from serving.reading.loaded import Kind
from serving.reading.loading import LoadedModel
from serving.reading.models import ReadingModels, ServedModels
from serving.settings import Settings
from tests.unit.serving.notes.test_noted_lesson import World, world
from tests.unit.serving.reading.conftest import Served, metrics, nobody, served, shipped
from tests.unit.serving.summaries.conftest import room, school
from tests.unit.serving.summaries.school import School

__all__ = ["metrics", "nobody", "room", "school", "served", "shipped", "world"]


@asynccontextmanager
async def opened(
    settings: Settings, url: str, school: School, models: ReadingModels
) -> AsyncIterator[SummaryWork]:
    database, feed = school.services.database, school.services.feed
    async with open_summary_work(settings, url, database, feed, models) as work:
        yield work


async def waits(url: str, school: School) -> bool:
    """Whether a job waits to write the lesson's summary."""
    app = job_app(url)
    async with app.open_async():
        jobs = await app.job_manager.list_jobs_async(task=WRITE_SUMMARY, status="todo")
    return any(job.task_kwargs["lesson_id"] == school.lesson.id for job in jobs)


async def test_a_summary_waits_for_the_models_process_and_leaves_no_trace_of_it(
    settings: Settings, served_database: str, school: School, nobody: ReadingClient
) -> None:
    async with opened(settings, served_database, school, ServedModels(nobody)) as work:
        await work.write(*school.where)
        await work.write(*school.where)
    assert await waits(served_database, school)
    assert await school.events(SummaryCreated.type, SummaryProgressed.type) == []
    assert (await school.progress())["state"] == "waiting"


async def test_once_the_models_are_back_the_summary_is_written_by_them(
    settings: Settings, served_database: str, school: School, served: Served
) -> None:
    async with opened(settings, served_database, school, served.models) as work:
        served.reading.away = True
        await work.write(*school.where)
        assert await waits(served_database, school)
        assert await school.events(SummaryCreated.type) == []
        served.reading.away = False
        await work.write(*school.where)
    (created,) = await school.events(SummaryCreated.type)
    assert isinstance(created.data, SummaryCreated)
    assert set(served.reading.asked) == {"segments", "encoder", "exchanges"}
    assert (await school.progress())["state"] == "written"


async def test_live_notes_catch_up_when_the_models_are_back(
    world: World, served: Served, shipped: dict[Kind, LoadedModel]
) -> None:
    served.reading.away = True
    tools = replace(
        world.tools,
        models=partial(note_models, served.models),
        turn=asyncio.Semaphore(served.models.at_once),
    )
    noted = replace(world, tools=tools).noted()
    await world.teach(0, 20)
    with pytest.raises(Unavailable):
        await noted.advance()
    assert await world.told() == []
    served.reading.away = False
    assert await noted.advance()
    assert {one.type for one in await world.told()} >= {"talk_move.observed"}
    assert "segments" in served.reading.asked
