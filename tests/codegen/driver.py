"""Drives any generated module: implements what it leaves open, uses all that it offers."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any, TypeVar, Union, get_args, get_origin

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sessionstream import Event, Hub, Session

P = TypeVar("P", bound=Message)

SESSION = "session-1"


class Driver:
    """One generated module and its Hub.

    The first handler publishes every event: all would in a large module take their square.
    Every projection method gives every UI event, and writes every entity. An `EventPublisher`
    for `SESSION`.
    """

    def __init__(self, module: ModuleType, prefix: str, hub: Hub) -> None:
        self._module = module
        self._prefix = prefix
        self._hub = hub
        self.handled: list[str] = []
        self.published: list[Event[Message]] = []
        self.emitted = [build(payload_of(build)) for build in members(self.cls("UI"))]
        payloads = [get_args(entity)[0] for entity in variants(self.cls("Entity"))]
        factories = zip(members(self.cls("Entities")), payloads, strict=True)
        # Its own word, not the annotation: messages that others generated have none.
        self.written = [
            factory(keyed(payload(), factory._type.key)) for factory, payload in factories
        ]

    def cls(self, suffix: str) -> Any:
        """Returns what the module defines under its prefix and this suffix, or None."""
        return getattr(self._module, self._prefix + suffix, None)

    def install(self) -> None:
        """Installs an implementation of everything that ``install`` takes."""
        bodies = {
            "handlers": ("Handlers", self._handle),
            "ui": ("UIProjection", self._emit),
            "timeline": ("TimelineProjection", self._write),
        }
        taken = inspect.signature(self._module.install).parameters.keys() - {"hub"}
        assert taken == {role for role, (suffix, _) in bodies.items() if self.cls(suffix)}
        self._module.install(
            self._hub,
            **{role: implement(self.cls(bodies[role][0]), bodies[role][1]) for role in taken},
        )

    async def run(self) -> None:
        """Submits every command; a module without commands publishes its events itself."""
        client = self.cls("Client")
        for name in names(client):
            if name == "watch":
                await self._watch(client(self._hub))
                continue
            submit = getattr(client(self._hub), name)
            await submit(SESSION, payload_of(submit))
        if self.cls("Handlers") is None and self.cls("Publisher"):
            await self._publish_all(self.cls("Publisher")(self))

    async def publish(self, name: str, payload: P) -> Event[P]:
        """Publishes from outside of a handler."""
        return await self._hub.publish(SESSION, name, payload)

    async def _watch(self, client: Any) -> None:
        async with client.watch(SESSION) as updates:
            update = await anext(updates)
        entities = {type(entity.payload) for entity in self.written}
        assert {type(entity.payload) for entity in update.entities} <= entities

    async def _handle(self, command: Any, session: Session, publisher: Any) -> None:
        assert session.id == SESSION
        self.handled.append(command.name)
        if self.cls("Publisher"):
            assert type(publisher) is self.cls("Publisher")
            if not self.published:
                await self._publish_all(publisher)

    async def _publish_all(self, publisher: Any) -> None:
        for name in names(type(publisher)):
            if name not in ("publish", "publish_all"):
                method = getattr(publisher, name)
                self.published.append(await method(payload_of(method)))
        for payload in variants(self.cls("Event")):
            self.published.append(await publisher.publish(filled(payload())))

    def _emit(self, event: Any, session: Session, view: Any) -> list[Any]:
        return self.emitted

    def _write(self, event: Any, session: Session, view: Any) -> list[Any]:
        attributes = [name for name in vars(view) if not name.startswith("_")]
        assert attributes == names(self.cls("Entities"))
        found = [getattr(view, name).list() for name in attributes]
        assert all(len(entities) == min(view.ordinal, 1) for entities in found)
        return self.written


def implement(base: Any, body: Any) -> Any:
    """Returns an instance of a subclass that overrides every method."""

    def method(self: object, *arguments: object) -> object:
        return body(*arguments)

    return type("Implementation", (base,), dict.fromkeys(names(base), method))()


def names(cls: Any) -> list[str]:
    """Returns the public names in a class's body, in order; none without a class."""
    return [name for name in vars(cls) if not name.startswith("_")] if cls else []


def members(cls: Any) -> list[Any]:
    """Returns what those names stand for."""
    return [getattr(cls, name) for name in names(cls)]


def variants(union: Any) -> tuple[Any, ...]:
    """Returns the types of a union; a union of one is that type."""
    if union is None:
        return ()
    return get_args(union) if get_origin(union) is Union else (union,)


def payload_of(method: Any) -> Message:
    """Returns a payload of the type that the method takes: as empty as it may be."""
    payload = inspect.get_annotations(method, eval_str=True)["payload"]()
    assert isinstance(payload, Message)
    return filled(payload)


def filled(payload: Message) -> Message:
    """Returns the payload with a value in every field that is required."""
    for field in payload.DESCRIPTOR.fields:
        if field.is_required:
            value = getattr(payload, field.name)
            if isinstance(value, Message):
                value.SetInParent()
                filled(value)
            else:
                setattr(payload, field.name, value)
    return payload


def keyed(payload: Message, key: str) -> Message:
    """Returns the payload with a value in its key field."""
    field = payload.DESCRIPTOR.fields_by_name[key]
    setattr(payload, key, "7" if field.type == FieldDescriptor.TYPE_STRING else 7)
    return filled(payload)
