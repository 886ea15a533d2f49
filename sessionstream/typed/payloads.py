"""Payloads whose names can't stand in code."""

from __future__ import annotations

from types import ModuleType
from typing import cast

from google.protobuf.message import Message


def payload(module: ModuleType, *names: str) -> type[Message]:
    """Returns the message class that the names lead to, from its module on.

    Code can't spell ``pb.None``; an attribute may have any name.

    Raises:
        AttributeError: The module was made from another .proto file than its
            user: generate both again.
    """
    found: object = module
    for name in names:
        found = getattr(found, name)
    return cast(type[Message], found)
