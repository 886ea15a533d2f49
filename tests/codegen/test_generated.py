"""Generated modules at work: each drives a Hub."""

from __future__ import annotations

import importlib
import re
from collections.abc import AsyncIterator, Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest
from google.protobuf.message import Message

from sessionstream import (
    CommandType,
    DuplicateNameError,
    EventType,
    HandlerError,
    Hub,
    PayloadTypeError,
    SchemaRegistry,
    UIEvent,
    UnknownNameError,
)
from sessionstream.testing.fakes import Batch, RecordingFanout
from tests.codegen.compiling import HEAD, generated
from tests.codegen.driver import SESSION, Driver, implement
from tests.codegen.golden_trees import ROOT, modules

PREFIXES = {
    "async/import/v1/self": "Self",
    "async/import/v1/shared": "Shared",
    "commands_only/v1/jobs": "Jobs",
    "comments/v1/comments": "Comments",
    "comments/v1/laid_out": "LaidOut",
    "comments/v1/shown": "Shown",
    "editions/v1/edition_2023": "Edition2023",
    "editions/v1/edition_2024": "Edition2024",
    "editions/v1/old": "Old",
    "editions/v1/optional": "Optional",
    "entities_only/v1/profile": "Profile",
    "events_only/v1/audit": "Audit",
    "everything/v1/chat": "Chat",
    "imports/app/v1/app": "Meeting",
    "imports/billing/v1/common": "Common",
    "imports/shared/v1/common": "Common",
    "keywords/v1/None": "None",
    "keywords/v1/class": "Class",
    "long_names/v1/long_names": "LongNames",
    "names/v1/odd_names": "Odd",
    "names/v1/ui_names": "UiNames",
    "nested/v1/tools": "Tools",
    "passed_through/v1/progress": "Progress",
    "retired/v1/gone": "Gone",
    "retired/v1/new": "New",
    "retired/v1/old": "Old",
    "same/app/v1/app": "App",
    "same/billing/v1/billing": "Billing",
    "same/rooms/v1/rooms": "Rooms",
    "several/v1/adding": "Desk",
    "several/v1/removing": "Removing",
    "several/v1/things": "Desk",
    "shapes/v1/shapes": "Shapes",
    "toplevel": "Toplevel",
    "ui_only/v1/toasts": "Toasts",
    "unpackaged/rooms": "Rooms",
}
MADE = {
    "letters/commands": "Commands",
    "letters/l": "L",
    "many/v1/many": "Many",
    "members/commands": "Commands",
    "members/entities": "Entities",
    "members/events": "Events",
    "members/shown": "Shown",
}
"""Those that are made by the tests, and not kept."""

EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(built: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Imports a generated module by its path."""
    monkeypatch.syspath_prepend(built)
    return lambda path: importlib.import_module(f"{path.replace('/', '.')}_sessionstream")


@pytest.fixture
def fanout() -> RecordingFanout:
    return RecordingFanout()


@pytest.fixture
async def hub(fanout: RecordingFanout) -> AsyncIterator[Hub]:
    async with Hub(SchemaRegistry(), fanout=fanout) as hub:
        yield hub


def content(batch: Batch) -> list[tuple[str, Message]]:
    return [(event.name, event.payload) for event in batch.events]


def golden(path: str) -> str:
    """The committed module with this path."""
    return (ROOT / f"{path}_sessionstream.py").read_text(encoding="utf-8")


def code_of(text: str) -> str:
    """The module of ``a.proto`` with this text."""
    return generated({"a.proto": text})["a_sessionstream.py"]


@pytest.fixture
def chat(load: Load) -> ModuleType:
    return load("everything/v1/chat")


class TestEveryModule:
    def test_the_list_is_complete(self, built: Path) -> None:
        assert {f"{path}_sessionstream.py" for path in PREFIXES} == modules(ROOT).keys()
        assert {f"{path}_sessionstream.py" for path in PREFIXES | MADE} == modules(built).keys()

    def test_none_has_the_name_of_an_installed_package(self) -> None:
        """Which would be imported in its place, in whichever environment has it."""
        packages = {path.partition("/")[0] for path in PREFIXES | MADE}
        assert not packages & packages_distributions().keys()

    @pytest.mark.parametrize("path", PREFIXES | MADE)
    async def test_it_drives_a_hub(
        self, path: str, load: Load, hub: Hub, fanout: RecordingFanout
    ) -> None:
        """All that a module offers is used once: by its commands, or without any."""
        module = load(path)
        driver = Driver(module, (PREFIXES | MADE)[path], hub)
        driver.install()
        await driver.run()
        snapshot = await hub.snapshot(SESSION)
        await hub.aclose()
        own = [name.name for name in module.SCHEMAS if isinstance(name, EventType)]
        routed = [event for event in driver.published if event.name in own]
        shown = routed if driver.cls("UIProjection") else []
        stored = driver.written if driver.cls("TimelineProjection") and routed else []
        assert driver.handled == [
            name.name for name in module.SCHEMAS if isinstance(name, CommandType)
        ]
        assert [batch.ordinal for batch in fanout.batches] == [event.ordinal for event in shown]
        emitted = [(event.name, event.payload) for event in driver.emitted]
        assert all(content(batch) == emitted for batch in fanout.batches)
        classes = [type(event) for event in driver.emitted]
        assert all([type(event) for event in batch.events] == classes for batch in fanout.batches)
        assert {(entity.kind, entity.id, str(entity.payload)) for entity in snapshot.entities} == {
            (entity.kind, entity.id, str(entity.payload)) for entity in stored
        }


class TestComments:
    @pytest.mark.parametrize(
        ("sentence", "times"),
        [
            ("Asks the assistant for an answer.", 1),
            ("A piece of the answer, never the text so far.", 3),
            ("The message was removed.", 3),
            ("The state of a message after a change.", 1),
            ("One message of the conversation.", 1),
        ],
    )
    def test_a_reader_meets_a_sentence_where_it_is_needed(self, sentence: str, times: int) -> None:
        """An event's at its publisher and at both projections, any other in one place."""
        assert golden("everything/v1/chat").count(sentence) == times

    def test_each_message_names_its_source_once(self) -> None:
        """Without a line, which would change with every edit above it."""
        app = "imports/app/v1/app.proto"
        assert re.findall(r" Source: ``(.+)`` in ``(.+)``.\n", golden("imports/app/v1/app")) == [
            ("imports.app.v1.RoomOpened", app),
            ("imports.billing.v1.Charged", "imports/billing/v1/common.proto"),
            ("imports.shared.v1.Joined", "imports/shared/v1/common.proto"),
            ("imports.app.v1.OpenRoom", app),
            ("imports.app.v1.RoomUpdate", app),
            ("imports.app.v1.Room", app),
            ("imports.shared.v1.Person", "imports/shared/v1/common.proto"),
        ]

    @pytest.mark.parametrize("path", PREFIXES)
    def test_a_module_lists_what_it_defines_in_the_order_of_its_lines(self, path: str) -> None:
        head, _, code = golden(path).partition("# isort: skip_file")
        listed = re.findall(r"`(\w+)`", head.partition("In this order:")[2])
        places = [re.search(rf"^(class |def )?{name}\b", code, re.MULTILINE) for name in listed]
        starts = [place.start() for place in places if place]
        assert len(starts) == len(listed)
        assert starts == sorted(starts)

    def test_none_turns_the_direction_of_code_around(self) -> None:
        """A reader of the module sees what Python sees."""
        comment = "// Opened \u202e)(esrever\u2066 and more.\n"
        code = code_of(f"{HEAD}{comment}message Opened {{ {EVENT} = {{}}; }}")
        assert "Opened )(esrever and more." in code
        assert not set("\u202a\u202e\u2066\u2069\ufeff") & set(code)

    def test_line_ends_of_windows_are_line_ends(self) -> None:
        text = f"{HEAD}// One.\n//\n// Two.\nmessage A {{ {EVENT} = {{}}; }}"
        assert code_of(text.replace("\n", "\r\n")) == code_of(text)


class TestSchemas:
    async def test_they_can_be_registered_before_install_and_again(
        self, chat: ModuleType, hub: Hub
    ) -> None:
        """A store needs them before there is a Hub."""
        chat.register_schemas(hub.registry)
        Driver(chat, "Chat", hub).install()
        chat.register_schemas(hub.registry)

    def test_a_name_with_another_payload_is_refused_and_nothing_registered(
        self, chat: ModuleType
    ) -> None:
        registry = SchemaRegistry()
        registry.register_timeline_entity("usage", chat.pb.ChatMessage)
        with pytest.raises(DuplicateNameError):
            chat.register_schemas(registry)
        with pytest.raises(UnknownNameError):
            registry.command_type("chat.start")

    async def test_install_brings_those_of_imported_files(self, load: Load, hub: Hub) -> None:
        Driver(load("imports/app/v1/app"), "Meeting", hub).install()
        assert (
            hub.registry.event_type("Charged").message_type
            is load("imports/billing/v1/common").CHARGED.message_type
        )

    async def test_a_file_and_the_one_it_imports_install_into_one_hub(
        self, load: Load, hub: Hub
    ) -> None:
        Driver(load("imports/app/v1/app"), "Meeting", hub).install()
        Driver(load("imports/shared/v1/common"), "Common", hub).install()

    def test_aliases_answer_the_current_name(self, chat: ModuleType) -> None:
        registry = SchemaRegistry()
        chat.register_schemas(registry)
        assert registry.command_type("chat.start") == chat.START_INFERENCE
        assert registry.event_type("TokensDelta").name == "chat.delta"

    def test_options_reach_the_types(self, chat: ModuleType) -> None:
        assert chat.STOP_INFERENCE.idempotent
        assert not chat.START_INFERENCE.idempotent
        assert chat.TYPING.ephemeral
        assert not chat.TOKENS_DELTA.ephemeral
        assert chat.USAGE.key == "day"
        assert chat.USAGE.kind == "usage"

    def test_the_constant_of_a_ui_event_depends_on_no_sibling(self) -> None:
        """An event of its name may be added: no constant changes its meaning."""
        shown = f'message U {{ {UI_EVENT} = {{names: ["Opened"]}}; }}\n'
        event = f"message Opened {{ {EVENT} = {{}}; }}\n"
        declared = 'OPENED_UI: Final = UIEventType("Opened", pb.U)'
        assert declared in code_of(HEAD + shown)
        assert declared in code_of(HEAD + shown + event)


class TestPublisher:
    async def test_publish_refuses_what_is_no_event_of_the_module(
        self, chat: ModuleType, hub: Hub
    ) -> None:
        driver = Driver(chat, "Chat", hub)
        driver.install()
        with pytest.raises(PayloadTypeError) as refused:
            await chat.ChatPublisher(driver).publish(chat.pb.StopInference())
        assert "got everything.v1.StopInference" in str(refused.value)

    async def test_an_ephemeral_event_has_no_ordinal(self, chat: ModuleType, hub: Hub) -> None:
        driver = Driver(chat, "Chat", hub)
        driver.install()
        event = await chat.ChatPublisher(driver).typing(chat.pb.Typing())
        assert (event.name, event.ordinal, await hub.event_cursor(SESSION)) == ("Typing", 0, 0)


class TestUIEvents:
    def test_a_client_can_match_on_the_class_or_on_the_name(self, chat: ModuleType) -> None:
        payload = chat.pb.ChatMessageUpdate(text="hi")
        event = chat.ChatUI.chat_message_started(payload)
        assert isinstance(event, UIEvent)
        match event:
            case chat.ChatMessageStarted(inside):
                assert inside is payload
        assert event.name == "ChatMessageStarted"

    def test_two_of_different_names_differ(self, chat: ModuleType) -> None:
        payload = chat.pb.ChatMessageUpdate(text="hi")
        started, appended = (
            chat.ChatUI.chat_message_started(payload),
            chat.ChatUI.chat_message_appended(payload),
        )
        assert started != appended
        assert started == chat.ChatMessageStarted(payload)


class TestProjections:
    async def test_an_event_that_is_a_ui_event_passes_through(
        self, chat: ModuleType, hub: Hub, fanout: RecordingFanout
    ) -> None:
        """Under the name of the UI event, and without an ordinal if it is ephemeral."""
        driver = Driver(chat, "Chat", hub)
        handlers = implement(chat.ChatHandlers, None)
        chat.install(hub, handlers=handlers, ui=chat.ChatUIProjectionPartial())
        publisher = chat.ChatPublisher(driver)
        await publisher.tokens_delta(chat.pb.TokensDelta(chunk="nothing to show"))
        await publisher.message_removed(chat.pb.MessageRemoved(message_id="m-1"))
        await publisher.typing(chat.pb.Typing())
        await hub.aclose()
        assert [(batch.ordinal, content(batch)) for batch in fanout.batches] == [
            (2, [("ChatMessageRemoved", chat.pb.MessageRemoved(message_id="m-1"))]),
            (0, [("Typing", chat.pb.Typing())]),
        ]

    async def test_it_can_be_overridden(
        self, chat: ModuleType, hub: Hub, fanout: RecordingFanout
    ) -> None:
        driver = Driver(chat, "Chat", hub)
        ui = implement(chat.ChatUIProjection, lambda *_: ())
        chat.install(hub, handlers=implement(chat.ChatHandlers, None), ui=ui)
        await chat.ChatPublisher(driver).typing(chat.pb.Typing())
        await hub.aclose()
        assert fanout.batches == []

    @pytest.mark.parametrize("suffix", ["Handlers", "UIProjection", "TimelineProjection"])
    def test_a_missing_method_is_an_error_before_anything_runs(
        self, suffix: str, chat: ModuleType
    ) -> None:
        base = getattr(chat, f"Chat{suffix}")
        with pytest.raises(TypeError, match="abstract"):
            type("Incomplete", (base,), {})()

    def test_a_partial_one_lacks_nothing(self, chat: ModuleType) -> None:
        chat.ChatUIProjectionPartial()
        chat.ChatTimelineProjectionPartial()

    def test_an_ephemeral_event_never_reaches_the_timeline(self, chat: ModuleType) -> None:
        assert hasattr(chat.ChatUIProjection, "typing")
        assert not hasattr(chat.ChatTimelineProjection, "typing")

    @pytest.mark.parametrize("passed", [0, 1, 2])
    def test_their_classes_are_there_whichever_events_pass_through(self, passed: int) -> None:
        """A class that users subclass does not come and go with an event beside it."""
        marks = [f"{EVENT} = {{}}; {f'{UI_EVENT} = {{}};' * (n < passed)}" for n in range(2)]
        events = [f"message Did{n} {{ {mark} }}\n" for n, mark in enumerate(marks)]
        shown = f"message Shown {{ {UI_EVENT} = {{}}; }}\n"
        code = code_of(HEAD + shown + "".join(events))
        assert "class AUIProjection(ABC):" in code
        assert "class AUIProjectionPartial(AUIProjection):" in code
        assert "ui: AUIProjection | None = None" in code


class TestInstall:
    async def test_handlers_that_lack_a_method_leave_the_hub_as_it_was(
        self, chat: ModuleType, hub: Hub
    ) -> None:
        class Handlers:
            async def start_inference(self, *arguments: object) -> None: ...

        with pytest.raises(HandlerError, match=r"Handlers has no method 'stop_inference'.*Chat"):
            chat.install(hub, handlers=Handlers())
        assert hub.registry.command_names() == ()
        Driver(chat, "Chat", hub).install()


class TestEntities:
    def test_the_key_is_the_id(self, chat: ModuleType) -> None:
        entity = chat.ChatEntities.chat_message(chat.pb.ChatMessage(message_id="m-1"))
        assert (entity.kind, entity.id) == ("ChatMessage", "m-1")

    def test_an_integer_key_is_written_in_digits(self, chat: ModuleType) -> None:
        assert chat.ChatEntities.usage(chat.pb.Usage(day=-7)).id == "-7"
        assert chat.ChatEntities.usage.tombstone(-7).id == "-7"
