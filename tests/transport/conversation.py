"""Drives a protocol with short words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Snapshot, UIEvent, UnknownNameError
from sessionstream.transport.access import ANONYMOUS, Principal
from sessionstream.transport.actions import (
    Action,
    Answer,
    Authenticate,
    Authorize,
    Close,
    Deliver,
    Leave,
    Load,
    Run,
)
from sessionstream.transport.dialects import V1_JSON, Dialect
from sessionstream.transport.protocol import Client, ServerProtocol
from sessionstream.transport.readings import Opened
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import SharedBatch, SharedSnapshot
from sessionstream.types import Position, UIBatch


@dataclass
class Conversation:
    """Drives a protocol with short words and writes down what is to be done, as words."""

    settings: TransportSettings = field(default_factory=TransportSettings)
    dialect: Dialect = V1_JSON
    principal: Principal | None = ANONYMOUS
    loads: list[Load] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = Client(connection_id="c1", dialect=self.dialect, principal=self.principal)
        self.protocol = ServerProtocol(client, self.settings, message_type)
        self.protocol.standing.begin(0.0, None)

    def client(self, message: str, now: float = 0.0) -> list[str]:
        return self.told(self.protocol.receive(message, now))

    def subscribe(self, session_id: str, since: int = 0) -> list[str]:
        request = {"sessionId": session_id, "sinceSnapshotOrdinal": str(since)}
        return self.client(json.dumps({"subscribe": request}))

    def unsubscribe(self, session_id: str) -> list[str]:
        return self.client(json.dumps({"unsubscribe": {"sessionId": session_id}}))

    def command(self, changes: Mapping[str, object] | None = None, now: float = 0.0) -> list[str]:
        payload = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "x"}
        request = {"requestId": "r", "commandId": "c", "sessionId": "s", "name": "Say"}
        asked = {**request, "payload": payload, **(changes or {})}
        return self.client(json.dumps({"command": asked}), now)

    def publish(self, session_id: str, ordinal: int, size: int = 1) -> list[str]:
        event = UIEvent(name="U", payload=StringValue(value="x" * size))
        batch = UIBatch(
            session_id=session_id,
            epoch="e",
            ordinal=ordinal,
            previous_ordinal=max(0, ordinal - 1),
            events=(event,),
        )
        return self.told(self.protocol.subscriptions.deliver(SharedBatch(batch)))

    def loaded(self, load: int, ordinal: int) -> list[str]:
        asked = self.loads[load]
        snapshot = Snapshot(session_id=asked.session_id, snapshot_ordinal=ordinal, entities=())
        position = Position(epoch="e", head=ordinal, shown=ordinal)
        opened = SharedSnapshot(Opened(snapshot=snapshot, position=position))
        return self.told(self.protocol.subscriptions.opened(asked, opened))

    def failed(self, load: int) -> list[str]:
        return self.told(self.protocol.subscriptions.failed(self.loads[load], "StoreError"))

    def told(self, actions: list[Action]) -> list[str]:
        """Everybody may see every session, so that needs no words."""
        words: list[str] = []
        for action in actions:
            if isinstance(action, Authorize):
                words += self.told(self.protocol.subscriptions.authorized(action, True))
            elif isinstance(action, Load):
                self.loads.append(action)
                words.append(f"load {action.session_id}")
            else:
                words += words_of(action)
        return words


def message_type(name: str) -> type[Message]:
    if name != "Say":
        raise UnknownNameError("command", name, ("Say",))
    return StringValue


def words_of(action: Action) -> list[str]:
    match action:
        case Answer() | Deliver():
            return [" ".join(map(_frame, action.frames.messages))]
        case Leave():
            return [f"leave {action.session_id}"]
        case Run():
            return [f"run {action.name} {action.command_id}"]
        case Authenticate():
            return [f"authenticate {action.token}"]
        case Close():
            return [f"close {action.code.value}"]
        case _:
            return []


def _frame(text: str | bytes) -> str:
    (kind, body), *others = json.loads(text).items()
    assert not others
    shown = ("status", "code", "sessionId", "snapshotOrdinal", "eventOrdinal")
    names = (*shown, "sinceSnapshotOrdinal", "nonce", "expiresInMs")
    return " ".join([kind, *(str(body[name]) for name in names if name in body)])
