"""protoc-gen-sessionstream: a request on stdin, a response on stdout."""

from __future__ import annotations

import sys

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest

from sessionstream_codegen.generate import generate


def main() -> int:
    """Runs the plugin once; returns the exit status."""
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString(deterministic=True))
    return 0
