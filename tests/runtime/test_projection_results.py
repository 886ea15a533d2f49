"""What a projection may return and raise, and what may be one."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from google.protobuf.descriptor_pb2 import UninterpretedOption
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import (
    Event,
    Hub,
    HydrationStore,
    PayloadTypeError,
    SchemaError,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.projection import AnyTimelineProjection, AnyUIProjection
from tests.runtime.app import Lines, line, refused, say, shown, text, text_of


class TestWhatAProjectionReturns:
    @pytest.mark.parametrize(
        ("returned", "complaint"),
        [
            (UIEvent(name="Unknown", payload=text("")), "unknown UI event 'Unknown'"),
            (UIEvent(name="Shown", payload=Int64Value()), "takes google.protobuf.StringValue"),
            (UIEvent(name="Shown", payload=cast(Message, None)), "got NoneType"),
            (line("a", ""), "takes UIEvent values; got TimelineEntity"),
            (text("a"), "takes UIEvent values; got StringValue"),
            (None, "takes UIEvent values; got NoneType"),
        ],
    )
    async def test_a_ui_event_is_validated(
        self, registry: SchemaRegistry, store: HydrationStore, returned: object, complaint: str
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(cast(AnyUIProjection, lambda *_: [shown("ok"), returned]))
            error = await refused(hub, "x")
        assert complaint in str(error)
        assert isinstance(error.__cause__, SchemaError)

    @pytest.mark.parametrize(
        ("returned", "complaint"),
        [
            (TimelineEntity(kind="Unknown", id="a", payload=text("")), "unknown entity 'Unknown'"),
            (TimelineEntity(kind="Unknown", id="a", tombstone=True), "unknown entity 'Unknown'"),
            (TimelineEntity(kind="Line", id="a", payload=Int64Value()), "takes google"),
            (TimelineEntity(kind="Line", id="a"), "got NoneType"),
            (TimelineEntity(kind="Line", id="", payload=text("")), "non-empty string"),
            (TimelineEntity(kind="Line", id="\ud800", payload=text("")), "valid Unicode"),
            (TimelineEntity(kind="Line", id=cast(str, 5), payload=text("")), "non-empty string"),
            (shown("a"), "takes TimelineEntity values; got UIEvent"),
            (None, "takes TimelineEntity values; got NoneType"),
        ],
    )
    async def test_an_entity_is_validated(
        self, registry: SchemaRegistry, store: HydrationStore, returned: object, complaint: str
    ) -> None:
        async with Hub(registry, store=store) as hub:
            projection = cast(AnyTimelineProjection, lambda *_: [line("ok", ""), returned])
            hub.register_timeline_projection(projection)
            error = await refused(hub, "x")
            assert complaint in str(error)
            assert await store.timeline("s") == []

    async def test_an_entity_without_its_required_fields_is_refused(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        registry.register_timeline_entity("Old", UninterpretedOption)
        incomplete = UninterpretedOption(name=[UninterpretedOption.NamePart()])
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(
                lambda *_: [TimelineEntity(kind="Old", id="a", payload=incomplete)]
            )
            assert "required fields" in str(await refused(hub, "x"))

    @pytest.mark.parametrize("returned", [None, 5])
    async def test_what_is_no_iterable_is_an_error_of_the_projection(
        self, registry: SchemaRegistry, returned: object
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_timeline_projection(cast(AnyTimelineProjection, lambda *_: returned))
            cause = (await refused(hub, "x")).__cause__
            assert isinstance(cause, PayloadTypeError)
            assert "takes an iterable" in str(cause)


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class TestExceptionsOfAllKinds:
    @pytest.mark.parametrize(
        "problem",
        [StopIteration(), KeyError(), AssertionError(), UnprintableError(), ValueError("\ud800")],
    )
    async def test_the_event_is_stored_whatever_was_raised(
        self, registry: SchemaRegistry, store: HydrationStore, problem: Exception
    ) -> None:
        def fail(*_: object) -> list[TimelineEntity[Message]]:
            raise problem

        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(fail)
            await refused(hub, "x")
            assert await hub.event_cursor("s") == 1
            assert len(await store.errors("s")) == 1

    @pytest.mark.parametrize("problem", [GeneratorExit(), asyncio.CancelledError()])
    async def test_one_that_is_no_exception_leaves_no_publisher_waiting(
        self, registry: SchemaRegistry, problem: BaseException
    ) -> None:
        raised = [problem]

        def fail(*_: object) -> list[TimelineEntity[Message]]:
            if raised:
                raise raised.pop()
            return []

        async with Hub(registry) as hub:
            hub.register_timeline_projection(fail)
            results = await asyncio.gather(
                *(say(hub, value) for value in "xyz"), return_exceptions=True
            )
            assert [isinstance(result, Event) for result in results] == [False, True, True]
            assert (await say(hub, "next")).ordinal == 3

    async def test_one_that_is_no_exception_fails_its_event_alone_after_a_projection_was_held_back(
        self, registry: SchemaRegistry
    ) -> None:
        problems: dict[str, BaseException] = {"held": ValueError("no")}

        def fail(
            event: Event[Message], session: Session, view: TimelineView
        ) -> list[TimelineEntity[Message]]:
            if problem := problems.get(text_of(event.payload)):
                raise problem
            return []

        async with Hub(registry) as hub:
            hub.register_timeline_projection(fail)
            await refused(hub, "held")
            problems = {"bad": asyncio.CancelledError()}
            results = await asyncio.gather(
                *(say(hub, value) for value in ("a", "bad", "b")), return_exceptions=True
            )
            assert [isinstance(result, Event) for result in results] == [True, False, True]
            assert await hub.event_cursor("s") == 3


class TestRegistering:
    async def coroutine(self, *_: object) -> tuple[()]:
        return ()

    async def generator(self, *_: object) -> object:
        yield ()

    @pytest.mark.parametrize("kind", ["coroutine", "generator"])
    def test_an_async_function_is_refused(self, registry: SchemaRegistry, kind: str) -> None:
        projection = cast(AnyTimelineProjection, getattr(self, kind))
        with pytest.raises(SchemaError, match="is async"):
            Hub(registry).register_timeline_projection(projection)

    def test_an_async_method_is_refused(self, registry: SchemaRegistry) -> None:
        class Async:
            async def project(self, *_: object) -> tuple[()]:
                return ()

        with pytest.raises(SchemaError, match=r"Async\.project is async"):
            Hub(registry).register_ui_projection(cast(AnyUIProjection, Async()))

    def test_an_object_that_is_called_asynchronously_is_refused(
        self, registry: SchemaRegistry
    ) -> None:
        class Async:
            async def __call__(self, *_: object) -> tuple[()]:
                return ()

        with pytest.raises(SchemaError, match="is async"):
            Hub(registry).register_ui_projection(cast(AnyUIProjection, Async()))

    @pytest.mark.parametrize("wrong", [None, "project", Lines])
    def test_what_is_no_projection_is_refused(
        self, registry: SchemaRegistry, wrong: object
    ) -> None:
        with pytest.raises(SchemaError, match="a projection is an object with a method project"):
            Hub(registry).register_timeline_projection(cast(AnyTimelineProjection, wrong))
