"""How many commands one client may have running, by whichever door they come."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import CommandRecord, CommandStatus, ProtocolError, StoreError
from sessionstream.accepted import Ending
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.access import Access, Principal
from sessionstream.transport.actions import Run
from sessionstream.transport.gate import Gate
from sessionstream.transport.intake import Intake
from sessionstream.transport.readings import Receipt, Verdict

ANN = Principal("ann")


def command(command_id: str = "c") -> Run:
    return Run(
        request_id="",
        command_id=command_id,
        session_id="s",
        name="Say",
        payload=StringValue(value="hi"),
        expected_ordinal=None,
    )


class Running(MemorySource):
    """Commands that go on until they are ended."""

    def __init__(self, *command_ids: str) -> None:
        super().__init__()
        loop = asyncio.get_running_loop()
        self.ends: dict[str, asyncio.Future[CommandRecord]] = {}
        for command_id in command_ids:
            end = self.ends[command_id] = loop.create_future()
            outcome = Ending(end)
            self.receipts[command_id] = Receipt(verdict=Verdict.ACCEPTED, head=0, outcome=outcome)

    def end(self, command_id: str) -> None:
        self.ends[command_id].set_result(
            CommandRecord(
                command_id=command_id,
                name="Say",
                status=CommandStatus.COMPLETED,
                ordinal=1,
                at=0.0,
            )
        )


async def give(intake: Intake, command_id: str = "c", owner: str = "ann") -> Receipt:
    return await intake.take_in(command(command_id), ANN, owner, nullcontext())


async def refused(intake: Intake, command_id: str, owner: str = "ann") -> str:
    with pytest.raises(ProtocolError) as caught:
        await give(intake, command_id, owner)
    return caught.value.code


def intake_of(source: MemorySource, limit: int = 1, access: Access | None = None) -> Intake:
    return Intake(source, Gate(access or Access(), timeout=60), limit)


class TestIntake:
    async def test_one_more_than_may_run_is_refused_until_one_has_ended(self) -> None:
        source = Running("a", "b")
        intake = intake_of(source, limit=2)
        await give(intake, "a")
        await give(intake, "b")
        assert await refused(intake, "c") == "rate_limited"
        source.end("a")
        await asyncio.sleep(0)
        await give(intake, "c")

    async def test_each_owner_has_its_own(self) -> None:
        intake = intake_of(Running("a", "b"))
        await give(intake, "a")
        await give(intake, "b", owner="bob")

    async def test_one_that_comes_again_before_its_end_does_not_count_twice(self) -> None:
        """A client that has lost its connection asks again for all of its commands."""
        source = Running("a")
        intake = intake_of(source)
        for _ in range(3):
            await give(intake, "a")
        assert await refused(intake, "b") == "rate_limited"
        source.end("a")
        await asyncio.sleep(0)
        await give(intake, "b")

    @pytest.mark.parametrize("error", [StoreError("memory", "secret"), RuntimeError("secret")])
    async def test_one_that_is_not_taken_in_does_not_count(
        self, error: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = Running("b")
        source.receipts["a"] = error
        source.receipts["conflict"] = Receipt(verdict=Verdict.CONFLICT, head=1, outcome=None)
        intake = intake_of(source)
        assert await refused(intake, "a") == "unavailable"
        assert "secret" in caplog.text
        await give(intake, "conflict")
        await give(intake, "b")

    async def test_one_that_may_not_be_given_does_not_count(self) -> None:
        async def deny(_: Principal, __: str, ___: str, ____: Message) -> bool:
            return False

        source = Running()
        intake = intake_of(source, access=Access(authorize_command=deny))
        for _ in range(2):
            assert await refused(intake, "a") == "command_denied"
        assert source.accepted == []

    async def test_one_whose_principal_is_revoked_while_the_hook_is_asked_is_not_run(self) -> None:
        async def revoke(principal: Principal, _: str, __: str, ___: Message) -> bool:
            gate.revocations.add(principal.id)
            return True

        source = Running()
        gate = Gate(Access(authorize_command=revoke), timeout=60)
        assert await refused(Intake(source, gate, 1), "a") == "command_denied"
        assert source.accepted == []

    async def test_one_whose_client_leaves_while_the_hook_is_asked_is_not_run(self) -> None:
        asked = asyncio.Event()

        async def wait(_: Principal, __: str, ___: str, ____: Message) -> bool:
            asked.set()
            return await asyncio.Event().wait()

        source = Running()
        intake = intake_of(source, access=Access(authorize_command=wait))
        giving = asyncio.ensure_future(give(intake, "a"))
        await asked.wait()
        assert await refused(intake, "b") == "rate_limited"
        giving.cancel()
        await asyncio.wait([giving])
        assert source.accepted == []
        asked.clear()
        again = asyncio.ensure_future(give(intake, "b"))
        await asked.wait()
        again.cancel()

    async def test_one_whose_client_leaves_later_counts_until_its_end(self) -> None:
        storing = SlowlyStoring("a")
        intake = intake_of(storing)
        giving = asyncio.ensure_future(give(intake, "a"))
        await storing.begun.wait()
        giving.cancel()
        await asyncio.wait([giving])
        assert await refused(intake, "b") == "rate_limited"
        storing.go_on.set()
        storing.end("a")
        await storing.stored.wait()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await give(intake, "b")

    async def test_the_turn_is_over_when_the_command_is_stored(self) -> None:
        source = Running("a", "b")
        intake, turn = intake_of(source, limit=2), asyncio.Lock()
        await intake.take_in(command("a"), ANN, "ann", turn)
        assert not turn.locked()


class SlowlyStoring(Running):
    """Takes its time to store a command."""

    def __init__(self, *command_ids: str) -> None:
        super().__init__(*command_ids)
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.stored = asyncio.Event()

    async def accept(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str,
        expected_ordinal: int | None = None,
        principal: str = "",
    ) -> Receipt:
        self.begun.set()
        await self.go_on.wait()
        self.stored.set()
        return await super().accept(
            session_id,
            name,
            payload,
            command_id=command_id,
            expected_ordinal=expected_ordinal,
            principal=principal,
        )
