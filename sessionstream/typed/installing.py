"""Installs a generated module into a Hub."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from sessionstream.namespaces import DeclaredType
from sessionstream.projection import AnyTimelineProjection, AnyUIProjection
from sessionstream.schema import SchemaRegistry
from sessionstream.typed.routes import CommandHandler


class Installable(Protocol):
    """What a Hub offers to those who set it up."""

    @property
    def registry(self) -> SchemaRegistry:
        """The names that it knows."""

    def all_or_nothing(self) -> AbstractContextManager[None]:
        """Registers what its body does or, where that raises, nothing of it."""

    def register_command(self, name: str, handler: CommandHandler) -> None:
        """Gives a registered command its handler."""

    def register_ui_projection(self, projection: AnyUIProjection) -> None:
        """Adds a UI projection."""

    def register_timeline_projection(self, projection: AnyTimelineProjection) -> None:
        """Adds a timeline projection."""


def install(
    hub: Installable,
    *schemas: DeclaredType,
    commands: Mapping[str, CommandHandler] | None = None,
    ui: AnyUIProjection | None = None,
    timeline: AnyTimelineProjection | None = None,
) -> None:
    """Registers a module's payloads, where they are not yet, its handlers and projections.

    An error leaves the Hub and its registry as they were. The arguments are
    complete: whatever is missing in user code was found when they were built.

    Raises:
        DuplicateNameError: A name is taken, or a command has a handler.
    """
    with hub.all_or_nothing():
        hub.registry.ensure(*schemas)
        for name, handler in (commands or {}).items():
            hub.register_command(name, handler)
        if ui is not None:
            hub.register_ui_projection(ui)
        if timeline is not None:
            hub.register_timeline_projection(timeline)
