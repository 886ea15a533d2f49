"""Whatever happens in whatever order, a subscription gets each event once and in order."""

from __future__ import annotations

import json

from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sessionstream import Snapshot, UIEvent
from sessionstream.transport import frames
from sessionstream.transport.protocol import Action, Answer, Deliver, Load, ServerProtocol
from sessionstream.transport.settings import TransportSettings

SESSION = "s"


class AnyOrder(RuleBasedStateMachine):
    """One session and one client.

    Events are committed, then fanned out some time later. A load reads the
    head at one instant and hands it in at a later one, also when it was
    replaced meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self.protocol = ServerProtocol("c1", TransportSettings())
        self.head = 0
        self.not_fanned_out: list[int] = []
        self.loads: list[Load] = []
        self.read: list[tuple[Load, int]] = []
        # What the client has: the last ordinal it knows, and how it got there.
        self.wants = False
        self.is_live = False
        self.has_snapshot = False
        self.position = 0

    @rule()
    def commit(self) -> None:
        self.head += 1
        self.not_fanned_out.append(self.head)

    @precondition(lambda self: self.not_fanned_out)
    @rule()
    def fan_out(self) -> None:
        self._deliver(self.not_fanned_out.pop(0))

    @rule()
    def fan_out_an_ephemeral_event(self) -> None:
        self._deliver(0)

    @rule(since=st.integers(0, 5))
    def subscribe(self, since: int) -> None:
        self._forget()
        self.wants, self.since = True, since
        request = {"sessionId": SESSION, "sinceSnapshotOrdinal": str(since)}
        self._take(self.protocol.receive(json.dumps({"subscribe": request})))

    @rule()
    def unsubscribe(self) -> None:
        self._forget()
        self._take(self.protocol.receive(json.dumps({"unsubscribe": {"sessionId": SESSION}})))

    @precondition(lambda self: self.loads)
    @rule(data=st.data())
    def a_load_reads_the_store(self, data: st.DataObject) -> None:
        load = data.draw(st.sampled_from(self.loads))
        self.loads.remove(load)
        self.read.append((load, self.head))

    @precondition(lambda self: self.read)
    @rule(data=st.data(), works=st.sampled_from([True, True, True, False]))
    def a_load_ends(self, data: st.DataObject, works: bool) -> None:
        load, ordinal = data.draw(st.sampled_from(self.read))
        self.read.remove((load, ordinal))
        if works:
            snapshot = Snapshot(session_id=SESSION, snapshot_ordinal=ordinal, entities=())
            self._take(self.protocol.snapshot_loaded(load, snapshot))
        else:
            self._take(self.protocol.snapshot_failed(load, "OSError"))

    @invariant()
    def a_live_client_misses_only_what_is_not_fanned_out(self) -> None:
        if self.is_live:
            # Of what is still under way, the client may have some by its snapshot.
            reached = self.head - len(self.not_fanned_out)
            assert self.position >= reached

    def _deliver(self, ordinal: int) -> None:
        event = UIEvent(name="U", payload=StringValue(value="x"))
        self._take(self.protocol.deliver(frames.encode_batch(SESSION, ordinal, [event])))

    def _forget(self) -> None:
        self.wants = self.is_live = self.has_snapshot = False
        self.position = 0

    def _take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Load():
                    self.loads.append(action)
                case Answer():
                    self._hear(action.frame)
                case Deliver():
                    for text in action.batch.frames:
                        self._hear(text)
                case _:
                    pass

    def _hear(self, text: str) -> None:
        (kind, body), *others = json.loads(text).items()
        assert not others
        match kind:
            case "snapshot":
                assert self.wants
                assert not self.has_snapshot
                self.has_snapshot, self.position = True, int(body.get("snapshotOrdinal", 0))
            case "uiEvent":
                self._hear_event(int(body.get("eventOrdinal", 0)))
            case "subscribed":
                assert self.has_snapshot
                assert not self.is_live
                assert int(body.get("sinceSnapshotOrdinal", 0)) == self.since
                self.is_live = True
            case "error":
                assert not self.has_snapshot
                self._forget()
            case _:
                assert kind == "unsubscribed"

    def _hear_event(self, ordinal: int) -> None:
        assert self.has_snapshot
        if ordinal == 0:
            assert self.is_live
        else:
            assert ordinal == self.position + 1, "none is left out, none comes twice"
            self.position = ordinal


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
