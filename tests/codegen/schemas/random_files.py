"""A file of any syntax, with messages in messages, roles, extensions and a source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    Edition,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
    SourceCodeInfo,
)
from hypothesis import strategies as st
from sessionstream_codegen.reading.walking import walk_messages

from sessionstream.v1 import options_pb2
from tests.codegen.schemas.random_messages import SCALARS, TAKEN, Types, add_enum, fill

# Surrogates are no text that protobuf could hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)

_SYNTAXES = ["", "proto2", "proto3", "proto3", "editions"]
_PACKAGES = ["", "acme.v1", "acme.class.v1"]
_EDITIONS = [Edition.EDITION_2023, Edition.EDITION_2024]
_WORDS = ["Chat", "chat", "HTTP", "V2", "Publish", "Typed", "None", "ABC", "UI", "Event", "_", "9"]
_TAME_NAMES = st.one_of(
    st.from_regex(r"([A-Z][a-z]{1,7}){1,6}", fullmatch=True), st.sampled_from(TAKEN)
)
_NAMES = st.one_of(
    _TAME_NAMES,
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,40}", fullmatch=True),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda name: not name[0].isdigit()),
)
_TAME_WIRE_NAMES = st.from_regex(r"[a-z]{3,9}([.:/-][a-z]{3,9}){0,3}", fullmatch=True)
_WIRE_NAMES = st.one_of(_NAMES, TEXTS)
_ROLES = ["command", "event", "ui_event", "entity"]
_TAME_ROLES = [[], *([role] for role in _ROLES), ["event", "ui_event"]]
_KEYS = [FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_UINT64]
_OPTIONAL = FieldDescriptorProto.LABEL_OPTIONAL
_NUMBERS = st.integers(-(2**31), 2**31 - 1)
# Bytes of options: ours in another form, ours with a field that is not known, another's.
_ODD_OPTIONS = [b"\x88\xaa\x19\x01", b"\x8a\xaa\x19\x02\x48\x01", b"\x48\x01"]


@st.composite
def files(
    draw: st.DrawFn, path: str, earlier: Sequence[FileDescriptorProto], *, wild: bool
) -> FileDescriptorProto:
    """A file that may import earlier ones and use their types."""
    file = FileDescriptorProto(name=path)
    syntax, package = draw(st.sampled_from(_SYNTAXES)), draw(st.sampled_from(_PACKAGES))
    # The compilers leave out what is not written: proto2 may be.
    if syntax:
        file.syntax = syntax
    if package:
        file.package = package
    if file.syntax == "editions":
        file.edition = draw(st.sampled_from(_EDITIONS))
        if draw(st.booleans()):
            file.options.features.field_presence = FeatureSet.IMPLICIT
    _import(draw, file, earlier)
    _declare(draw, file, {name for one in earlier for name in _full_names(one)}, wild=wild)
    imported = [one for one in earlier if one.name in file.dependency]
    types = Types(
        syntax=file.syntax or "proto2",
        messages=[name for one in (*imported, file) for name in _full_names(one)],
        enums=[f".{file.package}.{enum.name}".replace("..", ".") for enum in file.enum_type],
    )
    for message, _, scope in list(walk_messages(file)):
        _annotate(draw, message, wild=wild)
        fill(draw, message, "." + ".".join(filter(None, (file.package, *scope))), types)
    if wild:
        _run_wild(draw, file)
    elif not any(_options(message).HasField("ui_event") for message in file.message_type):
        _let_all_be_stored(file)
    if draw(st.booleans()):
        _add_source(draw, file, wild=wild)
    return file


def _import(
    draw: st.DrawFn, file: FileDescriptorProto, earlier: Sequence[FileDescriptorProto]
) -> None:
    for one in earlier:
        if draw(st.booleans()):
            file.dependency.append(one.name)
            if draw(st.booleans()):
                file.public_dependency.append(len(file.dependency) - 1)


def _declare(draw: st.DrawFn, file: FileDescriptorProto, taken: set[str], *, wild: bool) -> None:
    """Adds empty messages, some in others, under names that the package has free."""
    names = _NAMES if wild else _TAME_NAMES
    root = f".{file.package}.".replace("..", ".")
    for name in draw(st.lists(names, max_size=5, unique=True)):
        if root + name not in taken:
            message = file.message_type.add(name=name)
            for inner in draw(st.lists(names, max_size=1)):
                message.nested_type.add(name=inner)
    if draw(st.booleans()):
        # No other has this name: messages begin with one capital, or have none.
        add_enum(draw, f"EN{len(taken)}_{file.name[0]}{len(file.name)}", file.enum_type.add())


def _full_names(file: FileDescriptorProto) -> Iterator[str]:
    for message, _, scope in walk_messages(file):
        if not message.options.map_entry:
            yield "." + ".".join(filter(None, (file.package, *scope)))


def _options(message: DescriptorProto) -> options_pb2.MessageOptions:
    return message.options.Extensions[options_pb2.message]


def _annotate(draw: st.DrawFn, message: DescriptorProto, *, wild: bool) -> None:
    """Gives the message a role, or none; in wild ones several, under any names."""
    wire_name = _WIRE_NAMES if wild else _TAME_WIRE_NAMES
    wire_names = st.lists(wire_name, max_size=2, unique=True)
    several = st.lists(st.sampled_from(_ROLES), max_size=4)
    roles = draw(several if wild else st.sampled_from(_TAME_ROLES))
    if not roles:
        return
    options = _options(message)
    if "command" in roles:
        options.command.aliases.extend(draw(wire_names))
        options.command.idempotent = draw(st.booleans())
    if "event" in roles:
        options.event.name = draw(st.one_of(st.just(""), wire_name))
        options.event.aliases.extend(draw(wire_names))
        options.event.ephemeral = draw(st.booleans())
    if "ui_event" in roles:
        options.ui_event.names.extend(draw(wire_names))
    if "entity" in roles:
        options.entity.kind = draw(wire_name)
    if "entity" in roles or (wild and draw(st.booleans())):
        of_type = draw(st.sampled_from(SCALARS if wild else _KEYS))
        key = message.field.add(name="id", number=1, type=of_type, label=_OPTIONAL)
        key.options.Extensions[options_pb2.field].key = True


def _let_all_be_stored(file: FileDescriptorProto) -> None:
    for message, _, _ in walk_messages(file):
        if _options(message).event.ephemeral:
            _options(message).event.ephemeral = False


def _run_wild(draw: st.DrawFn, file: FileDescriptorProto) -> None:
    """Adds what hardly anyone writes."""
    if draw(st.booleans()):
        file.options.Extensions[options_pb2.file].name = draw(_WIRE_NAMES)
    if draw(st.booleans()):
        number = draw(st.sampled_from([options_pb2.MESSAGE_FIELD_NUMBER, 1000]))
        extendee = draw(st.sampled_from([".google.protobuf.MessageOptions", ".acme.v1.None"]))
        extension = file.extension.add(name="extra", number=number, extendee=extendee)
        extension.options.Extensions[options_pb2.field].key = draw(st.booleans())
    walked = [message for message, _, _ in walk_messages(file)]
    for message in walked[:1]:
        if draw(st.booleans()):
            message.options.MergeFromString(draw(st.sampled_from(_ODD_OPTIONS)))
    for message in walked[-1:]:
        if draw(st.booleans()):
            # It may be the entry of a map.
            _options(message).event.SetInParent()


def _add_source(draw: st.DrawFn, file: FileDescriptorProto, *, wild: bool) -> None:
    """Places messages, their names and their options, with comments; wild ones anywhere."""
    locations = file.source_code_info.location
    locations.add(path=[12], span=[0, 0, 18], leading_comments=draw(TEXTS))
    for line, (_, path, _) in enumerate(list(walk_messages(file))):
        locations.add(path=path, span=[line, 0, 1], leading_comments=draw(TEXTS))
        locations.add(path=[*path, 1], span=[line, 8, 12])
        option = [*path, 7, options_pb2.MESSAGE_FIELD_NUMBER, draw(st.integers(1, 4))]
        locations.add(path=option, span=[line, 20, line + 1, 1])
    if wild:
        for location in locations:
            if draw(st.booleans()):
                location.span[:] = draw(st.lists(_NUMBERS, max_size=5))
        paths = st.lists(st.one_of(st.integers(0, 12), _NUMBERS), max_size=6)
        stray = st.builds(SourceCodeInfo.Location, path=paths, span=st.lists(_NUMBERS, max_size=5))
        locations.extend(draw(st.lists(stray, max_size=3)))
