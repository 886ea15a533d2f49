"""The .proto files that ship: the original's frames, the annotations, and where they lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor

from sessionstream.protos import include_dir
from sessionstream.v1 import options_pb2, transport_pb2

STRING = FieldDescriptor.TYPE_STRING
UINT64 = FieldDescriptor.TYPE_UINT64
BOOL = FieldDescriptor.TYPE_BOOL

# The original's schema: name of the message, then number, name and type of each field.
ORIGINAL_FRAMES: dict[str, dict[int, tuple[str, int | str]]] = {
    "ClientFrame": {
        1: ("subscribe", "SubscribeRequest"),
        2: ("unsubscribe", "UnsubscribeRequest"),
        3: ("ping", "PingFrame"),
        4: ("pong", "PongFrame"),
    },
    "ServerFrame": {
        1: ("hello", "HelloFrame"),
        2: ("snapshot", "SnapshotFrame"),
        3: ("subscribed", "SubscribedFrame"),
        4: ("unsubscribed", "UnsubscribedFrame"),
        5: ("ui_event", "UiEventFrame"),
        6: ("error", "ErrorFrame"),
        7: ("ping", "PingFrame"),
        8: ("pong", "PongFrame"),
    },
    "HelloFrame": {1: ("connection_id", STRING)},
    "SubscribeRequest": {1: ("session_id", STRING), 2: ("since_snapshot_ordinal", UINT64)},
    "SubscribedFrame": {1: ("session_id", STRING), 2: ("since_snapshot_ordinal", UINT64)},
    "UnsubscribeRequest": {1: ("session_id", STRING)},
    "UnsubscribedFrame": {1: ("session_id", STRING)},
    "SnapshotFrame": {
        1: ("session_id", STRING),
        2: ("snapshot_ordinal", UINT64),
        3: ("entities", "SnapshotEntity"),
    },
    "SnapshotEntity": {
        1: ("kind", STRING),
        2: ("id", STRING),
        3: ("created_ordinal", UINT64),
        4: ("last_event_ordinal", UINT64),
        5: ("tombstone", BOOL),
        6: ("payload", "Any"),
    },
    "UiEventFrame": {
        1: ("session_id", STRING),
        2: ("event_ordinal", UINT64),
        3: ("name", STRING),
        4: ("payload", "Any"),
    },
    "ErrorFrame": {
        1: ("code", STRING),
        2: ("message", STRING),
        3: ("session_id", STRING),
        4: ("detail", STRING),
    },
    "PingFrame": {1: ("nonce", STRING)},
    "PongFrame": {1: ("nonce", STRING)},
}


def fields_of(message: Descriptor) -> dict[int, tuple[str, int | str]]:
    return {
        field.number: (
            field.name,
            field.message_type.name if field.message_type else field.type,
        )
        for field in message.fields
    }


class TestTransportFrames:
    file: FileDescriptor = transport_pb2.DESCRIPTOR

    def test_the_originals_messages_are_there(self) -> None:
        assert set(self.file.message_types_by_name) >= set(ORIGINAL_FRAMES)

    @pytest.mark.parametrize("name", ORIGINAL_FRAMES)
    def test_fields_below_100_have_the_originals_numbers_names_and_types(self, name: str) -> None:
        fields = fields_of(self.file.message_types_by_name[name])
        original = {number: field for number, field in fields.items() if number < 100}
        assert original == ORIGINAL_FRAMES[name]

    def test_of_those_only_the_entities_of_a_snapshot_repeat(self) -> None:
        repeated = [
            field.full_name
            for message in self.file.message_types_by_name.values()
            for field in message.fields
            if field.is_repeated and field.number < 100
        ]
        assert repeated == ["sessionstream.v1.SnapshotFrame.entities"]

    @pytest.mark.parametrize("name", ["ClientFrame", "ServerFrame"])
    def test_a_frame_holds_exactly_one_of_its_fields(self, name: str) -> None:
        message = self.file.message_types_by_name[name]
        assert [oneof.name for oneof in message.oneofs] == ["frame"]
        assert len(message.oneofs_by_name["frame"].fields) == len(message.fields)


class TestAnnotations:
    extensions = options_pb2.DESCRIPTOR.extensions_by_name

    def test_every_kind_of_options_has_the_same_extension_number(self) -> None:
        assert {name: extension.number for name, extension in self.extensions.items()} == {
            "file": 51873,
            "message": 51873,
            "field": 51873,
        }

    def test_each_extends_the_options_that_it_is_named_after(self) -> None:
        for name, extension in self.extensions.items():
            assert extension.containing_type is not None
            extended = extension.containing_type.full_name
            assert extended == f"google.protobuf.{name.capitalize()}Options"


class TestIncludeDir:
    def test_it_holds_the_proto_files_that_the_generated_code_comes_from(self) -> None:
        for module in (options_pb2, transport_pb2):
            assert (include_dir() / module.DESCRIPTOR.name).is_file()

    def test_protoc_finds_the_annotations_there(self, tmp_path: Path) -> None:
        (tmp_path / "note.proto").write_text(
            'syntax = "proto3";\n'
            'import "sessionstream/v1/options.proto";\n'
            "message Note { option (sessionstream.v1.message).event = {}; }\n"
        )
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{include_dir()}", f"-I{tmp_path}"]
        command += [f"--descriptor_set_out={tmp_path / 'note.binpb'}", "note.proto"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
