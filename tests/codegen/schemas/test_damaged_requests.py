"""Requests of protoc with bits turned over: files that can be read, or diagnostics."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from functools import cache

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.message import DecodeError
from sessionstream_codegen.generate import process

from tests.codegen.compiling import request_for
from tests.codegen.golden_trees import ROOT
from tests.codegen.schemas.diagnostic_lines import DIAGNOSTIC

PROTOS = ("everything/v1/chat.proto", "shapes/v1/shapes.proto", "editions/v1/edition_2024.proto")
DESCRIPTOR = "google/protobuf/descriptor.proto"
TIMES = 100


@cache
def sound(path: str, parameter: str) -> bytes:
    """A request whose bytes are mostly those of the file itself."""
    request = request_for({path: (ROOT / path).read_text("utf-8")}, parameter=parameter)
    for file in request.proto_file:
        if file.name != path:
            file.ClearField("source_code_info")
        if file.name == DESCRIPTOR:
            file.ClearField("message_type")
    return request.SerializeToString(deterministic=True)


def damaged(data: bytes, order: random.Random) -> Iterator[CodeGeneratorRequest]:
    """Yields requests that differ in some bits, where protobuf reads them at all."""
    for _ in range(TIMES):
        changed = bytearray(data)
        for _ in range(order.choice((1, 1, 2, 8, 64))):
            changed[order.randrange(len(changed))] ^= 1 << order.randrange(8)
        try:
            yield CodeGeneratorRequest.FromString(bytes(changed))
        except (DecodeError, UnicodeDecodeError):
            continue


class TestDamagedRequest:
    @pytest.mark.parametrize("parameter", ["app=desk", "target=markdown", "target=lock"])
    @pytest.mark.parametrize("path", PROTOS)
    def test_it_is_generated_from_or_refused(self, path: str, parameter: str) -> None:
        for request in damaged(sound(path, parameter), random.Random(f"{path} {parameter}")):
            outcome = process(request)
            for line in outcome.response.error.splitlines():
                assert DIAGNOSTIC.fullmatch(line), line
            for file in outcome.response.file:
                if file.name.endswith(".py"):
                    ast.parse(file.content, filename=file.name)
