"""Whatever fails and restarts: a command with an id runs once, and is told one end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import (
    Command,
    CommandRecord,
    CommandRefusedError,
    EventPublisher,
    Hub,
    Session,
    accepting,
)
from sessionstream.hydration.base import CommitBatch
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from sessionstream.transport.source import Verdict
from tests.runtime.app import make_registry, text, text_of


class Unreliable(GatedStore):
    """Raises on the next commits, having stored them or not."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.troubles: list[bool] = []

    async def commit(self, batch: CommitBatch) -> None:
        stored = not self.troubles or self.troubles[0]
        failed = bool(self.troubles)
        del self.troubles[:1]
        if stored:
            await super().commit(batch)
        if failed:
            raise OSError("lost the connection")


class Clients:
    """Send commands, some of them again, and remember what they were told."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.ends: dict[str, set[tuple[str, str]]] = {}

    async def run(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        command_id = text_of(command.payload)
        self.runs[command_id] += 1
        await asyncio.sleep(0)
        if command_id == "refused":
            raise CommandRefusedError("no", "Not this one.")

    async def send(self, hub: Hub, command_id: str) -> None:
        try:
            receipt = await hub.accept("s", "Say", text(command_id), command_id=command_id)
        except OSError:
            return
        assert receipt.verdict is not Verdict.CONFLICT
        assert receipt.outcome is not None
        record: CommandRecord = await receipt.outcome
        self.ends.setdefault(command_id, set()).add((record.status, record.code))

    def check(self) -> None:
        for command_id in IDS:
            ends = self.ends.get(command_id, set())
            assert self.runs[command_id] <= 1
            assert len(ends) <= 1
            if ends and self.runs[command_id] == 0:
                assert ends == {("failed", "interrupted")}
            elif ends:
                end = ("failed", "no") if command_id == "refused" else ("completed", "")
                assert ends == {end}


IDS = ("a", "b", "refused")
STEPS = st.lists(
    st.one_of(
        st.lists(st.sampled_from(IDS), min_size=1, max_size=5),
        st.booleans(),  # the next commit fails: stored all the same, or not
    ),
    max_size=12,
)


@given(lives=st.lists(STEPS, min_size=1, max_size=3))
async def test_a_command_runs_once_and_is_told_one_end(
    lives: Sequence[Sequence[list[str] | bool]],
) -> None:
    store, clients = Unreliable(), Clients()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accepting, "FIRST_RETRY_SECONDS", 0)
        for steps in lives:
            async with Hub(make_registry(), store=store) as hub:
                hub.register_command("Say", clients.run)
                for step in steps:
                    if isinstance(step, bool):
                        store.troubles.append(step)
                    else:
                        await asyncio.gather(*(clients.send(hub, each) for each in step))
                        clients.check()
