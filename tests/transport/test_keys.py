"""Which ephemeral UI events replace each other."""

from __future__ import annotations

import json

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import UIEvent
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.keys import key_of
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import SharedBatch
from sessionstream.transport.subscriptions import Subscriptions
from sessionstream.types import UIBatch
from tests.codegen.compiling import descriptors

PROTO = """\
syntax = "proto3";
package keys.v1;
import "sessionstream/v1/options.proto";
message Typing {
  option (sessionstream.v1.message).ui_event = {};
  string text = 1;
  string person = 2 [(sessionstream.v1.field).key = true];
}
message Progress {
  option (sessionstream.v1.message).ui_event = {};
  uint64 step = 3 [(sessionstream.v1.field).key = true];
}
"""


@pytest.fixture(scope="module")
def types() -> dict[str, type[Message]]:
    pool = DescriptorPool()
    for file in descriptors({"keys.proto": PROTO}).file:
        pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"keys.v1.{name}"))
        for name in ("Typing", "Progress")
    }


class TestKeys:
    def test_one_is_the_name_and_what_the_marked_field_holds(
        self, types: dict[str, type[Message]]
    ) -> None:
        typing = types["Typing"](person="ann", text="hi")
        progress = types["Progress"](step=2**64 - 1)
        assert key_of(UIEvent(name="Types", payload=typing)) == ("Types", "ann")
        assert key_of(UIEvent(name="Steps", payload=progress)) == ("Steps", 2**64 - 1)

    def test_without_a_marked_field_it_is_the_name(self) -> None:
        assert key_of(UIEvent(name="Says", payload=StringValue(value="x"))) == ("Says", "")


async def test_in_a_full_queue_the_latest_of_each_key_is_sent(
    types: dict[str, type[Message]],
) -> None:
    subscriptions = Subscriptions(V2_JSON, TransportSettings())
    queue = Outbox(TransportSettings(max_queued_frames=2))
    for person, text in (("ann", "a"), ("bob", "b"), ("ann", "ab"), ("bob", "bc")):
        payload = types["Typing"](person=person, text=text)
        event = UIEvent(name="Types", payload=payload)
        batch = UIBatch(session_id="s", epoch="e", ordinal=0, previous_ordinal=0, events=(event,))
        assert queue.put(subscriptions.delivery(SharedBatch(batch), 0)) == []
    sent = [message for _ in range(2) for message in (await queue.get()).messages]
    payloads = [json.loads(each)["uiEvent"]["payload"] for each in sent]
    assert [(each["person"], each["text"]) for each in payloads] == [("ann", "ab"), ("bob", "bc")]
