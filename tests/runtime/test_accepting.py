"""What becomes of a command that its client names with an id."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    CommandRecord,
    CommandRefusedError,
    CommandStatus,
    EventPublisher,
    HandlerError,
    Hub,
    HubClosedError,
    HydrationStore,
    PayloadTypeError,
    SchemaRegistry,
    Session,
    SessionIdError,
    UnknownNameError,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from sessionstream.transport.source import Verdict
from tests.runtime.accepting import accept, end_of, told
from tests.runtime.app import Lines, Shows, say, say_all, settled, text, text_of
from tests.runtime.handlers import Handler


class Echo:
    """Says what it is told, and counts."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def __call__(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        self.said.append(text_of(command.payload))
        await publisher.publish("Said", text(text_of(command.payload)))


class SlowToFind(GatedStore):
    """Looks commands up when it is told to."""

    def __init__(self, inner: HydrationStore) -> None:
        super().__init__(inner)
        self.found = asyncio.Event()

    async def command(self, session_id: str, command_id: str) -> CommandRecord | None:
        await self.found.wait()
        return await super().command(session_id, command_id)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, echo: Echo) -> Hub:
    hub = Hub(registry, store=gated)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    hub.register_command("Say", echo)
    return hub


class TestAccepted:
    async def test_it_runs_and_its_end_is_stored_before_it_is_told(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            await say(hub, "before")
            receipt = await accept(hub)
            assert (receipt.verdict, receipt.head) == (Verdict.ACCEPTED, 1)
            record = await end_of(receipt)
            assert record == await gated.command("s", "c")
        assert (record.status, record.ordinal) == (CommandStatus.COMPLETED, 2)
        assert echo.said == ["c"]

    async def test_it_does_not_run_before_its_record_is_stored(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            gated.hold()
            accepting = asyncio.ensure_future(accept(hub))
            [commit] = await gated.wait_held()
            await settled()
            assert [record.status for record in commit.commands] == [CommandStatus.ACCEPTED]
            assert echo.said == []
            assert not accepting.done()
            gated.release()
            assert await told(await accepting) == ("completed", "")

    async def test_records_share_a_transaction_with_what_else_is_ready(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            first = asyncio.ensure_future(say(hub, "first"))
            await gated.wait_held()
            accepting = [asyncio.ensure_future(accept(hub, str(number))) for number in range(5)]
            saying = asyncio.ensure_future(say(hub, "second"))
            await settled()
            gated.release()
            await asyncio.gather(first, saying, *accepting)
            assert len(gated.batches[1][0].commands) == 5

    async def test_one_that_can_not_be_stored_is_not_run_and_may_be_sent_again(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            gated.fail_next(OSError("no disk"))
            with pytest.raises(OSError, match="no disk"):
                await accept(hub)
            assert echo.said == []
            assert await told(await accept(hub)) == ("completed", "")

    async def test_leaving_the_call_loses_nothing(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            gated.hold()
            accepting = asyncio.ensure_future(accept(hub))
            await gated.wait_held()
            accepting.cancel()
            await settled()
            gated.release()
            receipt = await accept(hub)
            assert receipt.verdict is Verdict.DUPLICATE
            assert await told(receipt) == ("completed", "")
        assert echo.said == ["c"]

    async def test_leaving_the_outcome_cancels_nothing(self, hub: Hub, echo: Echo) -> None:
        async with hub:
            receipt = await accept(hub)
            waiting = asyncio.ensure_future(end_of(receipt))
            await asyncio.sleep(0)
            waiting.cancel()
            assert await told(receipt) == ("completed", "")

    async def test_the_payload_is_copied(self, hub: Hub, gated: GatedStore, echo: Echo) -> None:
        payload = text("as sent")
        async with hub:
            gated.hold()
            accepting = asyncio.ensure_future(hub.accept("s", "Say", payload, command_id="c"))
            await gated.wait_held()
            payload.value = "changed"
            gated.release()
            await end_of(await accepting)
        assert echo.said == ["as sent"]

    async def test_a_session_in_which_it_runs_is_not_purged(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        handler = Handler()
        async with Hub(registry, store=gated) as hub:
            hub.register_command("Say", handler)
            await say(hub, "x")
            await hub.close_session("s")
            receipt = await accept(hub)
            assert await hub.purge(keep=0) == []
            handler.open.set()
            await end_of(receipt)

    async def test_nor_is_one_whose_command_is_only_being_looked_up(
        self, registry: SchemaRegistry
    ) -> None:
        store = SlowToFind(MemoryStore())
        async with Hub(registry, store=store) as hub:
            hub.register_command("Say", Echo())
            await say(hub, "x")
            await hub.close_session("s")
            accepting = asyncio.ensure_future(accept(hub))
            await settled()
            assert await hub.purge(keep=0) == []
            store.found.set()
            await end_of(await accepting)

    @pytest.mark.parametrize("error", [None, ValueError("no session")])
    async def test_its_end_does_not_bring_back_a_session_that_was_deleted(
        self, registry: SchemaRegistry, gated: GatedStore, error: Exception | None
    ) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def wait(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            begun.set()
            await go_on.wait()
            if error is not None:
                raise error

        async with Hub(registry, store=gated) as hub:
            hub.register_command("Say", wait)
            receipt = await accept(hub)
            await begun.wait()
            await hub.delete_session("s")
            go_on.set()
            assert (await end_of(receipt)).status == ("failed" if error else "completed")
            assert await gated.sessions() == []


class TestRefused:
    @pytest.mark.parametrize(
        ("session_id", "name", "error"),
        [("", "Say", SessionIdError), ("s", "Nope", UnknownNameError), ("s", "Count", Exception)],
    )
    async def test_what_submit_refuses(
        self, hub: Hub, session_id: str, name: str, error: type[Exception]
    ) -> None:
        async with hub:
            with pytest.raises(error):
                await hub.accept(session_id, name, text("x"), command_id="c")

    async def test_a_payload_of_another_type(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(PayloadTypeError):
                await hub.accept("s", "Count", text("x"), command_id="c")

    async def test_a_command_without_a_handler(self, registry: SchemaRegistry) -> None:
        async with Hub(registry) as hub:
            with pytest.raises(HandlerError):
                await accept(hub)

    @pytest.mark.parametrize("command_id", ["", "\ud800"])
    async def test_an_id_that_can_not_be_stored(self, hub: Hub, command_id: str) -> None:
        async with hub:
            with pytest.raises(ValueError, match="a command's id"):
                await hub.accept("s", "Say", text("x"), command_id=command_id)

    async def test_a_hub_that_is_closed(self, hub: Hub) -> None:
        await hub.aclose()
        with pytest.raises(HubClosedError):
            await accept(hub)


class TestConflict:
    async def test_another_head_than_expected_refuses_it(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            await say_all(hub, "a", "b")
            receipt = await accept(hub, expected=1)
            assert (receipt.verdict, receipt.head, receipt.outcome) == (Verdict.CONFLICT, 2, None)
            assert await gated.command("s", "c") is None
            assert (await accept(hub, expected=2)).verdict is Verdict.ACCEPTED

    async def test_events_that_are_not_yet_committed_count(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            saying = asyncio.ensure_future(say(hub, "a"))
            await gated.wait_held()
            accepting = asyncio.ensure_future(accept(hub, expected=0))
            await settled()
            gated.release()
            await saying
            assert (await accepting).verdict is Verdict.CONFLICT

    async def test_one_that_was_accepted_is_no_conflict_when_it_is_sent_again(
        self, hub: Hub
    ) -> None:
        async with hub:
            await end_of(await accept(hub, expected=0))
            assert (await accept(hub, expected=0)).verdict is Verdict.DUPLICATE

    async def test_of_two_at_once_that_expect_the_same_one_that_conflicts_leaves_the_other_alone(
        self, hub: Hub, echo: Echo
    ) -> None:
        async with hub:
            await say(hub, "a")
            receipts = await asyncio.gather(accept(hub, expected=0), accept(hub, expected=1))
            assert [receipt.verdict for receipt in receipts] == [
                Verdict.CONFLICT,
                Verdict.ACCEPTED,
            ]
            await end_of(receipts[1])


class TestFailed:
    async def fail(self, hub: Hub, error: BaseException) -> tuple[str, str, str]:
        async def handler(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            raise error

        hub.register_command("Say", handler)
        record = await end_of(await accept(hub))
        return record.status.value, record.code, record.message

    @pytest.fixture
    def bare(self, registry: SchemaRegistry, gated: GatedStore) -> Hub:
        return Hub(registry, store=gated)

    async def test_a_refusal_is_told_as_the_handler_gave_it(
        self, bare: Hub, gated: GatedStore
    ) -> None:
        async with bare:
            refusal = CommandRefusedError("busy", "An answer is on its way.")
            expected = ("failed", "busy", "An answer is on its way.")
            assert await self.fail(bare, refusal) == expected
            assert await bare.errors("s") == []

    async def test_of_anything_else_nothing_is_told_and_all_recorded(
        self, bare: Hub, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with bare:
            told = await self.fail(bare, ValueError("the password is 1234"))
            assert told == ("failed", "failed", "the command failed")
            [record] = await bare.errors("s")
            assert (record.source, record.name) == ("command", "Say")
            assert record.message == "the password is 1234"
        assert "command Say failed" in caplog.text

    async def test_a_cancellation_that_comes_from_within_is_a_failure(self, bare: Hub) -> None:
        async with bare:
            assert (await self.fail(bare, asyncio.CancelledError()))[1] == "failed"

    async def test_texts_that_can_not_be_stored_are_escaped(self, bare: Hub) -> None:
        async with bare:
            refusal = CommandRefusedError("\ud800", "\ud801")
            assert await self.fail(bare, refusal) == ("failed", r"\ud800", r"\ud801")


class TestDuplicate:
    async def test_of_two_at_once_one_runs_and_both_are_told_its_end(
        self, hub: Hub, echo: Echo
    ) -> None:
        async with hub:
            receipts = await asyncio.gather(accept(hub), accept(hub))
            assert [receipt.verdict for receipt in receipts] == [
                Verdict.ACCEPTED,
                Verdict.DUPLICATE,
            ]
            assert await end_of(receipts[0]) == await end_of(receipts[1])
        assert echo.said == ["c"]

    async def test_one_that_comes_later_is_told_the_first_end(self, hub: Hub, echo: Echo) -> None:
        async with hub:
            first = await end_of(await accept(hub))
            again = await accept(hub)
            assert (again.verdict, again.head) == (Verdict.DUPLICATE, 1)
            assert await end_of(again) == first
        assert echo.said == ["c"]

    async def test_an_id_is_of_its_session_alone(self, hub: Hub, echo: Echo) -> None:
        async with hub:
            for session_id in ("s", "t"):
                receipt = await accept(hub, session_id=session_id)
                assert receipt.verdict is Verdict.ACCEPTED
                await end_of(receipt)
        assert echo.said == ["c", "c"]

    async def test_across_restarts(
        self, registry: SchemaRegistry, store: HydrationStore, echo: Echo
    ) -> None:
        ends = []
        for verdict in (Verdict.ACCEPTED, Verdict.DUPLICATE):
            async with Hub(registry, store=store) as hub:
                hub.register_command("Say", echo)
                receipt = await accept(hub)
                assert receipt.verdict is verdict
                ends.append(await end_of(receipt))
        assert ends[0] == ends[1]
        assert echo.said == ["c"]

    async def test_when_the_first_could_not_be_stored_the_second_is_taken_in(
        self, hub: Hub, gated: GatedStore, echo: Echo
    ) -> None:
        async with hub:
            gated.hold()
            gated.fail_next(OSError("no disk"))
            first = asyncio.ensure_future(accept(hub))
            await gated.wait_held()
            second = asyncio.ensure_future(accept(hub))
            await settled()
            gated.release()
            with pytest.raises(OSError, match="no disk"):
                await first
            receipt = await second
            assert receipt.verdict is Verdict.ACCEPTED
            await end_of(receipt)
        assert echo.said == ["c"]
