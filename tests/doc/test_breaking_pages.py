"""The pages of ``sessionstream breaking``: what is released, what is now, and the fix."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import cast

import pytest
from google.protobuf.message import Message
from sessionstream_codegen.breaking import compare
from sessionstream_codegen.generate import generate
from sessionstream_codegen.targets.lock.file import Lock
from sessionstream_codegen.targets.lock.reading import parse

from sessionstream import EventType, SchemaRegistry
from sessionstream.doc import Entry, entries
from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.stores.samples import note, notes_commit
from tests.codegen.compiling import request_for
from tests.doc.examples import section
from tests.runtime.message_classes import message_class

PAGES = [entry for entry in entries() if entry.slug.startswith("SS5")]


@pytest.fixture(params=PAGES, ids=lambda entry: entry.slug)
def page(request: pytest.FixtureRequest) -> Entry:
    found = request.param
    assert isinstance(found, Entry)
    return found


def lock(text: str) -> Lock:
    [file, *_] = generate(request_for({"chat.proto": text}, parameter="target=lock")).file
    return parse(file.content)


def released(page: Entry) -> Mapping[str, str]:
    return section(page, "Example")


class TestBreakingPages:
    def test_the_change_gives_what_the_page_shows(self, page: Entry) -> None:
        example = released(page)
        found = compare(lock(example["released/chat.proto"]), lock(example["chat.proto"]))
        assert [one.code for one in found] == [page.slug]
        assert "\n".join(map(str, found)) == example["text"].rstrip("\n")

    def test_the_fix_breaks_nothing(self, page: Entry) -> None:
        fixed = section(page, "Fix")["chat.proto"]
        assert compare(lock(released(page)["released/chat.proto"]), lock(fixed)) == []

    @pytest.mark.parametrize("way", [0, 1])
    def test_an_old_payload_is_read_as_the_page_shows(self, way: int) -> None:
        [page] = [entry for entry in PAGES if entry.slug == "SS502"]
        old = message_class("chat.v1.Opened", title=1)
        new = message_class("chat.v1.ChatOpened", title=1)
        opened = EventType[Message]("ChatOpened", new, aliases=("Opened",))
        registry = SchemaRegistry()
        registry.add(opened)
        namespace = {"registry": registry, "pb": SimpleNamespace(Opened=old, ChatOpened=new)}
        statements = ast.parse(section(page, "Fix")["python"]).body
        assert len(statements) == 2
        exec(ast.unparse(statements[way]), namespace)
        stored = old(title="hi").SerializeToString()
        read = registry.decode_stored_event(opened, "chat.v1.Opened", stored)
        assert read == new(title="hi")

    async def test_timelines_are_cleared_as_the_page_shows(self) -> None:
        """Of every session, also where a store lists them in several calls."""
        [page] = [entry for entry in PAGES if entry.slug == "SS533"]
        store = MemoryStore()
        sessions = [f"s{number}" for number in range(150)]
        await store.commit(
            [notes_commit(session, entities=[note("a", "")]) for session in sessions]
        )
        namespace: dict[str, object] = {"HydrationStore": HydrationStore}
        exec(section(page, "Fix")["python"], namespace)
        clear = cast("Callable[[HydrationStore], Awaitable[None]]", namespace["clear_timelines"])
        await clear(store)
        assert not [session for session in sessions if await store.timeline(session)]
