"""What becomes of stored payloads whose message was replaced or renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from google.protobuf.message import Message

from sessionstream import (
    DuplicateNameError,
    EventType,
    PayloadDecodeError,
    PayloadTypeError,
    SchemaError,
    SchemaRegistry,
    UnknownNameError,
)
from tests.runtime.message_classes import message_class, text_in

First = message_class("acme.v1.Opened", title=1)
Second = message_class("acme.v2.Opened", name=1, lang=2)
Third = message_class("acme.v3.Opened", label=5)
OPENED = EventType[Message]("ChatOpened", Third, aliases=("Opened",))


@pytest.fixture
def registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.add(OPENED)
    return registry


def second_to_third(old: Message) -> Message:
    return Third(label=f"{text_in(old, 'name')} ({text_in(old, 'lang')})")


def first_to_second(old: Message) -> Message:
    return Second(name=text_in(old, "title"), lang="en")


def first_to_third(old: Message) -> Message:
    return Third(label=text_in(old, "title"))


def read(registry: SchemaRegistry, stored: Message, stored_type: str = "") -> Message:
    """The payload as it is read back; ``stored_type`` is what its message was called."""
    name = stored_type or stored.DESCRIPTOR.full_name
    return registry.decode_stored_event(OPENED, name, stored.SerializeToString())


class TestUpcaster:
    def test_it_makes_the_payload_that_the_event_has_now(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        assert read(registry, First(title="hi")) == Third(label="hi")

    def test_payloads_of_the_present_type_pass_it_by(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        assert read(registry, Third(label="hi")) == Third(label="hi")

    def test_a_chain_is_followed_to_its_end(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", Second, Third, second_to_third)
        registry.register_upcaster("ChatOpened", First, Second, first_to_second)
        assert read(registry, First(title="hi")) == Third(label="hi (en)")
        assert read(registry, Second(name="salut", lang="fr")) == Third(label="salut (fr)")

    def test_an_alias_stands_for_its_event(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("Opened", First, Third, first_to_third)
        assert read(registry, First(title="hi")) == Third(label="hi")

    def test_it_is_for_one_event_alone(self, registry: SchemaRegistry) -> None:
        other = EventType[Message]("Other", Third)
        registry.add(other)
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        with pytest.raises(PayloadDecodeError):
            registry.decode_stored_event(other, "acme.v1.Opened", b"")

    def test_what_it_returns_is_the_readers_own(self, registry: SchemaRegistry) -> None:
        kept = Third(label="kept")
        registry.register_upcaster("ChatOpened", First, Third, lambda old: kept)
        read(registry, First()).Clear()
        assert text_in(kept, "label") == "kept"


class TestFormerType:
    def test_its_bytes_are_read_as_the_message_that_it_is_now(
        self, registry: SchemaRegistry
    ) -> None:
        registry.register_former_type("ChatOpened", "acme.v1.Greeting", Third)
        assert read(registry, Third(label="hi"), "acme.v1.Greeting") == Third(label="hi")

    def test_it_may_be_that_of_an_older_type(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        registry.register_former_type("ChatOpened", "acme.v0.Greeting", First)
        assert read(registry, First(title="hi"), "acme.v0.Greeting") == Third(label="hi")

    @pytest.mark.parametrize("name", ["", " acme.v1.Opened", 7])
    def test_it_is_a_full_name(self, registry: SchemaRegistry, name: str) -> None:
        with pytest.raises(SchemaError, match="full name"):
            registry.register_former_type("ChatOpened", name, Third)

    def test_one_that_leads_nowhere_is_refused(self, registry: SchemaRegistry) -> None:
        with pytest.raises(SchemaError, match=r"acme\.v1\.Opened.*neither.*acme\.v3\.Opened"):
            registry.register_former_type("ChatOpened", "acme.v0.Greeting", First)


class TestRegistering:
    def test_an_unknown_event_is_refused(self, registry: SchemaRegistry) -> None:
        with pytest.raises(UnknownNameError):
            registry.register_upcaster("Closed", First, Third, first_to_third)
        with pytest.raises(UnknownNameError):
            registry.register_former_type("Closed", "acme.v1.Opened", Third)

    def test_an_older_type_is_taken_once(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        with pytest.raises(DuplicateNameError, match=r"acme\.v1\.Opened.*upcast to acme\.v3"):
            registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        with pytest.raises(DuplicateNameError, match=r"refused: a former name of acme\.v3"):
            registry.register_former_type("ChatOpened", "acme.v1.Opened", Third)

    def test_the_events_own_type_is_no_older_one(self, registry: SchemaRegistry) -> None:
        with pytest.raises(SchemaError, match=r"takes acme\.v3\.Opened itself"):
            registry.register_upcaster("ChatOpened", Third, Third, lambda old: old)
        with pytest.raises(SchemaError, match=r"takes acme\.v3\.Opened itself"):
            registry.register_former_type("ChatOpened", "acme.v3.Opened", Third)

    def test_a_target_that_leads_nowhere_is_refused(self, registry: SchemaRegistry) -> None:
        wanted = r"acme\.v1\.Opened is read as acme\.v2\.Opened.*register the upcasters of newer"
        with pytest.raises(SchemaError, match=wanted):
            registry.register_upcaster("ChatOpened", First, Second, first_to_second)

    def test_a_circle_can_not_be_closed(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", Second, Third, second_to_third)
        registry.register_upcaster("ChatOpened", First, Second, first_to_second)
        for old, new in ((Second, First), (Third, First), (First, First)):
            with pytest.raises(SchemaError):
                registry.register_upcaster("ChatOpened", old, new, lambda old: old)

    def test_a_class_of_the_same_name_from_another_pool_leads_nowhere(
        self, registry: SchemaRegistry
    ) -> None:
        registry.register_upcaster("ChatOpened", Second, Third, second_to_third)
        twin = message_class("acme.v2.Opened", name=1)
        with pytest.raises(SchemaError, match="is neither"):
            registry.register_upcaster("ChatOpened", First, twin, lambda old: twin())

    def test_what_is_no_message_class_is_refused(self, registry: SchemaRegistry) -> None:
        with pytest.raises(SchemaError, match=r"message class.*'acme"):
            registry.register_upcaster(
                "ChatOpened", cast("type[Message]", "acme.v1.Opened"), Third, first_to_third
            )

    def test_what_is_no_plain_function_is_refused(self, registry: SchemaRegistry) -> None:
        async def slow(old: Message) -> Message:
            return old

        for wrong in (slow, None, "text"):
            function = cast("Callable[[Message], Message]", wrong)
            with pytest.raises(SchemaError, match="plain function"):
                registry.register_upcaster("ChatOpened", First, Third, function)

    def test_a_registry_that_is_put_back_forgets_it(self, registry: SchemaRegistry) -> None:
        restore = registry.restore_point()
        registry.register_upcaster("ChatOpened", First, Third, first_to_third)
        restore()
        with pytest.raises(PayloadDecodeError):
            read(registry, First(title="hi"))


class TestReading:
    """What can't be read says why."""

    def test_a_type_that_nothing_leads_from_tells_the_remedies(
        self, registry: SchemaRegistry
    ) -> None:
        wanted = r"not a acme\.v3\.Opened: it was stored as acme\.v1\.Opened; register an upcaster"
        with pytest.raises(PayloadDecodeError, match=wanted):
            read(registry, First(title="hi"))

    def test_an_upcaster_that_raises_is_named(self, registry: SchemaRegistry) -> None:
        def fail(old: Message) -> Message:
            raise LookupError(f"no label for {text_in(old, 'title')}")

        registry.register_upcaster("ChatOpened", First, Third, fail)
        wanted = r"upcaster from acme\.v1\.Opened raised LookupError: no label for hi"
        with pytest.raises(PayloadDecodeError, match=wanted):
            read(registry, First(title="hi"))

    def test_an_upcaster_that_makes_another_type_is_refused(self, registry: SchemaRegistry) -> None:
        registry.register_upcaster("ChatOpened", First, Third, lambda old: old)
        with pytest.raises(PayloadTypeError, match=r"takes acme\.v3\.Opened; got acme\.v1\.Opened"):
            read(registry, First(title="hi"))

    def test_damaged_bytes_reach_no_upcaster(self, registry: SchemaRegistry) -> None:
        called: list[Message] = []

        def upcast(old: Message) -> Message:
            called.append(old)
            return Third()

        registry.register_upcaster("ChatOpened", First, Third, upcast)
        with pytest.raises(PayloadDecodeError, match="damaged"):
            registry.decode_stored_event(OPENED, "acme.v1.Opened", b"\xff")
        assert called == []
