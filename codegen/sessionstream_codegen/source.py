"""Where things stand in a .proto file, and the comments above them.

protoc and buf describe a file's source as a list of locations, each under the
path of field numbers that leads to an element of the FileDescriptorProto
(google/protobuf/descriptor.proto, SourceCodeInfo). They agree on lines, not
on every column: tabs are wider for protoc, and buf's options begin behind the
word "option".
"""

from __future__ import annotations

import re

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo

from sessionstream_codegen.model import Position

_DIRECTIVE = re.compile(r"\s*(buf:(lint|breaking):ignore|@ignore-comment)\b")
_LICENSE = re.compile(r"\b(copyright|licen[cs]e|SPDX)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


Path = tuple[int, ...]
"""Field numbers and indexes that lead from the file to an element."""


class Source:
    """The locations of one file. A file without them answers 1:1 and no comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._path = file.name
        self._locations: dict[Path, SourceCodeInfo.Location] = {}
        for location in file.source_code_info.location:
            self._locations.setdefault(tuple(location.path), location)

    def position(self, *paths: Path) -> Position:
        """Returns the position of the first of these paths that has one."""
        for path in paths:
            location = self._locations.get(path)
            if location is not None and len(location.span) >= 2:
                return Position(self._path, location.span[0] + 1, location.span[1] + 1)
        return Position(self._path)

    def comment(self, path: Path) -> str:
        """Returns the comment above an element: clean lines, without tools' directives."""
        location = self._locations.get(path)
        if location is None:
            return ""
        lines = location.leading_comments.expandtabs(4).splitlines()
        kept = [_CONTROL.sub(" ", line).rstrip() for line in lines if not _DIRECTIVE.match(line)]
        indent = min((len(line) - len(line.lstrip()) for line in kept if line), default=0)
        return "\n".join(line[indent:] for line in kept).strip("\n")

    def header(self) -> str:
        """Returns the comment above the file's syntax line, unless it is a license."""
        comment = self.comment((FileDescriptorProto.SYNTAX_FIELD_NUMBER,)) or self.comment(
            (FileDescriptorProto.EDITION_FIELD_NUMBER,)
        )
        return "" if _LICENSE.search(comment) else comment
