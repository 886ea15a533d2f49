"""Whatever happens in whatever order, a watcher sees each UI event once, and nothing is missing."""

from __future__ import annotations

from typing import Final

from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from sessionstream.client.actions import Action, RetryLater, Send
from sessionstream.client.backlog import Room
from sessionstream.client.frames import Dialect
from sessionstream.client.protocol import ClientProtocol
from sessionstream.watching import SnapshotUpdate
from tests.client.model_server import SESSION, ModelServer, encoded, hello, make_registry

REGISTRY: Final = make_registry()
# So little that a watcher who does not read lags soon.
ROOM: Final = Room(updates=3, octets=100_000, assembled=100_000)


class AnyOrder(RuleBasedStateMachine):
    """One watched session, while the connection, the server and the watcher do their worst."""

    dialect = Dialect.JSON

    def __init__(self) -> None:
        super().__init__()
        self.server = ModelServer()
        self.client = ClientProtocol(REGISTRY, self.dialect, ROOM)
        self.watched, actions = self.client.watch(SESSION, None)
        assert actions == []
        self.sent: list[Send] = []
        self.epoch = ""
        self.seen = -1
        self._connect()
        self.all_frames_arrive()

    # -- the server ------------------------------------------------------------------

    @rule(size=st.integers(0, 3))
    def publish(self, size: int) -> None:
        self.server.publish(size)

    @rule()
    def publish_what_is_ephemeral(self) -> None:
        self.server.publish_ephemeral()

    @rule()
    def tell_the_position(self) -> None:
        self.server.tell_position()

    @rule()
    def forget_ui_events(self) -> None:
        self.server.forgotten = self.server.head

    @rule()
    def begin_the_session_anew(self) -> None:
        self.server.begin_anew()

    # -- the way between ----------------------------------------------------------------

    @rule(count=st.integers(1, 4))
    def frames_reach_the_client(self, count: int) -> None:
        for _ in range(min(count, len(self.server.out))):
            data = encoded(self.server.out.popleft(), self.dialect)
            self._carry_out(self.client.receive(data))

    @rule()
    def all_frames_arrive(self) -> None:
        while self.sent or self.server.out:
            while self.sent:
                self.a_frame_reaches_the_server()
            self.frames_reach_the_client(len(self.server.out))

    @precondition(lambda self: self.sent)
    @rule()
    def a_frame_reaches_the_server(self) -> None:
        self.server.receive(self.sent.pop(0).frame)

    @precondition(lambda self: self.server.can_lose())
    @rule(data=st.data())
    def a_ui_event_is_lost(self, data: st.DataObject) -> None:
        self.server.lose(data.draw(st.sampled_from(self.server.can_lose())))

    @precondition(lambda self: self.server.can_repeat())
    @rule(data=st.data())
    def a_ui_event_comes_twice(self, data: st.DataObject) -> None:
        self.server.repeat(data.draw(st.sampled_from(self.server.can_repeat())))

    @rule()
    def the_connection_is_cut_and_made_anew(self) -> None:
        self.server.cut()
        self.sent.clear()
        self.client.closed()
        self._connect()

    # -- the watcher -----------------------------------------------------------------------

    @rule(count=st.integers(1, 4))
    def the_watcher_reads(self, count: int) -> None:
        for _ in range(count):
            self._take()

    @rule()
    def the_watcher_leaves_and_comes_back(self) -> None:
        self._carry_out(self.client.unwatch(self.watched))
        self.epoch, self.seen = "", -1
        self.watched, actions = self.client.watch(SESSION, None)
        self._carry_out(actions)

    def teardown(self) -> None:
        """In the end everybody reads, nothing is lost, and the watcher is where the session is."""
        self.server.publish(1)
        while self._take() or self.sent or self.server.out:
            while self.sent:
                self.a_frame_reaches_the_server()
            self.frames_reach_the_client(1)
        assert self.watched.error is None
        assert (self.epoch, self.seen) == (self.server.epoch, self.server.head)

    # -- steps -------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.client.opened(None)
        self._carry_out(self.client.receive(encoded(hello(), self.dialect)))

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            assert not isinstance(action, RetryLater)
            if isinstance(action, Send):
                self.sent.append(action)

    def _take(self) -> bool:
        update = self.watched.take()
        if update is None:
            return False
        self._carry_out(self.client.taken(self.watched))
        if isinstance(update, SnapshotUpdate):
            assert len(update.entities) == 2
            self.epoch, self.seen = update.position.epoch, update.position.ordinal
            return True
        texts = [
            event.payload.value for event in update.events if isinstance(event.payload, StringValue)
        ]
        if update.ordinal == 0:
            assert texts == ["0.0"]
            return True
        assert update.position.epoch == self.epoch
        assert update.ordinal == update.position.ordinal
        if self.epoch == self.server.epoch:  # the log of a life that is over is gone
            assert update.ordinal == self.server.shown_after(self.seen)[0]
            size = self.server.sizes[update.ordinal - 1]
            assert texts == [f"{update.ordinal}.{index}" for index in range(size)]
        assert update.ordinal > self.seen
        self.seen = update.ordinal
        return True


class AnyOrderInBinary(AnyOrder):
    """The same in the other dialect."""

    dialect = Dialect.PROTO


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyOrderInBinary = AnyOrderInBinary.TestCase
TestAnyOrderInBinary.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
