"""Scenarios: given events, when a command or an event, then what should have come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from sessionstream.hub import Hub
from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.memory import MemoryStore
from sessionstream.projection import ProjectionPolicies
from sessionstream.schema import SchemaRegistry
from sessionstream.sessions import SessionMetadata
from sessionstream.testing.clients.client import ScriptedClient
from sessionstream.testing.clients.server import MemoryServer
from sessionstream.testing.comparing.comparison import Comparison
from sessionstream.testing.scenarios.recording import Recording
from sessionstream.testing.scenarios.stage import Stage, told
from sessionstream.testing.scenarios.steps import C, E, Steps, T, U

SESSION = "session-1"


class Scenario(Steps[C, E, U, T]):
    """A Hub in memory for one test, and the steps of a session in it.

    The four type parameters are the unions of the generated module; of several
    modules, the unions of theirs; ``Never`` where a module has none. A line
    gives an application its scenario, and every test uses it::

        ChatScenario = Scenario[ChatCommand, ChatEvent, ChatUIEvent, ChatEntity]

        async with ChatScenario(install) as chat:
            await chat.given(pb.InferenceStarted(message_id="a"))
            await chat.when(pb.TokensDelta(message_id="a", chunk="Good"))
            await chat.then_shown(
                ChatUI.chat_message_appended(pb.ChatMessageUpdate(message_id="a", chunk="Good"))
            )
            page = await chat.connect()
            snapshot = await page.subscribe(chat.session_id)
            assert snapshot.ordinal == 2

    ``install`` is given the Hub before anything happens, and installs the
    modules. Leaving closes the clients and the Hub, then fails when an error
    was raised or recorded that no step has named.

    Args:
        install: Registers names, handlers and projections with the Hub.
        store: An open store; one in memory if not given. It is not closed.
        policies: What happens when a projection fails.
        session_metadata: As for `Hub`.
        ignoring: Names of fields that are not compared, in any message, such
            as times. For ids there is `any_text`.

    Attributes:
        patience: Seconds that a step waits for something before it fails.
    """

    def __init__(
        self,
        install: Callable[[Hub], object],
        *,
        store: HydrationStore | None = None,
        policies: ProjectionPolicies = ProjectionPolicies(),  # noqa: B008 frozen
        session_metadata: SessionMetadata | None = None,
        ignoring: Iterable[str] = (),
    ) -> None:
        recording = Recording()
        store = MemoryStore() if store is None else store
        hub = Hub(
            SchemaRegistry(),
            store=store,
            fanout=recording,
            policies=policies,
            session_metadata=session_metadata,
            observers=[recording.observe],
        )
        hub.register_ui_projection(recording)
        install(hub)
        super().__init__(Stage(hub, store, recording, Comparison(ignoring)), SESSION)
        self._server: MemoryServer[U, T] = MemoryServer(hub, comparison=self._stage.comparison)
        self._open = AsyncExitStack()

    @property
    def patience(self) -> float:
        """Seconds that a step waits for something before it fails."""
        return self._stage.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._stage.patience = self._server.patience = seconds

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self.hub)
        await self._open.enter_async_context(self._server)
        self._stage.is_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._open.aclose()
        if exc is None:
            self._check_everything_was_expected()

    def in_session(self, session_id: str) -> Steps[C, E, U, T]:
        """Returns the steps of another session of the same Hub."""
        return Steps(self._stage, session_id)

    async def connect(self) -> ScriptedClient[U, T]:
        """Returns a client that has just connected; it is disconnected at the end."""
        return await self._server.connect()

    def _check_everything_was_expected(self) -> None:
        for raised in self._stage.raised.values():
            raise raised.unexpected() from raised.error
        recorded = self._stage.recording.unexpected()
        if recorded:
            lines = "\n".join(dict.fromkeys(f"  {told(record)}" for record in recorded))
            raise AssertionError(
                f"the runtime recorded errors that no step has named:\n{lines}\n"
                "If that is what should happen, a then_recorded step says so."
            )
