"""Frames of version 2 as JSON, said and heard on a wire in memory."""

from __future__ import annotations

import json

from sessionstream.testing.clients.wire import MemoryWire


def ask(kind: str, **body: object) -> str:
    return json.dumps({kind: body})


async def heard(wire: MemoryWire) -> tuple[str, dict[str, str]]:
    ((kind, body),) = json.loads(await wire.hear()).items()
    return kind, body


async def kinds(wire: MemoryWire, count: int) -> list[str]:
    return [(await heard(wire))[0] for _ in range(count)]


def say(command_id: str = "c", value: str = "hi") -> str:
    payload = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": value}
    asked = {"requestId": "r", "commandId": command_id, "sessionId": "s", "name": "Say"}
    return ask("command", **asked, payload=payload)
