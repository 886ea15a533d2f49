"""Frames in, frames out: the protocol as a table of conversations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sessionstream import Snapshot, TransportEvent
from sessionstream.transport.actions import (
    Answer,
    Authorize,
    Report,
)
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.readings import Opened
from sessionstream.transport.requests import Ask
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import SharedSnapshot
from sessionstream.types import Position
from tests.transport.conversation import Conversation

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
    "a session id that is too long is refused, and repeated within a limit": [
        (lambda c: c.subscribe("s" * 513), [f"error protocol_error {'s' * 513}"]),
        (lambda c: c.unsubscribe("s" * 513), [f"error protocol_error {'s' * 513}"]),
        (lambda c: c.subscribe("s" * 1025), ["error protocol_error"]),
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

    def test_too_many_held_frames_are_dropped_and_read_later(self) -> None:
        few = Conversation(TransportSettings(max_queued_frames=2))
        few.subscribe("s")
        for ordinal in (1, 2, 3):
            assert few.publish("s", ordinal) == []
        few.publish("s", 4)
        assert few.loaded(0, 0) == ["snapshot s", "load s"]
        assert (few.loads[1].ask, few.loads[1].after) == (Ask.HISTORY, 0)

    def test_too_many_held_bytes_are_dropped_too(self) -> None:
        few = Conversation(TransportSettings(max_queued_bytes=1000))
        few.subscribe("s")
        few.publish("s", 1, size=400)
        few.publish("s", 2, size=400)
        few.publish("s", 3, size=1)
        assert few.loaded(0, 0) == ["snapshot s", "load s"]

    def test_version_2_has_a_code_of_its_own_for_too_many_subscriptions(self) -> None:
        few = Conversation(TransportSettings(max_subscriptions=1), V2_JSON)
        few.subscribe("a")
        assert few.subscribe("b") == ["error too_many_subscriptions b"]


class TestDenied:
    def test_a_session_that_may_not_be_seen_is_not_read(self) -> None:
        denied = Conversation()
        (asked,) = denied.protocol.receive('{"subscribe":{"sessionId":"s"}}', 0.0)
        assert isinstance(asked, Authorize)
        actions = denied.protocol.subscriptions.authorized(asked, False)
        assert denied.told(actions) == ["leave s", "error subscribe_denied s"]
        assert denied.loads == []

    def test_one_that_may_not_be_seen_any_more_ends(self) -> None:
        denied = Conversation()
        denied.subscribe("s")
        denied.loaded(0, 1)
        told = denied.told(denied.protocol.subscriptions.revoke("s"))
        assert told == ["leave s", "error subscribe_denied s"]
        assert denied.publish("s", 2) == []


class TestReports:
    def test_observers_hear_of_subscriptions_and_refusals(self) -> None:
        under_test = Conversation()
        under_test.subscribe("s")
        snapshot = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
        position = Position(epoch="e", head=0, shown=0)
        opened = SharedSnapshot(Opened(snapshot=snapshot, position=position))
        protocol = under_test.protocol
        actions = [
            *protocol.subscriptions.opened(under_test.loads[0], opened),
            *protocol.receive('{"unsubscribe":{"sessionId":"s"}}', 0.0),
            *protocol.receive('{"unsubscribe":{"sessionId":"s"}}', 0.0),
            *protocol.receive("secret", 0.0),
        ]
        assert [action for action in actions if isinstance(action, Report)] == [
            Report(TransportEvent.SUBSCRIBED, "s"),
            Report(TransportEvent.UNSUBSCRIBED, "s"),
            Report(TransportEvent.FRAME_REJECTED, "", "bad_client_frame"),
        ]

    def test_observers_hear_that_a_subscription_was_taken_away(self) -> None:
        """Else whoever counts subscriptions would count it for ever."""
        under_test = Conversation()
        under_test.subscribe("s")
        under_test.loaded(0, 1)
        actions = under_test.protocol.subscriptions.revoke("s")
        assert Report(TransportEvent.UNSUBSCRIBED, "s", "subscribe_denied") in actions

    def test_a_failure_is_no_error_of_a_client_that_can_tell_them_apart(self) -> None:
        """Version 1 has one code for both; there, a client can't know whether to ask again."""
        under_test = Conversation(dialect=V2_JSON)
        under_test.subscribe("s")
        assert under_test.failed(0) == ["leave s", "error unavailable s"]

    def test_the_reason_of_a_failure_is_for_observers_only(self) -> None:
        under_test = Conversation()
        under_test.subscribe("s")
        actions = under_test.protocol.subscriptions.failed(under_test.loads[0], "StoreFullError")
        told = Report(TransportEvent.FRAME_REJECTED, "s", "protocol_error: StoreFullError")
        assert told in actions
        answers = [action.frames.messages for action in actions if isinstance(action, Answer)]
        assert "StoreFullError" not in str(answers)
