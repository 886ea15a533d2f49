"""A release of a small app: its schema as .proto text, its lock file, its classes, its Hub.

Two releases of one schema live side by side, each in a descriptor pool of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from sessionstream_codegen.generate import generate
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.lock.file import Lock, LockedName
from sessionstream_codegen.targets.lock.reading import parse

from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.namespaces import DeclaredType
from sessionstream.projection import TimelineView
from sessionstream.schema import CommandType, EntityType, EventType, UIEventType
from sessionstream.typed import EntityFactory
from sessionstream.types import Event, Session, TimelineEntity
from tests.codegen.compiling import HEAD, request_for

SESSION = "s-1"


@cache
def lock_of(text: str) -> Lock:
    """The lock file of ``a.proto``: the head, then this text."""
    [file, *_] = generate(request_for({"a.proto": HEAD + text}, parameter="target=lock")).file
    return parse(file.content)


class Release:
    """What an app of this schema is at run time."""

    def __init__(self, text: str) -> None:
        self.lock = lock_of(text)
        self._pool = DescriptorPool()
        for file in request_for({"a.proto": HEAD + text}).proto_file:
            self._pool.AddSerializedFile(file.SerializeToString())
        self.classes = {
            name: GetMessageClass(self._pool.FindMessageTypeByName(name))
            for name in {locked.payload for locked in self.lock.names}
        }

    def registry(self, *, aliases: bool = True) -> SchemaRegistry:
        """A registry as the generated module fills it, or with a name for each alias."""
        registry = SchemaRegistry()
        for locked in self.lock.names:
            names = {locked.name: locked.aliases}
            if not aliases:
                names = dict.fromkeys((locked.name, *locked.aliases), ())
            for name, others in names.items():
                registry.add(self._type(locked, name, others))
        return registry

    def _type(self, locked: LockedName, name: str, aliases: tuple[str, ...]) -> DeclaredType:
        message = self.classes[locked.payload]
        match locked.role:
            case Role.COMMAND:
                return CommandType[Message](name, message, aliases)
            case Role.EVENT:
                return EventType[Message](name, message, aliases, locked.ephemeral)
            case Role.UI_EVENT:
                return UIEventType[Message](name, message)
            case Role.ENTITY:
                return _entity_type(locked, message)

    @asynccontextmanager
    async def running(
        self,
        path: Path,
        *,
        aliases: bool = True,
        declare: Callable[[SchemaRegistry], None] = lambda _: None,
    ) -> AsyncIterator[tuple[Hub, SQLiteStore]]:
        """The app over the store in this file; without ``aliases``, as when they were names.

        ``declare`` registers what no schema says.
        """
        registry = self.registry(aliases=aliases)
        declare(registry)
        async with (
            SQLiteStore.open(path, registry) as store,
            Hub(registry, store=store) as hub,
        ):
            hub.register_timeline_projection(self._project)
            yield hub, store

    async def publish(self, hub: Hub, **fields: object) -> None:
        """Publishes each event with these fields, of those that it has; under each known name."""
        for name, locked in self.lock.known(Role.EVENT).items():
            await hub.publish(SESSION, name, self.message(locked, **fields))

    def message(self, locked: LockedName, **fields: object) -> Message:
        """A payload with those of the fields that it has."""
        message = self.classes[locked.payload]
        known = message.DESCRIPTOR.fields_by_name
        return message(**{name: value for name, value in fields.items() if name in known})

    def _project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        """Makes an entity of each kind of what an event has in common with it.

        As in generated modules, ephemeral events have no method here.
        """
        if self.lock.known(Role.EVENT)[event.name].ephemeral:
            return
        fields = {field.name: value for field, value in event.payload.ListFields()}
        for locked in self.lock.of(Role.ENTITY):
            assert locked.key is not None
            entity_type = _entity_type(locked, self.classes[locked.payload])
            if locked.key.name in fields:
                payload = self.message(locked, **fields)
                if locked.key.type == "string":
                    yield EntityFactory(entity_type, str)(payload)
                else:
                    yield EntityFactory(entity_type, int)(payload)


@cache
def release(text: str) -> Release:
    """The release with this schema, compiled once."""
    return Release(text)


def _entity_type(locked: LockedName, message: type[Message]) -> EntityType[Message]:
    assert locked.key is not None
    return EntityType[Message](locked.name, message, locked.key.name)
