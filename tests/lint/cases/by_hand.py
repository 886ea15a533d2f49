"""Nothing is known of events where projections are registered by hand as well."""

from typing import TypeAlias

from google.protobuf.message import Message

from chatdemo.v1 import chat_sessionstream as chat
from sessionstream import Event, Hub, Session, TimelineView, UIEvent


def project(event: Event[Message], session: Session, view: TimelineView) -> list[UIEvent[Message]]:
    return []


def install(hub: Hub, handlers: chat.ChatHandlers) -> None:
    chat.install(hub, handlers=handlers)
    hub.register_ui_projection(project)


Kinds: TypeAlias = type | tuple["Kinds", ...]
"""A type that holds itself."""


def named(kinds: Kinds) -> str:
    return str(kinds.__doc__)
