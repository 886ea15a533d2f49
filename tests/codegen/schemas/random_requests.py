"""Requests with anything in them: tame ones, mostly in order, and wild ones."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import strategies as st
from sessionstream_codegen.generate import TARGETS

from tests.codegen.schemas.random_files import TEXTS, files

TAME_PATHS = [
    "acme/v1/chat.proto",
    "acme/v1/with-dash.proto",
    "acme/class/v2/names.proto",
    "other/chat.proto",
    "alone.proto",
]
PATHS = [
    *TAME_PATHS,
    "2fa/if.proto",
    "_.proto",
    "None/__init__.proto",
    "os/path.proto",
    "é.proto",
    "acme/v1/with_dash.proto",
    "alone_sessionstream/chat.proto",
]

_PARAMETERS = st.lists(
    st.one_of(
        st.sampled_from([f"target={target}" for target in TARGETS]),
        st.sampled_from(["app=desk", "app=acme/desk", "app=os/desk", "version=false", ""]),
    ),
    max_size=2,
    unique_by=lambda item: item.partition("=")[0],
).map(",".join)


@st.composite
def requests(draw: st.DrawFn) -> CodeGeneratorRequest:
    """Files that import one another, and what is asked for; a wild one is like no compiler's."""
    wild = draw(st.booleans())
    request = draw(_files_to_generate(wild=wild))
    request.parameter = draw(st.one_of(_PARAMETERS, TEXTS) if wild else _PARAMETERS)
    if wild and draw(st.booleans()):
        _break(draw, request)
    return request


@st.composite
def tame_requests(draw: st.DrawFn) -> CodeGeneratorRequest:
    """Files whose messages mostly have roles as they should be, all of them asked for."""
    return draw(_files_to_generate(wild=False))


def shuffled(request: CodeGeneratorRequest, order: random.Random) -> CodeGeneratorRequest:
    """Returns the request with its files in another order, and asked for in another order."""
    found = copy.deepcopy(request)
    protos, paths = list(request.proto_file), list(request.file_to_generate)
    order.shuffle(protos)
    order.shuffle(paths)
    del found.proto_file[:]
    found.proto_file.extend(protos)
    found.file_to_generate[:] = paths
    return found


@st.composite
def _files_to_generate(draw: st.DrawFn, *, wild: bool) -> CodeGeneratorRequest:
    known = st.sampled_from(PATHS if wild else TAME_PATHS)
    paths = draw(st.lists(known, min_size=1, max_size=3, unique=True))
    found: list[FileDescriptorProto] = []
    for path in paths:
        found.append(draw(files(path, tuple(found), wild=wild)))
    asked = paths
    if wild:
        asked = draw(st.lists(st.sampled_from([*paths, *paths, "missing.proto"]), max_size=4))
    request = CodeGeneratorRequest(file_to_generate=asked, proto_file=found)
    if draw(st.booleans()):
        # As protoc does, buf too.
        request.source_file_descriptors.extend(file for file in found if file.name in asked)
    return request


def _break(draw: st.DrawFn, request: CodeGeneratorRequest) -> None:
    """Does to a request what no compiler does."""
    file = draw(st.sampled_from(list(request.proto_file)))
    messages = list(file.message_type)
    harm = draw(st.sampled_from(["import", "public", "twice", "gone", "name", "syntax", "oneof"]))
    if harm == "import":
        paths: Sequence[str] = [*(one.name for one in request.proto_file), "missing.proto", ""]
        file.dependency.append(draw(st.sampled_from(paths)))
    elif harm == "public":
        file.public_dependency.append(draw(st.integers(-(2**31), 2**31 - 1)))
    elif harm == "twice":
        request.proto_file.append(file)
    elif harm == "gone":
        request.proto_file.remove(file)
    elif harm == "syntax":
        file.syntax = draw(TEXTS)
    elif harm == "name" and messages:
        draw(st.sampled_from(messages)).name = draw(TEXTS)
    elif messages:
        field = draw(st.sampled_from(messages)).field.add(name=draw(TEXTS))
        field.oneof_index = draw(st.integers(-(2**31), 2**31 - 1))
