"""Who is there: every visitor has a runtime of their own for every page."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final, Self

from systemlab.asking import LabError
from systemlab.exercise import NOTHING, Exercise, Page

logger = logging.getLogger("systemlab")

MAX_VISITORS: Final = 32
IDLE_SECONDS: Final = 1800.0
_SWEEP_SECONDS: Final = 30.0
_PREFIX: Final = "systemlab-"


class Visitor:
    """One visitor's exercises, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._exercises: dict[str, Exercise] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._has_ended = False
        self.seen_at = 0.0

    @property
    def opened(self) -> dict[str, Exercise]:
        """The exercises that run now, by their pages' slugs."""
        return dict(self._exercises)

    @asynccontextmanager
    async def using(self, page: Page) -> AsyncIterator[Exercise]:
        """Gives the page's exercise; nobody else uses it meanwhile.

        Raises:
            LabError: The page has none.
        """
        async with self._locks.setdefault(page.slug, asyncio.Lock()):
            exercise = self._exercises.get(page.slug)
            yield exercise if exercise is not None else await self._open(page, NOTHING)

    async def reset(self, page: Page, fault: str) -> None:
        """Ends the page's exercise and begins a new one, in which ``fault`` is broken.

        Raises:
            LabError: The page has no such fault.
        """
        if fault != NOTHING and fault not in page.faults:
            known = ", ".join([NOTHING, *page.faults])
            raise LabError(f"{page.title} has no fault {fault!r}; there are {known}")
        async with self._locks.setdefault(page.slug, asyncio.Lock()):
            await self._close(page.slug)
            await self._open(page, fault)

    async def aclose(self) -> None:
        """Ends all exercises and removes their files; nothing is opened any more."""
        self._has_ended = True
        for slug, lock in tuple(self._locks.items()):
            async with lock:
                await self._close(slug)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _open(self, page: Page, fault: str) -> Exercise:
        if page.exercise is None:
            raise LabError(f"{page.title} has nothing to do")
        if self._has_ended:
            raise LabError("this visit has ended; reload the page to begin a new one")
        folder = self._folder / f"{page.slug}-{next(self._numbers)}"
        folder.mkdir(parents=True)
        exercise = page.exercise(folder, fault)
        try:
            await exercise.open()
        except BaseException:
            await exercise.aclose()
            raise
        self._exercises[page.slug] = exercise
        return exercise

    async def _close(self, slug: str) -> None:
        exercise = self._exercises.pop(slug, None)
        if exercise is None:
            return
        try:
            await exercise.aclose()
        except Exception:  # what a visitor broke must not keep the others from being closed
            logger.exception("the exercise %s did not end well", slug)
        await asyncio.to_thread(shutil.rmtree, exercise.folder, ignore_errors=True)


class Visitors:
    """All visitors. Enter it; leaving ends all of them and removes their files.

    Args:
        most: How many there may be at a time: for one more, somebody has to go who has
            opened no exercise, or else the one who was away longest.
        idle_seconds: Who was away for longer has to go as well. Who has a page open is there.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        most: int = MAX_VISITORS,
        idle_seconds: float = IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._visitors: dict[str, Visitor] = {}
        self._folder: Path | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(_remove_left_over)
        prefix = f"{_PREFIX}{os.getpid()}-"
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=prefix))
        self._sweeper = asyncio.create_task(self._sweep_now_and_then())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __len__(self) -> int:
        return len(self._visitors)

    def find(self, visitor_id: str | None) -> Visitor | None:
        """Returns the visitor of an id, who has been seen with that; None if there is none."""
        visitor = self._visitors.get(visitor_id or "")
        if visitor is not None:
            visitor.seen_at = self._clock()
        return visitor

    async def welcome(self) -> tuple[str, Visitor]:
        """Returns a new visitor and the id; nobody can guess it."""
        if self._folder is None:
            raise LabError("the lab is closed")
        visitor_id = secrets.token_urlsafe(24)
        visitor = Visitor(self._folder / visitor_id)
        visitor.seen_at = self._clock()
        self._visitors[visitor_id] = visitor
        await self.sweep(visitor_id)
        return visitor_id, visitor

    async def sweep(self, newest: str = "") -> None:
        """Lets those go who were away for too long, and who are too many; never the newest."""
        # Whoever has opened nothing yet goes first: it may be a program that keeps no cookie.
        going_first = sorted(
            self._visitors.keys() - {newest},
            key=lambda one: (bool(self._visitors[one].opened), self._visitors[one].seen_at),
        )
        too_many = len(self._visitors) - self._most
        since = self._clock() - self._idle_seconds
        for place, visitor_id in enumerate(going_first):
            if place < too_many or self._visitors[visitor_id].seen_at < since:
                await self._let_go(visitor_id)

    async def aclose(self) -> None:
        """Ends all exercises and removes all files; may be called twice."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
            self._sweeper = None
        folder, self._folder = self._folder, None
        for visitor_id in tuple(self._visitors):
            await self._let_go(visitor_id)
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _let_go(self, visitor_id: str) -> None:
        visitor = self._visitors.pop(visitor_id, None)
        if visitor is not None:
            await visitor.aclose()

    async def _sweep_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            await self.sweep()


def _remove_left_over() -> None:
    """Removes the folders of labs that were killed; a name has the process's number."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = folder.name.split("-")[1]
        if number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's, or no number of a process
        return True
    return True
