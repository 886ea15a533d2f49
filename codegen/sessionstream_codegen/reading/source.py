"""Where things stand in a .proto file, and the comments above them.

protoc and buf describe a file's source as a list of locations, each under the
path of field numbers that leads to an element of the FileDescriptorProto
(google/protobuf/descriptor.proto, SourceCodeInfo).

They agree on lines. Within options they do not agree on columns, nor on how
much they describe, so an option stands where its statement begins: they agree
on that. What remains are columns behind a tab, which for protoc goes to the
next multiple of eight and for buf of four, and behind a letter that is not
ASCII, for which protoc counts bytes. The text is not in the request, so
neither can be put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo

from sessionstream_codegen.model import Position
from sessionstream_codegen.options import EXTENSION_NUMBER
from sessionstream_codegen.reading.comments import clean

_LICENSE = re.compile(r"\b(copyright|licen[cs]e|SPDX)\b", re.IGNORECASE)

Path = tuple[int, ...]
"""Field numbers and indexes that lead from the file to an element."""


Start = tuple[int, int]


class Source:
    """The locations of one file. A file without them answers 1:1 and no comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._path = file.name
        self._locations: dict[Path, list[SourceCodeInfo.Location]] = {}
        self._set: dict[Path, list[Path]] = {}
        for location in file.source_code_info.location:
            path = tuple(location.path)
            self._locations.setdefault(path, []).append(location)
            if EXTENSION_NUMBER in path:
                options = path[: path.index(EXTENSION_NUMBER)]
                self._set.setdefault(options, []).append(path)

    def position(self, *paths: Path) -> Position:
        """Returns the position of the first of these paths that has one."""
        starts = (start for path in paths for start in self._starts(path))
        return Position(self._path, *next(starts, (1, 1)))

    def option(self, options: Path, part: Path = ()) -> Position | None:
        """Returns where the first statement begins that sets a part of our option.

        ``options`` is the path of the element's options, and ``part`` goes on
        from our option. A statement may set the part, something within it, or
        what the part is within. None where the source tells nothing of it.
        """
        wanted = (*options, EXTENSION_NUMBER, *part)
        starts = [
            start
            for path in self._set.get(options, ())
            if path == wanted[: len(path)] or wanted == path[: len(wanted)]
            for start in self._starts(path)
        ]
        if not starts:
            return None
        first = min(starts)
        # A statement stands under the path of the options as a whole.
        statements = [start for start in self._starts(options) if start <= first]
        return Position(self._path, *max(statements, default=first))

    def comment(self, path: Path) -> str:
        """Returns the comment above an element: clean lines, without tools' directives."""
        found = self._locations.get(path)
        return clean(_text(found[0].leading_comments)) if found else ""

    def comment_beside(self, path: Path) -> str:
        """Returns the comment above an element of one line, or else the one behind it."""
        found = self._locations.get(path)
        return self.comment(path) or (clean(_text(found[0].trailing_comments)) if found else "")

    def garbled_comments(self) -> Iterator[tuple[Position, str]]:
        """Yields the comments that are not UTF-8, in no order: what each stands at, and its text.

        protoc takes them in any encoding; what can't be read of one is U+FFFD.
        """
        for path, locations in self._locations.items():
            for location in locations:
                for comment in (location.leading_comments, location.trailing_comments):
                    if _is_garbled(comment):
                        yield self.position(path), _text(comment)

    def header(self) -> str:
        """Returns the comment above the file's syntax line, unless it is a license."""
        comment = self.comment((FileDescriptorProto.SYNTAX_FIELD_NUMBER,)) or self.comment(
            (FileDescriptorProto.EDITION_FIELD_NUMBER,)
        )
        return "" if _LICENSE.search(comment) else comment

    def _starts(self, path: Path) -> list[Start]:
        spans = (location.span[:2] for location in self._locations.get(path, ()))
        return [
            (max(line, 0) + 1, max(column, 0) + 1)
            for line, column in (span for span in spans if len(span) == 2)
        ]


def _is_garbled(comment: str | bytes) -> bool:
    return not isinstance(comment, str)


def _text(comment: str | bytes) -> str:
    """Returns a comment; protoc takes them in any encoding, and protobuf gives bytes then."""
    return comment if isinstance(comment, str) else comment.decode(errors="replace")
