"""Learners whose engagement one core follows in real time, and what Serve leaves of the model.

    python -m eval.engagement_capacity
    python -m eval.engagement_capacity --model temporal    the network, though it may not serve
    python -m eval.engagement_capacity --learners 200 --ticks 24      in a minute, on a busy machine

Events are those of simulated lessons (`training.simulated_lessons`): what is measured is speed, not
whether anything is right. Video, the likeness of what was said to the objective, and the store are
not part of it.

- A tick: in every lesson what has come is taken and the window closed, all learners go through the
  model in one call, and what it says is judged; by the code of the live loop, in this process.
- Learners per core: by this process's time on both, one core counting once.
- Served: windows through `lectern models` over its wire, from several callers, against the same
  model called directly with as many learners at once, and, for the network, against bare
  onnxruntime: the same file with the same threads on inputs that are scaled already.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import get_args

import numpy as np
import onnxruntime
from rich.console import Console
from rich.table import Table

from eval.own_lectern import free_port
from eval.own_processes import OwnProcess
from features.engagement import FEATURES, WINDOW_MS, LearnerWindow
from lessons.errors import Unavailable
from lessons.roles import Role
from models.engagement.baseline import shipped_baseline
from models.engagement.interface import Array, EngagementModel
from models.engagement.nudges import NudgeRules
from models.engagement.scaling import Scaling
from models.engagement.selection import Wanted, choose_model, shipped_card
from models.engagement.temporal import TemporalModel
from serving.engagement.client import EngagementClient
from serving.engagement.lesson_engagement import LessonEngagement
from serving.engagement.wire import Estimates, LoadedEngagement
from training.engagement_rows import ALLOWED_LATE_MS
from training.simulated_lessons.lesson import SimulatedLesson, simulate_lesson
from training.simulated_lessons.programs import TRAINING_PROGRAMS

LEARNERS = 1_000
TICKS = 120
WARM_UP_TICKS = 6
DIFFERENT_LESSONS = 6
"""Lessons are copies of so many: what they cost depends on how much happens, not on who does it."""

CALLERS = 4
CALL_LEARNERS = 250
"""Learners of one call, 1,000 over all callers: what several processes tick at once."""
MEASURE_S = 15.0
START_S = 300.0
SEED = 20_261_126


@dataclass(slots=True)
class FollowedLesson:
    """One simulated lesson, as the live loop follows it."""

    lesson: SimulatedLesson
    engagement: LessonEngagement
    taken: int = 0

    @classmethod
    def of(cls, lesson: SimulatedLesson) -> FollowedLesson:
        """Begin to follow a lesson."""
        roles = dict.fromkeys(lesson.learners, Role.LEARNER)
        baseline = shipped_baseline()
        return cls(lesson, LessonEngagement(lesson.lesson_id, NudgeRules(), baseline, roles))

    def close(self, end_ms: int) -> list[LearnerWindow]:
        """Take what has arrived by then, and close the window that ends there."""
        arrivals = self.lesson.arrivals
        while self.taken < len(arrivals) and (
            arrivals[self.taken].arrived_ms < end_ms + ALLOWED_LATE_MS
        ):
            arrival = arrivals[self.taken]
            self.engagement.take(arrival.event, arrival.arrived_ms)
            self.taken += 1
        return self.engagement.close(end_ms)


@dataclass(slots=True)
class Following:
    """What it took to follow lessons.

    Attributes:
        learner_windows: windows of learners that were closed, estimated and judged.
        features_s, model_s, judging_s: processor time of this process.
        tick_ms: length of every tick.
        inputs: what the model read in the last tick, shape (learners, history, features).
    """

    learner_windows: int = 0
    features_s: float = 0.0
    model_s: float = 0.0
    judging_s: float = 0.0
    tick_ms: list[float] = field(default_factory=list)
    inputs: Array = field(default_factory=lambda: np.empty((0, 1, len(FEATURES)), np.float32))

    def per_core(self, *, judging: bool) -> float:
        """Return how many learners' windows of 5 s one core gets done in 5 s."""
        seconds = self.features_s + self.model_s + (self.judging_s if judging else 0.0)
        return WINDOW_MS / 1_000 / (seconds / self.learner_windows)

    def tick(self, lessons: Sequence[FollowedLesson], model: EngagementModel, end_ms: int) -> None:
        """Do what is to be done when a window of all lessons ends."""
        begun, begun_cpu = time.perf_counter(), time.process_time()
        closed = [(each.engagement, each.close(end_ms)) for each in lessons]
        closed_cpu = time.process_time()
        self.inputs = np.concatenate(
            [engagement.stack(windows, model.history) for engagement, windows in closed]
        )
        chances = model.probabilities(self.inputs)
        estimated_cpu = time.process_time()
        ends = np.cumsum([len(windows) for _, windows in closed])[:-1]
        for (engagement, windows), part in zip(closed, np.split(chances, ends), strict=True):
            engagement.judge(windows, Estimates(part, model.name, model.version))
            engagement.measure()
        self.judging_s += time.process_time() - estimated_cpu
        self.model_s += estimated_cpu - closed_cpu
        self.features_s += closed_cpu - begun_cpu
        self.tick_ms.append(1_000 * (time.perf_counter() - begun))
        self.learner_windows += len(self.inputs)


