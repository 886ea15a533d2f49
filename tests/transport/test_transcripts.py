"""The original's client frames get the original's answers: transcripts, to the letter.

``>`` is the client, ``<`` the server, ``!`` an event that is published to
session s-1. The server's answers are compared as JSON values, for the original
puts spaces where it likes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.hub import Hub
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.rooms import Rooms

Connect = Callable[[Rooms], Awaitable[MemoryWire]]

TRANSCRIPTS = {
    "an empty snapshot, then live": """
        > {"subscribe":{"sessionId":"s-1","sinceSnapshotOrdinal":"0"}}
        < {"snapshot":{"sessionId":"s-1"}}
        < {"subscribed":{"sessionId":"s-1"}}
        ! one
        < {"uiEvent":{"sessionId":"s-1","eventOrdinal":"1","name":"Shown","payload":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"one"}}}
        ! two
        < {"uiEvent":{"sessionId":"s-1","eventOrdinal":"2","name":"Shown","payload":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"two"}}}
    """,  # noqa: E501
    "a snapshot of what was, with the client's ordinal echoed": """
        ! one
        ! two
        > {"subscribe":{"sessionId":"s-1","sinceSnapshotOrdinal":"1"}}
        < {"snapshot":{"sessionId":"s-1","snapshotOrdinal":"2","entities":[{"kind":"Note","id":"n1","createdOrdinal":"1","lastEventOrdinal":"1","payload":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"one"}},{"kind":"Note","id":"n2","createdOrdinal":"2","lastEventOrdinal":"2","payload":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"two"}}]}}
        < {"subscribed":{"sessionId":"s-1","sinceSnapshotOrdinal":"1"}}
        ! three
        < {"uiEvent":{"sessionId":"s-1","eventOrdinal":"3","name":"Shown","payload":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"three"}}}
    """,  # noqa: E501
    "the names of the .proto file and numbers for ordinals are understood": """
        > {"subscribe": {"session_id": "s-1", "since_snapshot_ordinal": 3}}
        < {"snapshot":{"sessionId":"s-1"}}
        < {"subscribed":{"sessionId":"s-1","sinceSnapshotOrdinal":"3"}}
    """,
    "unsubscribe": """
        > {"subscribe":{"sessionId":"s-1"}}
        < {"snapshot":{"sessionId":"s-1"}}
        < {"subscribed":{"sessionId":"s-1"}}
        > {"unsubscribe":{"sessionId":"s-1"}}
        < {"unsubscribed":{"sessionId":"s-1"}}
        ! one
        > {"ping":{"nonce":"n-1"}}
        < {"pong":{"nonce":"n-1"}}
    """,
    "ping and pong": """
        > {"ping":{"nonce":"n-1"}}
        < {"pong":{"nonce":"n-1"}}
        > {"pong":{"nonce":"n-2"}}
        > {"ping":{}}
        < {"pong":{}}
    """,
    "what is refused leaves the connection open": """
        > {"command":{"sessionId":"s-1","name":"Start","payload":{}}}
        < {"error":{"code":"bad_client_frame"}}
        > {"subscribe":
        < {"error":{"code":"bad_client_frame"}}
        > {"subscribe":{"sessionId":""}}
        < {"error":{"code":"protocol_error"}}
        > {}
        < {"error":{"code":"protocol_error"}}
        > {"ping":{"nonce":"n-1"}}
        < {"pong":{"nonce":"n-1"}}
    """,
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
async def test_transcript(transcript: str, hub: Hub, connect: Connect) -> None:
    async with Rooms(hub) as rooms:
        wire = await connect(rooms)
        for line in transcript.strip().splitlines():
            who, _, said = line.strip().partition(" ")
            if who == ">":
                wire.say(said)
            elif who == "!":
                await hub.publish("s-1", "Said", StringValue(value=said))
            else:
                assert comparable(await wire.hear()) == json.loads(said)
        assert wire.heard() == []


def comparable(text: str) -> object:
    """The text of an error is the server's own affair."""
    frame: dict[str, dict[str, object]] = json.loads(text)
    if "error" in frame:
        assert frame["error"].pop("message")
    return frame
