"""What a Hub is given before it works: handlers, projections, fan-outs."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sessionstream.arguments import check_callable
from sessionstream.commands import Commands
from sessionstream.delivery import Fanouts
from sessionstream.fanout import UIFanout
from sessionstream.hub_base import HubBase
from sessionstream.projection import AnyTimelineProjection, AnyUIProjection
from sessionstream.restoring import all_or_nothing
from sessionstream.runner import ProjectionRunner
from sessionstream.schema import SchemaRegistry
from sessionstream.transport.source import UIFeed
from sessionstream.typed import CommandHandler


class HubSetup(HubBase):
    """The part of `Hub` that registers what it works with."""

    registry: SchemaRegistry
    _commands: Commands
    _runner: ProjectionRunner
    _fanouts: Fanouts

    def register_command(self, name: str, handler: CommandHandler) -> None:
        """Gives a registered command its handler.

        Raises:
            UnknownNameError: No such command is in the registry.
            DuplicateNameError: It has a handler already.
        """
        self._commands.register(name, handler)

    def register_ui_projection(self, projection: AnyUIProjection) -> None:
        """Adds a UI projection; several run in the order of registration.

        Raises:
            SchemaError: It is async, or neither a function nor has ``project``.
        """
        self._runner.add_ui(projection)

    def register_timeline_projection(
        self, projection: AnyTimelineProjection, name: str | None = None
    ) -> None:
        """Adds a timeline projection; several run in the order of registration.

        Of two that change the same entity in one event, the later one wins.

        A store keeps the names of the projections that made a timeline. One
        that was added since sees the whole log: the timeline is folded anew
        when its session is next read from the store. Of one that was removed,
        the entities stay until the timeline is rebuilt. Register before the
        first use of a session.

        Args:
            projection: An object with ``project``, or a plain function.
            name: What the store calls it; the qualified name of its class or
                function if not given. One whose name has changed is a new one.

        Raises:
            DuplicateNameError: The name is taken.
            SchemaError: It is async, or neither a function nor has ``project``.
        """
        self._runner.add_timeline(projection, name)

    @property
    def timeline_projections(self) -> tuple[str, ...]:
        """The names of the timeline projections, as the store keeps them, sorted."""
        return self._runner.timeline_names

    def all_or_nothing(self) -> AbstractContextManager[None]:
        """Registers what its body does or, where that raises, nothing of it.

        That goes for names, handlers and projections. The body must not await.
        Several modules are installed as one with it::

            with hub.all_or_nothing():
                chat.install(hub, handlers=Handlers())
                audit.install(hub)
        """
        return all_or_nothing(self.registry, self._commands, self._runner)

    def add_fanout(self, fanout: UIFanout) -> None:
        """Adds a fan-out; it receives what is committed from now on."""
        check_callable("a fan-out", fanout, "publish_ui")
        self._fanouts.add_fanout(fanout)

    def remove_fanout(self, fanout: UIFanout) -> None:
        """Removes a fan-out; it still gets what was queued for it."""
        self._fanouts.remove(fanout)

    def add_feed(self, feed: UIFeed) -> None:
        """Adds a feed: a transport that resumes clients; see `UIFeed`.

        It gets what is committed from now on, with its place in the session,
        and payloads that it shares with others and must not change.
        """
        check_callable("a feed", feed, "deliver")
        check_callable("a feed", feed, "reset")
        self._fanouts.add_feed(feed)

    def remove_feed(self, feed: UIFeed) -> None:
        """Removes a feed; it still gets what was queued for it."""
        self._fanouts.remove(feed)
