"""Runs command handlers and knows which are running."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from google.protobuf.message import Message

from sessionstream.errors import DuplicateNameError, HandlerError, HubClosedError
from sessionstream.observer import Observers, PipelineRecord, PipelineStage
from sessionstream.publisher import EventPublisher
from sessionstream.schema import SchemaRegistry
from sessionstream.tasks import drain
from sessionstream.typed import CommandHandler
from sessionstream.types import Command, Session


class Commands:
    """The handlers, at most one per command."""

    def __init__(self, registry: SchemaRegistry, observers: Observers) -> None:
        self._registry = registry
        self._observers = observers
        self._handlers: dict[str, CommandHandler] = {}
        # Guard: the event loop.
        self._running: dict[asyncio.Task[None], str] = {}  # in which session
        self._draining = False

    def is_draining(self) -> bool:
        """Whether the Hub closes, and cancels handlers that take too long."""
        return self._draining

    def register(self, name: str, handler: CommandHandler) -> None:
        """Gives a registered command its handler."""
        command_type = self._registry.command_type(name)
        if not callable(handler):
            raise HandlerError(command_type.name, f"a handler is a coroutine function: {handler!r}")
        existing = self._handlers.get(command_type.name)
        if existing is not None:
            raise DuplicateNameError(
                "the handler of command",
                command_type.name,
                _shown(existing),
                _shown(handler),
                "A command has one handler: install a module once per Hub",
            )
        self._handlers[command_type.name] = handler

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts the handlers back as they are now."""
        handlers = dict(self._handlers)

        def restore() -> None:
            self._handlers = handlers

        return restore

    def handler(self, name: str) -> CommandHandler:
        """Returns the handler of a command, by its current name."""
        handler = self._handlers.get(name)
        if handler is None:
            raise HandlerError(name, "no handler is registered; install its module into the Hub")
        return handler

    async def run(
        self,
        command: Command[Message],
        open_session: Callable[[], Awaitable[Session]],
        publisher: EventPublisher,
    ) -> None:
        """Returns when the handler has; raises what it raised. Cancelling cancels the handler.

        From its first step on the command counts as running, also while its
        session is being opened: a Hub that closes waits for it.
        """
        task = asyncio.get_running_loop().create_task(
            self._handle(command, open_session, publisher), name=f"command {command.name}"
        )
        self._running[task] = command.session_id
        task.add_done_callback(self._running.pop)
        self._notify(PipelineStage.COMMAND_STARTED, command)
        try:
            await task
        except asyncio.CancelledError:
            self._notify(PipelineStage.COMMAND_FAILED, command)
            caller = asyncio.current_task()
            if not self._draining or (caller is not None and caller.cancelling()):
                raise
            # The Hub ran out of patience at shutdown; the caller was not cancelled.
            raise HubClosedError(f"the command {command.name!r}", "cancelled") from None
        except BaseException:  # told to observers, and the caller's to handle
            self._notify(PipelineStage.COMMAND_FAILED, command)
            raise
        self._notify(PipelineStage.COMMAND_COMPLETED, command)

    def busy(self, session_id: str) -> bool:
        """Whether a command of the session is running."""
        return session_id in self._running.values()

    async def drain(self, seconds: float) -> None:
        """Waits for the running handlers; cancels those that outlive the time."""
        self._draining = True
        await drain(lambda: self._running.keys(), seconds)

    async def _handle(
        self,
        command: Command[Message],
        open_session: Callable[[], Awaitable[Session]],
        publisher: EventPublisher,
    ) -> None:
        session = await open_session()
        handling = self.handler(command.name)(command, session, publisher)
        if not inspect.isawaitable(handling):
            raise HandlerError(command.name, "its handler is not async; write `async def`")
        await handling

    def _notify(self, stage: PipelineStage, command: Command[Message]) -> None:
        if self._observers:
            record = PipelineRecord(stage=stage, session_id=command.session_id, name=command.name)
            self._observers.notify(record)


def _shown(handler: CommandHandler) -> str:
    name = getattr(handler, "__qualname__", "")
    return f"{handler.__module__}.{name}" if name else repr(handler)
