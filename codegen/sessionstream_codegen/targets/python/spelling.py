"""How Python spells the names of a .proto file.

Each follows from the message, or the name on the wire, and from the prefix of
its file. Only a nested message makes room for others of its simple name.
"""

from __future__ import annotations

import builtins
import keyword

from google.protobuf.message import Message

from sessionstream_codegen import names
from sessionstream_codegen.model import MessageDecl
from sessionstream_codegen.targets.python.imports import IMPORTABLE

CLASS_SUFFIXES = (
    "Client",
    "Command",
    "Entities",
    "Entity",
    "Event",
    "Handlers",
    "Publisher",
    "TimelineProjection",
    "TimelineProjectionPartial",
    "TimelineView",
    "UI",
    "UIEvent",
    "UIProjection",
    "UIProjectionPartial",
)
"""Of the module's own classes; the prefix stands before."""

# Of every Python that is supported, whichever runs the plugin.
_BUILTINS = frozenset({*dir(builtins), "PythonFinalizationError"})
# Every message class has them: a message of such a name in another can't be reached.
_MESSAGE_MEMBERS = frozenset(dir(Message))


def words(message: MessageDecl) -> str:
    """Returns a message's simple name in snake_case.

    Where a file has several ``Created`` with a role, or where the name alone
    gives none, that of ``Order.Created`` is ``order_created``.
    """
    simple = names.snake(message.name)
    if simple.isidentifier() and not message.homonym:
        return simple
    return "_".join(filter(None, map(names.snake, message.scope)))


def message_constant(message: MessageDecl, file_prefix: str) -> str:
    """Returns the constant of a command, an event or an entity."""
    classes = own_classes(file_prefix)
    return names.free(words(message).upper(), IMPORTABLE.union({"SCHEMAS"}, classes))


def own_classes(file_prefix: str) -> frozenset[str]:
    """Returns the names of the module's own classes, whether it has them all or not."""
    return frozenset(file_prefix + suffix for suffix in CLASS_SUFFIXES)


def ui_class(wire: str, file_prefix: str) -> str:
    """Returns the class of a UI event: ``WarningUI``, where Python has a ``Warning``.

    One in capitals gets the ending too, ``OKUI``: ``OK`` is what the constant
    of a message is called, or may be some day. Where the file's prefix makes
    another class of that name, it is ``OKEventUI``.
    """
    name = names.camel(wire)
    if not (keyword.iskeyword(name) or name in IMPORTABLE | _BUILTINS or name.isupper()):
        return name
    return f"{name}EventUI" if f"{name}UI" in own_classes(file_prefix) else f"{name}UI"


def payload_alias(message: MessageDecl) -> str:
    """Returns the name under which the generated module offers a payload; mostly empty.

    Most payloads are attributes of the protobuf module, and code says so. But
    code can't spell a keyword as an attribute; a name that begins with two
    underscores is another one inside of a class, and one that begins with one
    is private to its module: pyright may be set to report each use.
    """
    if not any(keyword.iskeyword(part) or part.startswith("_") for part in message.scope):
        return ""
    joined = "".join(map(names.camel, message.scope))
    return f"{joined}Payload" if joined.isidentifier() else f"Payload{joined}"


def unnameable(message: MessageDecl) -> str:
    """Says why Python code can't name a message; empty if it can."""
    for depth, part in enumerate(message.scope):
        if part.startswith("__") and part.endswith("__"):
            return f'"{part}" is a name of Python\'s own'
        if part == "DESCRIPTOR" or (depth and part in _MESSAGE_MEMBERS):
            return f'"{part}" is a name of protobuf\'s own'
    if not words(message).isidentifier():
        return f'"{message.name}" has no letter to begin with'
    return ""
