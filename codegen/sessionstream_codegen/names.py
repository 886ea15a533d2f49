"""Names: from .proto spelling to Python spelling, and what Python has taken.

Everything here is a pure function of strings.
"""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

_BOUNDARIES = (re.compile(r"([a-z0-9])([A-Z])"), re.compile(r"([A-Z])([A-Z][a-z])"))
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_WIRE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]*")
# Hardly told from digits, as PEP 8 says; linters refuse them.
_AMBIGUOUS = frozenset({"l", "O", "I"})
_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


def snake(name: str) -> str:
    """Returns the name in snake_case: ``HTTPServerV2`` gives ``http_server_v2``.

    Empty where the name holds no letter and no digit.
    """
    for boundary in _BOUNDARIES:
        name = boundary.sub(r"\1_\2", name)
    return "_".join(part for part in _SEPARATORS.split(name) if part).lower()


def camel(name: str) -> str:
    """Returns the name in CamelCase: ``chat-demo.v1`` gives ``ChatDemoV1``.

    Capitals inside a word stay: ``HTTPServer`` is ``HTTPServer``.
    """
    return "".join(part[0].upper() + part[1:] for part in _SEPARATORS.split(name) if part)


def constant(name: str) -> str:
    """Returns the name in UPPER_SNAKE_CASE."""
    return snake(name).upper()


def is_wire_name(name: str) -> bool:
    """Says whether a command, event, UI event or entity may have this name."""
    return _WIRE_NAME.fullmatch(name) is not None


def is_class_name(name: str) -> bool:
    """Says whether this is CamelCase that Python accepts as the name of a class."""
    return _CLASS_NAME.fullmatch(name) is not None and not keyword.iskeyword(name)


def is_identifier(name: str) -> bool:
    """Says whether Python accepts this as a name."""
    return name.isidentifier() and not keyword.iskeyword(name)


def free(name: str, taken: frozenset[str]) -> str:
    """Returns the name, with a trailing underscore where Python or ``taken`` has it.

    And where it is one of the letters that linters refuse: l, O and I.
    """
    return f"{name}_" if keyword.iskeyword(name) or name in taken | _AMBIGUOUS else name


def tell_apart(
    candidates: Mapping[str, Sequence[str]], spelled: Callable[[str], str] = str
) -> dict[str, str]:
    """Returns a name for each key: the first of its candidates that no other key is left with.

    Keys whose names are ``spelled`` alike all go on to their next one, so that
    their order changes nothing. Those that have none left share the last.
    """
    left = {key: list(found) for key, found in candidates.items()}
    while True:
        sharing = defaultdict(list)
        for key, found in left.items():
            sharing[spelled(found[0])].append(key)
        longer = [
            key for keys in sharing.values() for key in keys if len(keys) > 1 and len(left[key]) > 1
        ]
        if not longer:
            return {key: found[0] for key, found in left.items()}
        for key in longer:
            del left[key][0]


def stem(path: str) -> str:
    """Returns the file's name without folders and extension."""
    return without_extension(path).rsplit("/", 1)[-1]


def module(path: str, suffix: str) -> str:
    """Returns the dotted Python module of a .proto file, as protoc names it.

    ``chat-demo/v1/chat.proto`` with ``_pb2`` gives ``chat_demo.v1.chat_pb2``.
    """
    return without_extension(path).replace("-", "_").replace("/", ".") + suffix


def module_path(path: str, suffix: str) -> str:
    """Returns the path of that module, as protoc writes it."""
    return module(path, suffix).replace(".", "/") + ".py"


def without_extension(path: str) -> str:
    """Returns the path without the extension of a .proto file."""
    for extension in (".protodevel", ".proto"):
        if path.endswith(extension):
            return path[: -len(extension)]
    return path
