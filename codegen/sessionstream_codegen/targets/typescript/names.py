"""What things are called in TypeScript: methods, and the types that protoc-gen-es writes.

Names depend on the .proto file alone. Nothing is refused: a name that
TypeScript or the generated class has already gets a trailing underscore, and
messages of one name are called after those that they lie in.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, MessageDecl

SUFFIX = "_sessionstream"
MESSAGES = "_pb"

# What every object has, and the method that the generated class has besides its commands.
_TAKEN = frozenset(
    {"constructor", "subscribe", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"}
    | {"toLocaleString", "toString", "valueOf"}
)


def module(path: str, suffix: str) -> str:
    """Returns a module's path without extension: ``a/chat.proto`` gives ``a/chat_pb``."""
    # Of a .protodevel file protoc-gen-es keeps the extension.
    return path.removesuffix(".proto") + suffix


def specifier(module_path: str, importer: str) -> str:
    """Returns how one module is named in another's import.

    With the extension of the JavaScript that it becomes: every way of resolving
    modules finds it then.
    """
    folder = posixpath.dirname(importer) or "."
    found = posixpath.relpath(module_path, folder)
    return f"{found if found.startswith('..') else f'./{found}'}.js"


def json_type(message: MessageDecl, file: FileDecl) -> str:
    """Returns the name that protoc-gen-es gives to the type of a message's JSON.

    Where the file has a message of that name, it appends a dollar sign.
    """
    name = f"{'_'.join(message.scope)}Json"
    return f"{name}$" if name in set(_identifiers(file)) else name


def _identifiers(file: FileDecl) -> Iterator[str]:
    for message in (*file.messages, *file.others):
        yield "_".join(message.scope)
    package = f"{file.package}." if file.package else ""
    for enum in file.enums:
        yield enum.full_name.removeprefix(package).replace(".", "_")


def methods(messages: Sequence[MessageDecl]) -> Mapping[str, str]:
    """Returns a method's name for each message, by its full name."""
    found = names.tell_apart({one.full_name: list(_candidates(one)) for one in messages})
    return {key: f"{name}_" if name in _TAKEN else name for key, name in found.items()}


def _candidates(message: MessageDecl) -> Iterator[str]:
    for words in (message.name, ".".join(message.scope)):
        name = names.camel(names.snake(words))
        if name and not name[0].isdigit():
            yield name[0].lower() + name[1:]
    # No two messages share it, and it is none of the names above: those have no underscore.
    yield f"_{'_'.join(message.scope)}"
