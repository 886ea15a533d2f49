"""Scenarios of several sessions and modules, and of what a scenario opens and closes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Union

import pytest
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as chat_pb
from chatdemo.v1 import chat_sessionstream as chat
from google.protobuf.api_pb2 import Method, Mixin
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Hub, SchemaError, TimelineEntity, UIEvent, UnknownNameError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import Scenario
from tests.testing.conftest import failure
from tests.testing.lines import (
    Lines,
    LinesCommand,
    LinesEvent,
    LinesScenario,
    line,
    shown,
    write,
    written,
)


class TestASecondSession:
    async def test_has_its_own_steps(self, lines: LinesScenario) -> None:
        other = lines.in_session("another")
        await lines.when(write("a"))
        await other.when(write("b"))
        await lines.then_timeline(line("a"))
        await other.then_timeline(line("b"))
        await other.then_shown(shown("b"))


class TestSeveralModules:
    async def test_run_in_one_hub_with_the_unions_of_both(self) -> None:
        both = Scenario[
            Union[chat.ChatCommand, LinesCommand],
            Union[chat.ChatEvent, LinesEvent],
            Union[chat.ChatUIEvent, UIEvent[Mixin]],
            Union[chat.ChatEntity, TimelineEntity[Mixin]],
        ]
        chat_install = partial(
            chat.install, handlers=Handlers(Silent()), ui=LiveMessages(), timeline=StoredMessages()
        )

        def install(hub: Hub) -> None:
            chat_install(hub)
            Lines()(hub)

        started = chat_pb.InferenceStarted(message_id="m")
        async with both(install) as scenario:
            await scenario.given(written("a"))
            await scenario.when(started)
            await scenario.then_published(started)
            found = [entity.kind for entity in await scenario.timeline()]
            assert found == ["Line", "ChatMessage"]


class Silent:
    """An engine that is never asked."""

    name = "silent"

    def answer(self, prompt: str) -> AsyncIterator[str]:
        raise AssertionError(prompt)


class TestAScenario:
    async def test_that_was_not_entered_does_nothing(self) -> None:
        lines = LinesScenario(Lines())
        for step in (lines.given(written("a")), lines.when(write("a")), lines.then_timeline()):
            with pytest.raises(RuntimeError, match="async with"):
                await step

    async def test_refuses_a_payload_of_no_role_before_anything_runs(
        self, lines: LinesScenario
    ) -> None:
        known = r"command or event .*google.protobuf.Method.*Write.*Blinked, Removed"
        with pytest.raises(UnknownNameError, match=known):
            await lines.when(Method())  # type: ignore[arg-type]
        assert await lines.timeline() == []

    async def test_refuses_what_is_no_message(self, lines: LinesScenario) -> None:
        for wrong, told in ([written("a")], "got list"), ("x", "got str"), (Mixin, "got the class"):
            with pytest.raises(TypeError, match=f"an event is expected here; {told}"):
                await lines.given(wrong)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=f"an event is expected here; {told}"):
                await lines.then_published(wrong)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=f"a command or event is expected here; {told}"):
                await lines.when(wrong)  # type: ignore[arg-type]

    async def test_is_entered_once(self) -> None:
        lines = LinesScenario(Lines())
        async with lines:
            with pytest.raises(RuntimeError, match="has been entered already: make another"):
                await lines.__aenter__()
            await lines.when(written("a"))
        with pytest.raises(RuntimeError, match="has been entered already: make another"):
            async with lines:
                pytest.fail("it was entered")

    async def test_in_which_nothing_has_happened_holds_nothing_as_none(
        self, lines: LinesScenario
    ) -> None:
        other = lines.in_session("another")
        steps = (
            lines.then_published,
            lines.then_shown,
            lines.then_timeline,
            lines.then_changed,
            other.then_timeline,
        )
        for step in steps:
            with pytest.raises(RuntimeError, match=r"nothing has happened yet: .*`when`"):
                await step()
        await lines.when(write("a"))
        await other.then_timeline()

    async def test_begins_with_the_timeline_of_its_store(self) -> None:
        async with MemoryStore() as store:
            async with LinesScenario(Lines(), store=store) as lines:
                await lines.when(written("a"))
            async with LinesScenario(Lines(), store=store) as lines:
                await lines.then_timeline(line("a"))

    async def test_tells_where_a_command_belongs(self, lines: LinesScenario) -> None:
        told = r"StringValue is the command 'Write', and an event belongs here; `when` runs"
        with pytest.raises(SchemaError, match=told):
            await lines.given(write("a"))  # type: ignore[arg-type]
        with pytest.raises(SchemaError, match=told):
            await lines.then_published(write("a"))  # type: ignore[arg-type]
        assert await lines.timeline() == []

    async def test_refuses_a_payload_of_several_names(self) -> None:
        def install(hub: Hub) -> None:
            hub.registry.register_event("One", StringValue)
            hub.registry.register_event("Two", StringValue)

        async with Scenario[Mixin, StringValue, UIEvent[Mixin], TimelineEntity[Mixin]](
            install
        ) as scenario:
            with pytest.raises(SchemaError, match=r"several events: One, Two"):
                await scenario.given(StringValue())

    async def test_gives_the_hub_the_metadata_of_its_sessions(self) -> None:
        async def metadata(session_id: str) -> object:
            return f"of {session_id}"

        async with LinesScenario(Lines(), session_metadata=metadata) as lines:
            session = await lines.hub.session(lines.session_id)
            assert session.metadata == "of session-1"

    async def test_leaves_out_the_fields_that_it_is_told_to_ignore(self) -> None:
        async with LinesScenario(Lines(), ignoring=["root"]) as lines:
            await lines.when(written("a", "some time"))
            await lines.then_timeline(line("a"))
            await lines.then_shown(shown("a", "another time"))
            with failure():
                await lines.then_timeline(line("b", "some time"))
