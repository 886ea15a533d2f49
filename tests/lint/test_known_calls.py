"""The names that the rules know of the standard library."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from sessionstream.lint.rules.known_calls import BLOCKING, CLOCK, DEVICES, RANDOM

# Newer than the oldest Python that is supported.
NEWER = {"uuid.uuid6", "uuid.uuid7"}
# Where the type stubs of the standard library have something, not the library.
STUBS = {"_io.open_code", "posixpath.", "typing.IO.write", "typing.TextIO.write"}

NAMES = sorted(
    name.rstrip(".")
    for calls in (BLOCKING, CLOCK, RANDOM, DEVICES)
    for name in calls
    if name.split(".")[0] in sys.stdlib_module_names and name not in NEWER | STUBS
)


@pytest.mark.parametrize("name", NAMES)
def test_each_exists(name: str) -> None:
    """A name that is misspelled would never be found."""
    module, _, rest = name.partition(".")
    found: object = import_module(module)
    for part in filter(None, rest.split(".")):
        if not hasattr(found, part):
            found = import_module(f"{module}.{part}")
            module = f"{module}.{part}"
        else:
            found = getattr(found, part)
            module = f"{module}.{part}"
    assert found is not None


@pytest.mark.parametrize(
    ("method", "blocks"),
    [
        ("openai.resources.chat.completions.completions.Completions.create", True),
        ("openai.resources.chat.completions.completions.AsyncCompletions.create", False),
        ("anthropic.resources.messages.messages.Messages.create", True),
        ("anthropic.resources.messages.messages.AsyncMessages.create", False),
    ],
)
def test_clients_that_are_awaited_do_not_block(method: str, blocks: bool) -> None:
    assert BLOCKING.has({method}) is blocks
