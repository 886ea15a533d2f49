"""Page 5: what is there after a process was killed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from sessionstream import override
from systemlab.asking import Asked, LabError
from systemlab.checking import JSON, Check, check
from systemlab.child import EARLY, IMPURE, SAME_EPOCH
from systemlab.damaging import DELETED_ROW, damage
from systemlab.exercise import ENOUGH, MOST_EVENTS, Action, Exercise, Page
from systemlab.process import ChildProcess

KINDS: Final = ("memory", "sqlite")


class RestartExercise(Exercise):
    """Two runtimes in processes of their own: one keeps everything in memory, one in a file."""

    @override
    async def open(self) -> None:
        """Starts both."""
        self._path = self.folder / "kept.db"
        self._children = {
            kind: ChildProcess(kind, self._path, self.fault, self.recorder) for kind in KINDS
        }
        self._numbers = 1
        self._before: dict[str, dict[str, JSON]] = {}
        self._kills = 0
        for child in self._children.values():
            self.stack.push_async_callback(child.kill)
        await self._each("start")

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Publishes, kills, starts, or shows what there is."""
        return {
            "publish": self._publish,
            "kill": self._kill,
            "start": self._start,
            "state": self._state,
        }

    async def _publish(self, asked: Asked) -> dict[str, JSON]:
        events = asked.number("events", 100, lowest=1, highest=1000)
        await self._begin(events)
        await self._each("finished")
        return await self._state(asked)

    async def _kill(self, asked: Asked) -> dict[str, JSON]:
        """Kills both in the middle of a burst: when each has answered ``after`` of it."""
        after = asked.number("after", 50, lowest=0, highest=900)
        self._before = {kind: await child.state() for kind, child in self._children.items()}
        answered = {kind: len(child.answered) for kind, child in self._children.items()}
        await self._begin(after + 1000)
        async with asyncio.TaskGroup() as group:
            for kind, child in self._children.items():
                group.create_task(_kill_after(child, answered[kind] + after))
        self._kills += 1
        return await self._state(asked)

    async def _start(self, asked: Asked) -> dict[str, JSON]:
        if not self._children["sqlite"].is_running:
            await asyncio.to_thread(self._damage)
        for child in self._children.values():
            if not child.is_running:
                await child.start()
        return await self._state(asked)

    def _damage(self) -> None:
        if self.fault == "deleted-file":
            for path in self.folder.glob("kept.db*"):
                path.unlink()
        elif self.fault == "deleted-row":
            damage(self._path, DELETED_ROW, "sqlite")

    async def _begin(self, events: int) -> None:
        if any(not child.is_running for child in self._children.values()):
            raise LabError("The processes are not running; start them first.")
        if any(len(child.answered) > MOST_EVENTS for child in self._children.values()):
            raise LabError(ENOUGH)
        for child in self._children.values():
            await child.publish(self._numbers, events)
        self._numbers += events

    async def _each(self, what: str) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for child in self._children.values():
                    group.create_task(getattr(child, what)())
        except ExceptionGroup as failed:
            told = failed.subgroup(LabError)
            if told is None:
                raise
            raise told.exceptions[0] from failed

    async def _state(self, asked: Asked) -> dict[str, JSON]:
        states = {
            kind: await child.state() for kind, child in self._children.items() if child.is_running
        }
        shown: dict[str, JSON] = {
            kind: {
                "running": child.is_running,
                "exitStatus": child.exit_status,
                "answered": len(child.answered),
                "before": _short(self._before.get(kind)),
                "now": _short(states.get(kind)),
            }
            for kind, child in self._children.items()
        }
        answered = self._children["sqlite"].answered
        found = [
            *durable_checks(
                answered, self._before.get("sqlite"), states.get("sqlite"), self._kills
            ),
            memory_check(self._before.get("memory"), states.get("memory"), self._kills),
        ]
        return {"kinds": shown, "kills": self._kills, "checks": [each.as_json() for each in found]}


def durable_checks(
    answered: Sequence[tuple[int, str]],
    before: Mapping[str, JSON] | None,
    now: Mapping[str, JSON] | None,
    kills: int,
) -> list[Check]:
    """Holds what a file has after a kill against what was answered before it."""
    if now is None:
        now, seen = {}, 0
    else:
        seen = len(answered)
    notes, ordinals = now.get("notes"), now.get("ordinals")
    assert isinstance(notes, dict | None)
    assert isinstance(ordinals, list | None)
    lost = [
        f"{note} was answered {ordinal}, the file has it {_place(notes.get(note))}"
        for ordinal, note in answered
        if notes is not None and notes.get(note) != ordinal
    ]
    gaps = [
        f"place {place} has ordinal {ordinal}"
        for place, ordinal in enumerate(ordinals or [], 1)
        if place != ordinal
    ]
    torn = [] if now.get("isFold", True) else ["the timeline is not what the log gives"]
    behind = (
        [f"the timeline is at {now['timeline']}, the log at {now['head']}"]
        if now and now["timeline"] != now["head"]
        else []
    )
    moved = (
        [f"the epoch was {before['epoch']}, now it is {now['epoch']}"]
        if now and before and before["epoch"] != now["epoch"] and before["head"]
        else []
    )
    return [
        check("P3 SQLite: what publish answered is there", lost, seen, "answers"),
        check("P1 SQLite: the ordinals have no gap", gaps, len(ordinals or []), "events"),
        check("P2 SQLite: the timeline is the fold of the log", [*torn, *behind], seen, "answers"),
        check(
            "SQLite: the session goes on in the same epoch",
            moved,
            kills if now and before else 0,
            "kills",
        ),
    ]


def memory_check(
    before: Mapping[str, JSON] | None, now: Mapping[str, JSON] | None, kills: int
) -> Check:
    """Holds that memory has forgotten, and says so by another epoch."""
    same = (
        [f"the epoch is still {now['epoch']}"]
        if now and before and before["epoch"] == now["epoch"]
        else []
    )
    name = "Memory: what is gone is known to be gone, by a new epoch"
    return check(name, same, kills if now and before else 0, "kills")


async def _kill_after(child: ChildProcess, count: int) -> None:
    await child.answers(count)
    await child.kill()


def _place(ordinal: JSON) -> str:
    return "nowhere" if ordinal is None else f"at {ordinal}"


def _short(state: Mapping[str, JSON] | None) -> JSON:
    if state is None:
        return None
    return {key: value for key, value in state.items() if key not in ("notes", "ordinals")}


RESTART: Final = Page(
    slug="restart",
    number=5,
    title="Persistence and restart",
    summary="Kill the process in the middle of its work, start it again, compare.",
    exercise=RestartExercise,
    faults={
        EARLY: "The application answers its client before publish has returned.",
        "deleted-row": "While the processes are gone, the third event is deleted from the file.",
        "deleted-file": "While the processes are gone, somebody tidies the file away.",
        IMPURE: "The timeline projection writes the number of its process into each note.",
        SAME_EPOCH: "The server in memory gives each life of the session the same name.",
    },
)
