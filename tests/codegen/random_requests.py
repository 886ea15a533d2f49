"""Requests with any messages in them: tame ones, mostly in order, and wild ones."""

from __future__ import annotations

import itertools

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    SourceCodeInfo,
)
from hypothesis import strategies as st

from sessionstream.v1 import options_pb2

PATHS = ["a.proto", "acme/v1/chat.proto", "acme-v1/timeline.proto", "2fa/if.proto", "_.proto"]
TAME_PATHS = ["acme/v1/chat.proto", "acme/v1/with-dash.proto"]

# Surrogates are no text that protobuf could hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
WORDS = ["Chat", "chat", "HTTP", "V2", "Publish", "Typed", "None", "ABC", "UI", "Event", "_", "9"]
NAMES = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,40}", fullmatch=True),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda name: not name[0].isdigit()),
)
TAME_NAMES = st.from_regex(r"([A-Z][a-z]{1,7}){1,6}", fullmatch=True)
WIRE_NAMES = st.one_of(NAMES, TEXTS)
TAME_WIRE_NAMES = st.from_regex(r"[a-z]{3,9}([.:/-][a-z]{3,9}){0,3}", fullmatch=True)
TYPES = [
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_BOOL,
]
ROLES = ["command", "event", "ui_event", "entity"]


@st.composite
def messages(draw: st.DrawFn, *, wild: bool) -> DescriptorProto:
    """A message with a role; a wild one has any, under any names."""
    name = draw(NAMES if wild else TAME_NAMES)
    wire_name = WIRE_NAMES if wild else TAME_WIRE_NAMES
    wire_names = st.lists(wire_name, max_size=2, unique=True)
    tame_roles = [*([role] for role in ROLES), ["event", "ui_event"]]
    roles = draw(
        st.lists(st.sampled_from(ROLES), max_size=4) if wild else st.sampled_from(tame_roles)
    )
    message = DescriptorProto(name=name)
    options = message.options.Extensions[options_pb2.message]
    if "command" in roles:
        options.command.aliases.extend(draw(wire_names))
    if "event" in roles:
        options.event.aliases.extend(draw(wire_names))
        options.event.ephemeral = draw(st.booleans())
    if "ui_event" in roles:
        options.ui_event.names.extend(draw(wire_names))
    if "entity" in roles:
        options.entity.kind = draw(wire_name)
    if "entity" in roles or (wild and draw(st.booleans())):
        key_type = draw(st.sampled_from(TYPES)) if wild else FieldDescriptorProto.TYPE_STRING
        label = FieldDescriptorProto.LABEL_OPTIONAL
        key = message.field.add(name=draw(NAMES), number=1, type=key_type, label=label)
        key.options.Extensions[options_pb2.field].key = True
    return message


@st.composite
def files(draw: st.DrawFn, path: str, *, wild: bool) -> FileDescriptorProto:
    """A file with comments above its messages."""
    found = st.lists(messages(wild=wild), max_size=5, unique_by=lambda message: message.name)
    file = FileDescriptorProto(
        name=path,
        package=draw(st.sampled_from(["", "acme.v1"])) if wild else path.partition(".")[0],
        syntax="proto3",
        message_type=draw(found),
    )
    if wild and draw(st.booleans()):
        file.options.Extensions[options_pb2.file].name = draw(WIRE_NAMES)
    file.source_code_info.location.extend(
        SourceCodeInfo.Location(path=[4, index], span=[index, 0, 1], leading_comments=draw(TEXTS))
        for index, _ in enumerate(file.message_type)
    )
    return file


@st.composite
def requests(draw: st.DrawFn) -> CodeGeneratorRequest:
    """One file, or two of which the second imports the first."""
    wild = draw(st.booleans())
    known = st.sampled_from(PATHS if wild else TAME_PATHS)
    paths = draw(st.lists(known, min_size=1, max_size=2, unique=True))
    found = [draw(files(path, wild=wild)) for path in paths]
    for earlier, later in itertools.pairwise(found):
        later.dependency.append(earlier.name)
    return CodeGeneratorRequest(file_to_generate=paths, proto_file=found)
