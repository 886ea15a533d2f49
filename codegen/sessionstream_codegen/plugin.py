"""protoc-gen-sessionstream: a request on stdin, a response on stdout.

What is wrong with a .proto file travels in the response, as the protocol
demands (google/protobuf/compiler/plugin.proto); the exit status is 1 only
where there is no response to give.
"""

from __future__ import annotations

import sys
import traceback

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
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
        answer, warnings = _answer(sys.stdin.buffer.read())
        if warnings:
            sys.stderr.write(f"{warnings}\n")
        sys.stdout.buffer.write(answer)
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


def _answer(data: bytes) -> tuple[bytes, str]:
    # Before our options are known: one that can't be read is told with its place.
    try:
        request = CodeGeneratorRequest.FromString(data)
    except (DecodeError, UnicodeDecodeError) as error:
        return _written(_refusal(error)), ""
    # Here, so that a missing extra is one line on stderr.
    from sessionstream_codegen.generate import process

    outcome = process(request)
    return _written(outcome.response), outcome.warnings


def _refusal(error: DecodeError | UnicodeDecodeError) -> CodeGeneratorResponse:
    # Here for the same reason.
    from sessionstream_codegen.generate import respond
    from sessionstream_codegen.reading.soundness import UNREADABLE
    from sessionstream_codegen.rules.encoding import not_utf8

    if isinstance(error, UnicodeDecodeError):
        return respond([not_utf8(error.object)])
    return respond([UNREADABLE])


def _written(response: CodeGeneratorResponse) -> bytes:
    if response.error:
        # Both compilers put the plugin's name in front; tools look for a path at a line's start.
        response.error = f"\n{response.error}"
    return response.SerializeToString(deterministic=True)
