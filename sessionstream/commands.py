"""Runs command handlers and knows which are running."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.causes import Cause, enter, next_run, wall_clock
from sessionstream.errors import DuplicateNameError, HandlerError, HubClosedError
from sessionstream.observer import Observers, PipelineRecord, PipelineStage
from sessionstream.publisher import EventPublisher
from sessionstream.schema import SchemaRegistry
from sessionstream.tasks import drain
from sessionstream.typed import CommandHandler
from sessionstream.types import Command, Session


@dataclass(frozen=True, slots=True)
class _Account:
    """Tells observers of one run of a command."""

    observers: Observers
    command: Command[Message]
    command_id: str
    cause: Cause
    run: int

    def tell(self, stage: PipelineStage, error: BaseException | None = None) -> None:
        record = PipelineRecord(
            stage=stage,
            session_id=self.command.session_id,
            name=self.command.name,
            began_at=self.cause.at + wall_clock(),
            run=self.run,
            parent_run=self.cause.run,
            command_id=self.command_id,
            error_type="" if error is None else type(error).__name__,
            context=self.cause.context,
        )
        self.observers.notify(record)


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
        command_id: str = "",
    ) -> None:
        """Returns when the handler has; raises what it raised. Cancelling cancels the handler.

        From its first step on the command counts as running, also while its
        session is being opened: a Hub that closes waits for it.
        """
        account = self._account(command, command_id)
        run = 0 if account is None else account.run
        task = asyncio.get_running_loop().create_task(
            self._handle(command, open_session, publisher, run), name=f"command {command.name}"
        )
        self._running[task] = command.session_id
        task.add_done_callback(self._running.pop)
        _tell(account, PipelineStage.COMMAND_STARTED)
        try:
            await task
        except asyncio.CancelledError as error:
            _tell(account, PipelineStage.COMMAND_FAILED, error)
            caller = asyncio.current_task()
            if not self._draining or (caller is not None and caller.cancelling()):
                raise
            # The Hub ran out of patience at shutdown; the caller was not cancelled.
            raise HubClosedError(f"the command {command.name!r}", "cancelled") from None
        except BaseException as error:  # told to observers, and the caller's to handle
            _tell(account, PipelineStage.COMMAND_FAILED, error)
            raise
        _tell(account, PipelineStage.COMMAND_COMPLETED)

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
        run: int,
    ) -> None:
        if run:
            enter(run)
        session = await open_session()
        handling = self.handler(command.name)(command, session, publisher)
        if not inspect.isawaitable(handling):
            raise HandlerError(command.name, "its handler is not async; write `async def`")
        await handling

    def _account(self, command: Command[Message], command_id: str) -> _Account | None:
        """Returns None where nobody watches."""
        if not self._observers:
            return None
        return _Account(self._observers, command, command_id, self._observers.cause(), next_run())


def _tell(
    account: _Account | None, stage: PipelineStage, error: BaseException | None = None
) -> None:
    if account is not None:
        account.tell(stage, error)


def _shown(handler: CommandHandler) -> str:
    name = getattr(handler, "__qualname__", "")
    return f"{handler.__module__}.{name}" if name else repr(handler)
