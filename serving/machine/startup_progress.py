"""What the user sees while Lectern starts: a spinner a step, or plain lines without a terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 2.0
"""A step shorter than this needs no word while it runs."""

REMINDER_SECONDS = 15.0


class StartupProgress:
    """Shows steps that run side by side. Open it with `with`.

    Args:
        console: where to show them.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> StartupProgress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def say(self, text: str) -> None:
        """Print one line as it is, above the spinners."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @asynccontextmanager
    async def step(self, description: str) -> AsyncIterator[None]:
        """Show that `description` is under way while the block runs, and how long it took."""
        started = time.monotonic()
        task = self._bars.add_task(description, total=1)
        reminding = asyncio.create_task(self._remind(description))
        try:
            yield
        finally:
            reminding.cancel()
        self._bars.update(task, completed=1)
        seconds = time.monotonic() - started
        if seconds >= QUIET_SECONDS:
            self.say(f"  {description}: done in {seconds:.1f} s")

    async def _remind(self, description: str) -> None:
        """Without spinners, say after a while what is being waited for, and again now and then."""
        if not self._bars.disable:
            return
        await asyncio.sleep(QUIET_SECONDS)
        waited = QUIET_SECONDS
        while True:
            self.say(f"  {description} ... ({waited:.0f} s)")
            await asyncio.sleep(REMINDER_SECONDS)
            waited += REMINDER_SECONDS
