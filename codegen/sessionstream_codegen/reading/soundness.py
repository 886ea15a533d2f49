"""What every request of a compiler keeps to, and the plugin relies on.

protoc and buf see to it; a request that was made or changed by another tool
is refused here, so that nothing is generated from half of a schema.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from sessionstream_codegen.diagnostics import Diagnostic, quoted
from sessionstream_codegen.model import Position
from sessionstream_codegen.reading.source import Source
from sessionstream_codegen.reading.texts import walk_texts
from sessionstream_codegen.reading.walking import walk_messages

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEPENDENCY = FileDescriptorProto.DEPENDENCY_FIELD_NUMBER
_REMEDY = "use the request that protoc or buf makes"

UNREADABLE = Diagnostic(
    None,
    "SS005",
    "what came in can't be read: it is no request, or holds messages in one another beyond what "
    f"protobuf reads; {_REMEDY}",
)


def check_texts(request: CodeGeneratorRequest) -> list[Diagnostic]:
    """SS005: returns what is not UTF-8, and paths that are not of one line."""
    return [*_garbled(request)]


def check_request(request: CodeGeneratorRequest) -> list[Diagnostic]:
    """SS005: returns what keeps a request from being read whose texts are sound."""
    return [*_files(request), *_contents(request)]


def _refused(position: Position | None, what: str) -> Diagnostic:
    return Diagnostic(position, "SS005", f"{what}; {_REMEDY}")


def _garbled(request: CodeGeneratorRequest) -> Iterator[Diagnostic]:
    """Yields what is not UTF-8, and names of files that are no text of one line."""
    parameter: str | bytes = request.parameter
    if not isinstance(parameter, str):
        yield _refused(None, f"{_shown(parameter)} is no parameter: it is not UTF-8")
    texts: Iterable[str | bytes] = (
        *request.file_to_generate,
        *(file.name for file in request.proto_file),
        *(path for file in request.proto_file for path in file.dependency),
        *(file.name for file in request.source_file_descriptors),
    )
    for text in texts:
        if not isinstance(text, str) or not text.isprintable():
            yield _refused(None, f"{_shown(text)} is no file's path")
    for file in (*request.proto_file, *request.source_file_descriptors):
        if isinstance(file.name, str):
            yield from _garbled_within(file)


def _garbled_within(file: FileDescriptorProto) -> Iterator[Diagnostic]:
    for path, text in walk_texts(file):
        if not isinstance(text, str):
            around = (path[:end] for end in range(len(path), 0, -1))
            place = Source(file).position(*around)
            yield _refused(place, f"{_shown(text)} is not UTF-8")


def _files(request: CodeGeneratorRequest) -> Iterator[Diagnostic]:
    count = Counter(file.name for file in request.proto_file)
    for path, times in count.items():
        if times > 1:
            yield _refused(Position(path), f"the request holds {path} {times} times")
    for path in dict.fromkeys(request.file_to_generate):
        if path not in count:
            yield _refused(None, f"the request asks for {path}, but does not hold it")
    for file in request.proto_file:
        for index, path in enumerate(file.dependency):
            if path not in count:
                position = Source(file).position((_DEPENDENCY, index))
                yield _refused(position, f"the request does not hold {path}, which is imported")
    try:
        imports = {file.name: sorted(file.dependency) for file in request.proto_file}
        # Sorted: which circle is told does not depend on the order of the request.
        TopologicalSorter(dict(sorted(imports.items()))).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        yield _refused(Position(circle[0]), f"files import each other: {' imports '.join(circle)}")


def _contents(request: CodeGeneratorRequest) -> Iterator[Diagnostic]:
    for file in (*request.proto_file, *request.source_file_descriptors):
        position = Position(file.name)
        if file.package and not all(map(_is_name, file.package.split("."))):
            yield _refused(position, f"{quoted(file.package)} can't be a package")
        if any(index not in range(len(file.dependency)) for index in file.public_dependency):
            yield _refused(position, f"{file.name} makes an import public that it does not have")
        for message, path, scope in walk_messages(file):
            reason = _unsound(message)
            if reason:
                place = Source(file).position((*path, DescriptorProto.NAME_FIELD_NUMBER), path)
                shown = quoted(".".join(scope))
                yield _refused(place, f"the message {shown} can't be read: {reason}")


def _unsound(message: DescriptorProto) -> str:
    if not _is_name(message.name):
        return "its name is none"
    for field in message.field:
        if not _is_name(field.name):
            return f"{quoted(field.name)} can't be a field"
        if field.HasField("oneof_index") and field.oneof_index not in range(
            len(message.oneof_decl)
        ):
            return f"the field {field.name} is in a oneof that is not there"
    return ""


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _shown(text: str | bytes) -> str:
    return quoted(text if isinstance(text, str) else text.decode(errors="replace"))
