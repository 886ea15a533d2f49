"""Frames in, frames out: the protocol as a table of conversations."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Snapshot, TransportEvent, UIEvent
from sessionstream.transport import frames
from sessionstream.transport.frames import CloseCode
from sessionstream.transport.protocol import (
    Action,
    Answer,
    Close,
    Deliver,
    Leave,
    Load,
    Report,
    ServerProtocol,
)
from sessionstream.transport.settings import TransportSettings


@dataclass
class Conversation:
    """Drives a protocol with short words and writes down what is to be done, as words."""

    settings: TransportSettings = field(default_factory=TransportSettings)
    loads: list[Load] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.protocol = ServerProtocol("c1", self.settings)

    def client(self, message: str) -> list[str]:
        return self._told(self.protocol.receive(message))

    def subscribe(self, session_id: str, since: int = 0) -> list[str]:
        request = {"sessionId": session_id, "sinceSnapshotOrdinal": str(since)}
        return self.client(json.dumps({"subscribe": request}))

    def unsubscribe(self, session_id: str) -> list[str]:
        return self.client(json.dumps({"unsubscribe": {"sessionId": session_id}}))

    def publish(self, session_id: str, ordinal: int, size: int = 1) -> list[str]:
        event = UIEvent(name="U", payload=StringValue(value="x" * size))
        return self._told(self.protocol.deliver(frames.encode_batch(session_id, ordinal, [event])))

    def loaded(self, load: int, ordinal: int) -> list[str]:
        asked = self.loads[load]
        snapshot = Snapshot(session_id=asked.session_id, snapshot_ordinal=ordinal, entities=())
        return self._told(self.protocol.snapshot_loaded(asked, snapshot))

    def failed(self, load: int) -> list[str]:
        return self._told(self.protocol.snapshot_failed(self.loads[load], "StoreError"))

    def _told(self, actions: list[Action]) -> list[str]:
        self.loads += [action for action in actions if isinstance(action, Load)]
        return [words for action in actions if (words := _words(action))]


def _words(action: Action) -> str:
    match action:
        case Answer():
            return _frame(action.frame)
        case Deliver():
            return " ".join(_frame(frame) for frame in action.batch.frames)
        case Load():
            return f"load {action.session_id}"
        case Leave():
            return f"leave {action.session_id}"
        case Close():
            return f"close {action.code.value}"
        case Report():
            return ""


def _frame(text: str) -> str:
    (kind, body), *others = json.loads(text).items()
    assert not others
    shown = ("code", "sessionId", "snapshotOrdinal", "eventOrdinal", "sinceSnapshotOrdinal")
    return " ".join([kind, *(str(body[name]) for name in (*shown, "nonce") if name in body)])


Step = tuple[Callable[[Conversation], list[str]], list[str]]

CONVERSATIONS: dict[str, list[Step]] = {
    "subscribe loads, answers with the snapshot, then says so with the client's ordinal": [
        (lambda c: c.subscribe("s", since=3), ["load s"]),
        (lambda c: c.loaded(0, 5), ["snapshot s 5", "subscribed s 3"]),
    ],
    "after that, events are live": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.loaded(0, 5), ["snapshot s 5", "subscribed s"]),
        (lambda c: c.publish("s", 6), ["uiEvent s 6"]),
        (lambda c: c.publish("s", 0), ["uiEvent s"]),
        (lambda c: c.publish("s", 7), ["uiEvent s 7"]),
    ],
    "events that arrive while it loads follow the snapshot, those above it only": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.publish("s", 4), []),
        (lambda c: c.publish("s", 5), []),
        (lambda c: c.publish("s", 0), []),
        (lambda c: c.publish("s", 6), []),
        (
            lambda c: c.loaded(0, 4),
            ["snapshot s 4", "uiEvent s 5", "uiEvent s 6", "subscribed s"],
        ),
        (lambda c: c.publish("s", 7), ["uiEvent s 7"]),
    ],
    "what the snapshot holds does not come late": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.loaded(0, 5), ["snapshot s 5", "subscribed s"]),
        (lambda c: c.publish("s", 5), []),
        (lambda c: c.publish("s", 6), ["uiEvent s 6"]),
    ],
    "an event of a session without subscription goes nowhere": [
        (lambda c: c.publish("s", 1), []),
    ],
    "sessions do not touch each other": [
        (lambda c: c.subscribe("a"), ["load a"]),
        (lambda c: c.subscribe("b"), ["load b"]),
        (lambda c: c.loaded(1, 2), ["snapshot b 2", "subscribed b"]),
        (lambda c: c.publish("a", 9), []),
        (lambda c: c.publish("b", 3), ["uiEvent b 3"]),
        (lambda c: c.loaded(0, 8), ["snapshot a 8", "uiEvent a 9", "subscribed a"]),
        (lambda c: c.unsubscribe("a"), ["leave a", "unsubscribed a"]),
        (lambda c: c.publish("b", 4), ["uiEvent b 4"]),
    ],
    "subscribing again while live is silent until the fresh snapshot": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.loaded(0, 1), ["snapshot s 1", "subscribed s"]),
        (lambda c: c.subscribe("s", since=1), ["load s"]),
        (lambda c: c.publish("s", 2), []),
        (lambda c: c.publish("s", 3), []),
        (lambda c: c.loaded(1, 2), ["snapshot s 2", "uiEvent s 3", "subscribed s 1"]),
    ],
    "subscribing again while it loads ignores the first snapshot": [
        (lambda c: c.subscribe("s", since=1), ["load s"]),
        (lambda c: c.publish("s", 2), []),
        (lambda c: c.subscribe("s", since=2), ["load s"]),
        (lambda c: c.loaded(0, 1), []),
        (lambda c: c.failed(0), []),
        (lambda c: c.loaded(1, 2), ["snapshot s 2", "subscribed s 2"]),
        (lambda c: c.loaded(1, 2), []),
    ],
    "unsubscribing ends it": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.loaded(0, 1), ["snapshot s 1", "subscribed s"]),
        (lambda c: c.unsubscribe("s"), ["leave s", "unsubscribed s"]),
        (lambda c: c.publish("s", 2), []),
    ],
    "unsubscribing while it loads ends the load": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.unsubscribe("s"), ["leave s", "unsubscribed s"]),
        (lambda c: c.loaded(0, 1), []),
    ],
    "unsubscribing what was not subscribed is answered too": [
        (lambda c: c.unsubscribe("s"), ["unsubscribed s"]),
    ],
    "a snapshot that fails is an error and ends the subscription": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.publish("s", 1), []),
        (lambda c: c.failed(0), ["leave s", "error protocol_error s"]),
        (lambda c: c.publish("s", 2), []),
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.loaded(1, 2), ["snapshot s 2", "subscribed s"]),
    ],
    "a ping is answered with its nonce, a pong with nothing": [
        (lambda c: c.client('{"ping":{"nonce":"n1"}}'), ["pong n1"]),
        (lambda c: c.client('{"ping":{}}'), ["pong"]),
        (lambda c: c.client('{"pong":{"nonce":"n1"}}'), []),
    ],
    "what is no frame is refused and changes nothing": [
        (lambda c: c.subscribe("s"), ["load s"]),
        (lambda c: c.client("not json"), ["error bad_client_frame"]),
        (lambda c: c.client('{"command":{}}'), ["error bad_client_frame"]),
        (lambda c: c.loaded(0, 1), ["snapshot s 1", "subscribed s"]),
    ],
    "a frame that says nothing is refused": [
        (lambda c: c.client("{}"), ["error protocol_error"]),
        (lambda c: c.client('{"subscribe":{}}'), ["error protocol_error"]),
        (lambda c: c.client('{"unsubscribe":{}}'), ["error protocol_error"]),
    ],
    "a session id that is too long is refused and not repeated": [
        (lambda c: c.subscribe("s" * 513), ["error protocol_error"]),
        (lambda c: c.unsubscribe("s" * 513), ["error protocol_error"]),
    ],
}


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation(conversation: list[Step]) -> None:
    under_test = Conversation()
    for number, (step, expected) in enumerate(conversation, 1):
        assert step(under_test) == expected, f"step {number}"


class TestLimits:
    def test_a_frame_above_the_limit_closes(self) -> None:
        small = Conversation(TransportSettings(max_frame_bytes=20))
        assert small.client('{"ping":{"nonce":""}') == ["error bad_client_frame"]
        assert small.client('{"ping":{"nonce":""}}') == ["close 1009"]

    def test_the_limit_counts_bytes_not_characters(self) -> None:
        small = Conversation(TransportSettings(max_frame_bytes=30))
        assert small.client('{"ping":{"nonce":"éé"}}') == ["pong éé"]
        assert small.client('{"ping":{"nonce":"ééééé"}}') == ["close 1009"]

    def test_one_subscription_too_many_is_an_error_for_that_session(self) -> None:
        few = Conversation(TransportSettings(max_subscriptions=2))
        assert few.subscribe("a") == ["load a"]
        assert few.subscribe("b") == ["load b"]
        assert few.subscribe("c") == ["error protocol_error c"]
        assert few.subscribe("b") == ["load b"], "subscribing again takes no further place"
        assert few.unsubscribe("a") == ["leave a", "unsubscribed a"]
        assert few.subscribe("c") == ["load c"]

    def test_too_many_held_frames_close_as_slow(self) -> None:
        few = Conversation(TransportSettings(max_queued_frames=2))
        few.subscribe("a")
        few.subscribe("b")
        assert few.publish("a", 1) == []
        assert few.publish("b", 1) == []
        assert few.publish("a", 2) == [f"close {CloseCode.SLOW_CLIENT.value}"]

    def test_too_many_held_bytes_close_as_slow(self) -> None:
        few = Conversation(TransportSettings(max_queued_bytes=1000))
        few.subscribe("s")
        assert few.publish("s", 1, size=400) == []
        assert few.publish("s", 2, size=400) == [f"close {CloseCode.SLOW_CLIENT.value}"]


class TestReports:
    def test_observers_hear_of_subscriptions_and_refusals(self) -> None:
        protocol = ServerProtocol("c1", TransportSettings())
        load = protocol.receive('{"subscribe":{"sessionId":"s"}}')[0]
        assert isinstance(load, Load)
        empty = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
        actions = [
            *protocol.snapshot_loaded(load, empty),
            *protocol.receive('{"unsubscribe":{"sessionId":"s"}}'),
            *protocol.receive('{"unsubscribe":{"sessionId":"s"}}'),
            *protocol.receive("secret"),
        ]
        assert [action for action in actions if isinstance(action, Report)] == [
            Report(TransportEvent.SUBSCRIBED, "s"),
            Report(TransportEvent.UNSUBSCRIBED, "s"),
            Report(TransportEvent.FRAME_REJECTED, "", "bad_client_frame"),
        ]

    def test_the_reason_of_a_failure_is_for_observers_only(self) -> None:
        protocol = ServerProtocol("c1", TransportSettings())
        load = protocol.receive('{"subscribe":{"sessionId":"s"}}')[0]
        assert isinstance(load, Load)
        actions = protocol.snapshot_failed(load, "StoreFullError")
        assert (
            Report(TransportEvent.FRAME_REJECTED, "s", "protocol_error: StoreFullError") in actions
        )
        assert "StoreFullError" not in str([a for a in actions if isinstance(a, Answer)])