@dataclass(frozen=True, slots=True)
class Served:
    """Learners estimated a second, by the model alone and at the end of the path.

    Attributes:
        late: calls that were not answered in time; the live loop's baseline would stand in.
        network_per_s: the network of the model that is served on bare onnxruntime; None where it
            has none.
    """

    model: str
    bare_per_s: float
    served_per_s: float
    call_ms: Sequence[float]
    late: int
    network_per_s: float | None

    @property
    def share(self) -> float:
        """What the deployment reaches of bare onnxruntime, or of a model that needs none."""
        return self.served_per_s / (self.network_per_s or self.bare_per_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--learners", type=int, default=LEARNERS, help="learners at once")
    parser.add_argument("--ticks", type=int, default=TICKS, help="ticks to measure")
    parser.add_argument(
        "--model", choices=get_args(Wanted), default="auto", help="as LECTERN_ENGAGEMENT_MODEL"
    )
    arguments = parser.parse_args()
    chosen = choose_model(arguments.model)
    print(f"{chosen.model.name} {chosen.model.version}: {chosen.reason}", flush=True)
    lessons = lessons_of(arguments.learners)
    following = follow(lessons, chosen.model, arguments.ticks)
    with tempfile.TemporaryDirectory(prefix="lectern-capacity-") as folder:
        served = serve(following.inputs, chosen.model, arguments.model, Path(folder))
    print_results(len(lessons), following, served)


def lessons_of(learners: int) -> list[FollowedLesson]:
    """Return lessons with at least so many learners, all to follow from their beginning."""
    different = [
        simulate_lesson(f"les_{number}", TRAINING_PROGRAMS, SEED + number)
        for number in range(DIFFERENT_LESSONS)
    ]
    lessons: list[FollowedLesson] = []
    there = 0
    while there < learners:
        lesson = different[len(lessons) % len(different)]
        lessons.append(FollowedLesson.of(lesson))
        there += len(lesson.learners)
    return lessons


def follow(lessons: Sequence[FollowedLesson], model: EngagementModel, ticks: int) -> Following:
    """Follow lessons for some ticks, after a few that do not count."""
    for number in range(WARM_UP_TICKS):
        Following().tick(lessons, model, (number + 1) * WINDOW_MS)
    following = Following()
    for number in range(WARM_UP_TICKS, WARM_UP_TICKS + ticks):
        following.tick(lessons, model, (number + 1) * WINDOW_MS)
    return following


def serve(inputs: Array, model: EngagementModel, wanted: Wanted, folder: Path) -> Served:
    """Run `lectern models` with a model and ask it as fast as it answers."""
    windows = np.resize(inputs, (CALL_LEARNERS, *inputs.shape[1:])).astype(np.float32)
    with _models_process(folder, wanted) as url:
        asked = asyncio.run(_ask(url, windows))
        # Measured beside the running process, so that both meet the same machine.
        bare = _per_s(lambda: model.probabilities(windows), len(windows))
        network = _network_per_s(windows) if isinstance(model, TemporalModel) else None
    served_per_s = len(asked.call_ms) * len(windows) / asked.seconds
    return Served(asked.model, bare, served_per_s, asked.call_ms, asked.late, network)


@contextmanager
def _models_process(folder: Path, wanted: Wanted) -> Iterator[str]:
    """Run a models process for the time of the context; its endpoint's address."""
    url = f"http://127.0.0.1:{free_port()}"
    given = {
        "data_dir": str(folder),
        "models_url": url,
        "metrics_port": "0",
        "engagement_model": wanted,
    }
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")
    } | {f"LECTERN_{name.upper()}": value for name, value in given.items()}
    process = OwnProcess("models", environment, folder / "models.log")
    try:
        yield url
    finally:
        process.stop()


