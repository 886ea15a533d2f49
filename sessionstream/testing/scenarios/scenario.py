"""Scenarios: given events, when a command or an event, then what should have come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from sessionstream.hub import Hub
from sessionstream.hydration.base import HydrationStore
from sessionstream.hydration.memory import MemoryStore
from sessionstream.observer import ErrorSource
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy
from sessionstream.sessions import SessionMetadata
from sessionstream.testing.clients.client import ScriptedClient
from sessionstream.testing.clients.server import MemoryServer
from sessionstream.testing.comparing.comparison import Comparison
from sessionstream.testing.scenarios.hub import ScenarioHub
from sessionstream.testing.scenarios.recording import Recording
from sessionstream.testing.scenarios.stage import PATIENCE, Stage, told
from sessionstream.testing.scenarios.steps import C, E, Steps, T, U

__tracebackhide__ = True  # pytest shows the line of the test instead

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
    modules. Leaving closes the clients and the Hub, then fails when a step was
    not awaited, when an error was raised or recorded that no step has named,
    and when a projection that is given its events again gives something else:
    it is not pure, and a rebuild would not make the timeline that was stored.

    Args:
        install: Registers names, handlers and projections with the Hub.
        store: An open store; one in memory if not given. It is not closed.
        policies: What happens when a projection fails.
        session_metadata: As for `Hub`.
        ignoring: Names of fields that are not compared, in any message, such
            as times. For ids there is `any_text`.
        patience: Seconds that a step or a client waits for something before it
            fails. Nothing waits that long in a test that passes.
    """

    def __init__(
        self,
        install: Callable[[Hub], object],
        *,
        store: HydrationStore | None = None,
        policies: ProjectionPolicies = ProjectionPolicies(),  # noqa: B008 frozen
        session_metadata: SessionMetadata | None = None,
        ignoring: Iterable[str] = (),
        patience: float = PATIENCE,
    ) -> None:
        recording = Recording()
        store = MemoryStore() if store is None else store
        hub = ScenarioHub(store, recording, policies, session_metadata)
        install(hub)
        comparison = Comparison(ignoring)
        super().__init__(Stage(hub, store, recording, comparison, patience), SESSION)
        self._timeline_policy = policies.timeline
        self._projections = hub.projections
        self._server: MemoryServer[U, T] = MemoryServer(
            hub, comparison=comparison, calls=self._stage.calls, patience=patience
        )
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._stage.is_open:
            raise RuntimeError("the scenario has been entered already: make another one")
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
        forgotten = self._stage.calls.forgotten()
        if exc is not None and forgotten:
            exc.add_note(forgotten)
        if exc is None:
            if forgotten:
                raise AssertionError(forgotten)
            self._check_everything_was_expected()
            self._projections.check(self._passed_over())

    def in_session(self, session_id: str) -> Steps[C, E, U, T]:
        """Returns the steps of another session of the same Hub."""
        return Steps(self._stage, session_id)

    async def connect(self) -> ScriptedClient[U, T]:
        """Returns a client that has just connected; it is disconnected at the end."""
        return await self._server.connect()

    def _check_everything_was_expected(self) -> None:
        for raised in self._stage.raised.values():
            if not raised.is_told:
                raise raised.unexpected() from raised.error
        recorded = self._stage.recording.untold()
        if recorded:
            lines = "\n".join(dict.fromkeys(f"  {told(record)}" for record in recorded))
            raise AssertionError(
                f"the runtime recorded errors that no step has named:\n{lines}\n"
                "If that is what should happen, a then_recorded step says so."
            )

    def _passed_over(self) -> set[tuple[str, int]]:
        """The events of which the timeline holds nothing, because a projection failed on them."""
        if self._timeline_policy is not ProjectionPolicy.ADVANCE:
            return set()
        source = ErrorSource.TIMELINE_PROJECTION
        errors = self._stage.recording.errors
        return {(each.session_id, each.ordinal) for each in errors if each.source is source}
