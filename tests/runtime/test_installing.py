"""Installing is all or nothing: what fails leaves the Hub as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandType,
    DuplicateNameError,
    EntityType,
    EventPublisher,
    EventType,
    HandlerError,
    Hub,
    SchemaError,
    SchemaRegistry,
    Session,
    TimelineView,
    typed,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, say, text

# Of a module that is installed into a Hub which knows those of `app.make_registry`.
ASK = CommandType("Ask", StringValue)
SAY = CommandType("Say", StringValue)
SAID_AT = EventType("SaidAt", Timestamp)


class Asked:
    """A handler; an object, so that two are told apart."""

    async def __call__(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        await publisher.publish("Said", text("1=by the module"))


async def by_hand(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Said", text("1=by hand"))


async def coroutine(event: object, session: Session, view: TimelineView) -> list[object]:
    return []


def install(hub: Hub, *schemas: Any, **parts: Any) -> None:
    """Installs a module that is in order, but for what is given."""
    commands = {"Ask": Asked(), **parts.pop("commands", {})}
    whole = {"commands": commands, "ui": Shows(), "timeline": Lines(), **parts}
    typed.install(hub, ASK, SAY, SAID_AT, *schemas, **whole)


FAILURES: dict[str, tuple[type[Exception], Callable[[Hub], None]]] = {
    "a name that is taken": (
        DuplicateNameError,
        lambda hub: install(hub, EntityType("Line", Timestamp)),
    ),
    "a command with a handler": (
        DuplicateNameError,
        lambda hub: install(hub, commands={"Say": Asked()}),
    ),
    "a handler that is none": (
        HandlerError,
        lambda hub: install(hub, commands={"Count": None}),
    ),
    "a UI projection that is async": (SchemaError, lambda hub: install(hub, ui=coroutine)),
    "a timeline projection that is async": (
        SchemaError,
        lambda hub: install(hub, timeline=coroutine),
    ),
}


@pytest.fixture
def hub(registry: SchemaRegistry, fanout: RecordingFanout) -> Hub:
    hub = Hub(registry, fanout=fanout)
    hub.register_command("Say", by_hand)
    return hub


@pytest.mark.parametrize(("error", "fail"), FAILURES.values(), ids=FAILURES)
class TestAnInstallThatFails:
    def test_leaves_no_name(
        self, hub: Hub, error: type[Exception], fail: Callable[[Hub], None]
    ) -> None:
        with pytest.raises(error):
            fail(hub)
        assert hub.registry.command_names() == ("Count", "Say")
        hub.registry.add(ASK, SAID_AT)

    def test_leaves_no_handler(
        self, hub: Hub, error: type[Exception], fail: Callable[[Hub], None]
    ) -> None:
        with pytest.raises(error):
            fail(hub)
        hub.registry.add(ASK)
        hub.register_command("Ask", by_hand)
        hub.register_command("Count", by_hand)

    async def test_leaves_no_projection_and_what_was_there(
        self,
        hub: Hub,
        fanout: RecordingFanout,
        error: type[Exception],
        fail: Callable[[Hub], None],
    ) -> None:
        hub.register_timeline_projection(Lines())
        with pytest.raises(error):
            fail(hub)
        async with hub:
            await hub.submit("s", "Say", text(""))
            assert lines(await hub.snapshot("s")) == ["1=by hand"]
        assert fanout.batches == []

    async def test_can_be_repeated_once_it_is_mended(
        self,
        hub: Hub,
        fanout: RecordingFanout,
        error: type[Exception],
        fail: Callable[[Hub], None],
    ) -> None:
        with pytest.raises(error):
            fail(hub)
        install(hub)
        async with hub:
            await hub.submit("s", "Ask", text(""))
            assert lines(await hub.snapshot("s")) == ["1=by the module"]
        assert len(fanout.batches) == 1


def twice(hub: Hub) -> None:
    """Installs a module, then one whose command the first has."""
    with hub.all_or_nothing():
        install(hub)
        typed.install(hub, commands={"Ask": Asked()})


def in_vain(hub: Hub) -> None:
    with hub.all_or_nothing():
        install(hub)
        raise ZeroDivisionError


class TestAllOrNothing:
    @pytest.mark.parametrize(
        ("error", "fail"), [(DuplicateNameError, twice), (ZeroDivisionError, in_vain)]
    )
    def test_takes_back_the_modules_before_an_error(
        self, hub: Hub, error: type[Exception], fail: Callable[[Hub], None]
    ) -> None:
        with pytest.raises(error):
            fail(hub)
        assert hub.registry.command_names() == ("Count", "Say")
        install(hub)

    async def test_keeps_all_that_its_body_registered(self, hub: Hub) -> None:
        with hub.all_or_nothing():
            typed.install(hub, SAID_AT)
            install(hub)
        async with hub:
            await hub.submit("s", "Ask", text(""))
            assert lines(await hub.snapshot("s")) == ["1=by the module"]

    async def test_leaves_an_open_hub_at_work(self, hub: Hub) -> None:
        """A module can be installed into a Hub that runs; what it knew goes on."""
        hub.register_timeline_projection(Lines())
        async with hub:
            await say(hub, "1=before")
            with pytest.raises(DuplicateNameError):
                install(hub, commands={"Say": Asked()})
            await say(hub, "2=after")
            assert lines(await hub.snapshot("s")) == ["1=before", "2=after"]