def _per_s(call: Callable[[], object], learners: int) -> float:
    """Return how many learners a second go through calls one after another."""
    call()
    begun, calls = time.perf_counter(), 0
    while time.perf_counter() - begun < MEASURE_S / 3:
        call()
        calls += 1
    return calls * learners / (time.perf_counter() - begun)


def _network_per_s(windows: Array) -> float:
    """Return how many learners a second bare onnxruntime gets done, one thread as is served."""
    card = shipped_card()
    scaling = Scaling.of(card.features, card.logarithmic, card.mean, card.deviation)
    scaled, there = scaling.apply(windows)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        files("models.engagement").joinpath("temporal.onnx").read_bytes(),
        options,
        providers=["CPUExecutionProvider"],
    )
    given = {"scaled": scaled, "there": there}
    return _per_s(lambda: session.run(None, given), len(windows))


@dataclass(slots=True)
class _Asked:
    model: str
    call_ms: list[float] = field(default_factory=list)
    late: int = 0
    seconds: float = 0.0


async def _ask(url: str, windows: Array) -> _Asked:
    async with EngagementClient(url) as client:
        loaded = await _loaded(client)
        asked = _Asked(f"{loaded.model} {loaded.version}")
        begun = time.perf_counter()

        async def call() -> None:
            while time.perf_counter() - begun < MEASURE_S:
                called = time.perf_counter()
                try:
                    await client.estimate(windows)
                except Unavailable:
                    asked.late += 1
                else:
                    asked.call_ms.append(1_000 * (time.perf_counter() - called))

        await asyncio.gather(*(call() for _ in range(CALLERS)))
        asked.seconds = time.perf_counter() - begun
    if not asked.call_ms:
        raise RuntimeError("The models process answered no call in time.")
    return asked


async def _loaded(client: EngagementClient) -> LoadedEngagement:
    """Wait until the estimator is up; it is started after captions.

    Raises:
        Unavailable: it did not come.
    """
    deadline = time.monotonic() + START_S
    while True:
        try:
            return await client.loaded()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)


def print_results(lessons: int, following: Following, served: Served) -> None:
    """Print what was measured."""
    table = Table(title="Engagement without video, simulated lessons", show_header=False)
    each = following.learner_windows
    rows = (
        ("learners in lessons", f"{len(following.inputs)} in {lessons}"),
        ("features, processor time a learner's window", _us(following.features_s, each)),
        ("model, likewise", _us(following.model_s, each)),
        ("judging, likewise", _us(following.judging_s, each)),
        ("learners per core, features and model", _count(following.per_core(judging=False))),
        ("learners per core, judging too", _count(following.per_core(judging=True))),
        (f"one tick, p50 / p99 of {len(following.tick_ms)}", _percentiles(following.tick_ms)),
        ("model that is served", served.model),
        ("learners a second, model alone", _count(served.bare_per_s)),
        ("learners a second, bare onnxruntime", _count(served.network_per_s)),
        (f"learners a second, served to {CALLERS} callers", _count(served.served_per_s)),
        ("share that the deployment reaches", f"{served.share:.0%}"),
        (f"one call of {CALL_LEARNERS}, p50 / p99", _percentiles(served.call_ms)),
        ("calls not answered in time", f"{served.late} of {served.late + len(served.call_ms)}"),
    )
    for name, value in rows:
        table.add_row(name, value)
    Console(width=110).print(table)


def _count(number: float | None) -> str:
    return "not used" if number is None else f"{number:,.0f}"


def _us(seconds: float, each: int) -> str:
    return f"{1e6 * seconds / each:.0f} us"


def _percentiles(milliseconds: Sequence[float]) -> str:
    middle, high = np.quantile(milliseconds, [0.5, 0.99])
    return f"{middle:.0f} / {high:.0f} ms"


if __name__ == "__main__":
    main()
