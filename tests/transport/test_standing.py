"""Commands, authentication and heartbeats: what version 2 adds to the protocol."""

from __future__ import annotations

import pytest

from sessionstream.transport.access import Principal
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.settings import TransportSettings
from tests.transport.conversation import Conversation, words_of


class TestCommands:
    def test_one_that_is_whole_is_run(self) -> None:
        assert Conversation(dialect=V2_JSON).command() == ["run Say c"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"sessionId": ""}, "protocol_error"),
            ({"commandId": ""}, "protocol_error"),
            ({"commandId": "c" * 513}, "protocol_error"),
            ({"name": "Sing"}, "unknown_command"),
            ({"payload": None}, "bad_payload"),
            ({"payload": {"@type": "x/google.protobuf.Int32Value", "value": 1}}, "bad_payload"),
            ({"payload": {"@type": "x/google.protobuf.StringValue", "value": 1}}, "bad_payload"),
            ({"bogus": 1}, "bad_payload"),
        ],
    )
    def test_one_that_is_not_is_rejected(self, changes: dict[str, object], code: str) -> None:
        (answer,) = Conversation(dialect=V2_JSON).command(changes)
        assert answer.startswith(f"commandAck REJECTED {code}")

    def test_too_many_are_rejected_until_time_has_passed(self) -> None:
        settings = TransportSettings(commands_per_second=1, command_burst=1)
        quick = Conversation(settings, V2_JSON)
        assert quick.command(now=0.0) == ["run Say c"]
        assert quick.command(now=0.5) == ["commandAck REJECTED rate_limited s"]
        assert quick.command(now=1.0) == ["run Say c"]

    def test_too_many_without_an_outcome_are_rejected(self) -> None:
        few = Conversation(TransportSettings(max_pending_commands=1), V2_JSON)
        assert few.command() == ["run Say c"]
        assert few.command() == ["commandAck REJECTED rate_limited s"]

    def test_unreadable_ones_count_towards_the_rate(self) -> None:
        settings = TransportSettings(commands_per_second=1, command_burst=1)
        quick = Conversation(settings, V2_JSON)
        assert quick.command({"bogus": 1}) == ["commandAck REJECTED bad_payload s"]
        assert quick.command({"bogus": 1}) == ["commandAck REJECTED rate_limited s"]


class TestUnauthenticated:
    def stranger(self) -> Conversation:
        settings = TransportSettings(unauthenticated_seconds=10)
        return Conversation(settings, V2_JSON, principal=None)

    def test_a_client_may_ping_and_authenticate_and_nothing_else(self) -> None:
        stranger = self.stranger()
        assert stranger.client('{"ping":{"nonce":"n"}}') == ["pong n"]
        assert stranger.subscribe("s") == ["error unauthenticated s"]
        assert stranger.unsubscribe("s") == ["error unauthenticated s"]
        assert stranger.subscribe("x" * 513) == ["error unauthenticated"]
        assert stranger.command() == ["commandAck REJECTED unauthenticated s"]
        assert stranger.command({"bogus": 1}) == ["commandAck REJECTED unauthenticated s"]
        assert stranger.client('{"authenticate":{"token":"t"}}') == ["authenticate t"]

    def test_it_may_do_more_when_it_has(self) -> None:
        stranger = self.stranger()
        stranger.client('{"authenticate":{"token":"t"}}')
        standing = stranger.protocol.standing
        assert stranger.told(standing.authenticated(Principal("ann"), 1.0, 60.0)) == [
            "authenticated 60000"
        ]
        assert stranger.subscribe("s") == ["load s"]

    def test_it_is_closed_when_its_time_is_over(self) -> None:
        standing = self.stranger().protocol.standing
        assert standing.next_tick() == 10.0
        assert [words_of(action) for action in standing.tick(10.0)] == [["close 4401"]]

    def test_it_can_not_become_somebody_else(self) -> None:
        ann = Conversation(dialect=V2_JSON, principal=Principal("ann"))
        ann.client('{"authenticate":{"token":"t"}}')
        standing = ann.protocol.standing
        assert ann.told(standing.authenticated(Principal("bob"), 1.0, None)) == [
            "error unauthenticated"
        ]
        assert standing.principal == Principal("ann")


class TestHeartbeat:
    def test_a_silent_client_is_pinged_and_then_closed(self) -> None:
        quiet = Conversation(TransportSettings(ping_interval=5), V2_JSON)
        standing = quiet.protocol.standing
        assert quiet.told(standing.tick(4.9)) == []
        assert quiet.told(standing.tick(5.0)) == ["ping"]
        assert quiet.told(standing.tick(9.9)) == []
        assert quiet.told(standing.tick(10.0)) == ["close 4408"]

    def test_one_that_answers_stays(self) -> None:
        awake = Conversation(TransportSettings(ping_interval=5), V2_JSON)
        standing = awake.protocol.standing
        standing.tick(5.0)
        awake.client('{"pong":{}}', now=6.0)
        assert awake.told(standing.tick(10.0)) == []
        assert standing.next_tick() == 11.0

    def test_version_1_has_none(self) -> None:
        assert Conversation().protocol.standing.next_tick() is None
