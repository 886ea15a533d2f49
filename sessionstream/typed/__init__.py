"""What generated modules are made of.

A generated module holds names, types and docstrings; whatever it has to *do*
is one of these calls.
"""

from sessionstream.namespaces import DeclaredType
from sessionstream.typed.entities import EntityFactory, EntityView
from sessionstream.typed.event_names import EventNames
from sessionstream.typed.installing import install
from sessionstream.typed.overriding import override
from sessionstream.typed.payloads import payload
from sessionstream.typed.routes import (
    CommandHandler,
    as_is,
    command_handlers,
    on_command,
    on_event,
    timeline_projection,
    ui_projection,
)
from sessionstream.typed.watching import watch
from sessionstream.watching import ResumePoint, Watch

__all__ = [
    "CommandHandler",
    "DeclaredType",
    "EntityFactory",
    "EntityView",
    "EventNames",
    "ResumePoint",
    "Watch",
    "as_is",
    "command_handlers",
    "install",
    "on_command",
    "on_event",
    "override",
    "payload",
    "timeline_projection",
    "ui_projection",
    "watch",
]
