"""The constants of a generated module: what each is built with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sessionstream_codegen.model import MessageDecl
from sessionstream_codegen.roles import CommandRole, EventRole
from sessionstream_codegen.targets.python.layout import Bracket, Item
from sessionstream_codegen.targets.python.names import ModuleNames, Named

Declaration = tuple[str, str, list[Item]]
"""A constant, its type, and what the type is called with."""


def declared(module: ModuleNames) -> Iterator[list[Declaration]]:
    """Yields the constants of each role that the file has."""
    for type_name, group, arguments in (
        ("CommandType", module.commands, _command_arguments),
        ("EventType", module.events, _event_arguments),
        ("UIEventType", own(module.ui_events), lambda _: []),
        ("EntityType", own(module.entities), _entity_arguments),
    ):
        if group:
            yield [
                (
                    named.constant,
                    type_name,
                    [quote(named.wire), named.payload, *arguments(named.message)],
                )
                for named in group
            ]


def own(found: Iterable[Named]) -> list[Named]:
    """Returns the names that the file itself declares."""
    return [named for named in found if named.own]


def _command_arguments(message: MessageDecl) -> list[Item]:
    role = message.command
    return [*_aliases(role), *(["idempotent=True"] if role and role.idempotent else [])]


def _event_arguments(message: MessageDecl) -> list[Item]:
    role = message.event
    return [*_aliases(role), *(["ephemeral=True"] if role and role.ephemeral else [])]


def _entity_arguments(message: MessageDecl) -> list[Item]:
    return [f"key={quote(message.keys[0].name)}"]


def _aliases(role: CommandRole | EventRole | None) -> list[Item]:
    quoted = [quote(alias) for alias in role.aliases] if role else []
    return [Bracket("aliases=(", quoted, ",)" if len(quoted) == 1 else ")")] if quoted else []


def quote(text: str) -> str:
    """Returns a name as a string of Python."""
    # Names are checked: letters, digits and a few signs, never a quote or a backslash.
    return f'"{text}"'
