"""What a generated module says of what its .proto file has marked as deprecated.

In words: the standard library has no ``@deprecated`` before Python 3.13, and
generated code has no dependency besides the runtime.
"""

from __future__ import annotations

from collections.abc import Iterable

from sessionstream_codegen.model import FileDecl, MessageDecl

_PRAGMA = """\
# mypy: disable-error-code="deprecated"
# pyright: reportDeprecated=false
"""


def deprecation_notes(message: MessageDecl) -> list[str]:
    """Returns paragraphs for a docstring: on the message, and on its fields."""
    notes = ["Deprecated: not for new code."] if message.is_deprecated else []
    fields = [f"``{field.name}``" for field in message.fields if field.is_deprecated]
    if fields:
        noun = "field" if len(fields) == 1 else "fields"
        notes.append(f"Deprecated {noun}: {', '.join(fields)}.")
    return notes


def file_note(file: FileDecl) -> list[str]:
    """Returns a paragraph for the docstring of a deprecated file's module, or none."""
    return ["Deprecated: nothing of it is for new code."] if file.is_deprecated else []


def pragma(messages: Iterable[MessageDecl]) -> str:
    """Returns the comments, with their line breaks, that let a module use deprecated messages."""
    # mypy-protobuf's stubs mark these for type checkers, which may be set to report each use.
    used = any(message.is_deprecated for message in messages)
    return _PRAGMA if used else ""
