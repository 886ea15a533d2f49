"""protoc-gen-sessionstream: a request on stdin, a response on stdout.

What is wrong with a .proto file travels in the response, as the protocol
demands (google/protobuf/compiler/plugin.proto); the exit status is 1 only
where there is no response to give.
"""

from __future__ import annotations

import sys
import traceback

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.message import DecodeError

_USAGE = """\
protoc-gen-sessionstream is a plugin: protoc and buf run it.

    protoc -I "$(sessionstream proto-path)" -I . --sessionstream_out=. chat/v1/chat.proto
"""


def main() -> int:
    """Runs the plugin once; returns the exit status."""
    if len(sys.argv) > 1 or sys.stdin.isatty():
        sys.stderr.write(_USAGE)
        return 0 if {"-h", "--help"} & set(sys.argv) else 1
    try:
        sys.stdout.buffer.write(_answer(sys.stdin.buffer.read()))
        sys.stdout.buffer.flush()
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"protoc-gen-sessionstream needs {error.name}; "
            'install it with: pip install "sessionstream[codegen]"\n'
        )
        return 1
    except Exception as error:  # a defect; protoc shows the line, a traceback would hide it
        frame = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        reason = " ".join(str(error).split())
        sys.stderr.write(
            f"protoc-gen-sessionstream: internal error: {type(error).__name__}: {reason} ({at}); "
            "this is a bug, please report it with the .proto file\n"
        )
        return 1
    return 0


def _answer(data: bytes) -> bytes:
    # Here, so that a missing extra is one line on stderr.
    from sessionstream_codegen.generate import UNREADABLE, generate, respond

    try:
        response = generate(CodeGeneratorRequest.FromString(data))
    except DecodeError:
        response = respond([UNREADABLE])
    return response.SerializeToString(deterministic=True)
