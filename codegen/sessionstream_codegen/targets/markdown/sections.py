"""The sections of a catalogue: one for each name on the wire, one for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sessionstream_codegen.model import EnumDecl, FileDecl, MessageDecl
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.markdown.text import code, paragraphs
from sessionstream_codegen.targets.markdown.types import DEPRECATED, Declared, Links, content


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and, once the links are known, the blocks below it.

    ``word`` says what the heading names; ``role`` is that of a name on the wire,
    None of a type. ``describes`` is the full name of the message or enum that has its table
    here; empty where that stands elsewhere.
    """

    word: str
    role: Role | None = None
    name: str
    describes: str
    is_deprecated: bool
    blocks: Callable[[Links], list[str]]

    @property
    def title(self) -> str:
        """The heading."""
        return f"{self.word} {code(self.name)}"


def name_sections(file: FileDecl) -> Iterator[Section]:
    """Yields a section for each name of a file, in the order of the roles."""
    for message in file.commands:
        yield _section(Role.COMMAND, message.command_name, message, _command_facts(message))
    for message in file.events:
        yield _section(Role.EVENT, message.event_name, message, _event_facts(message))
    for message in file.ui_events:
        for name in message.ui_names:
            if message.event or name != message.ui_names[0]:
                yield _ui_reference(name, message)
            else:
                yield _section(Role.UI_EVENT, name, message)
    for message in file.entities:
        yield _section(Role.ENTITY, message.kind, message)


def type_section(declared: Declared) -> Section:
    """Returns the section of a type that fields have."""
    return Section(
        word="Enum" if isinstance(declared, EnumDecl) else "Message",
        name=declared.full_name,
        describes=declared.full_name,
        is_deprecated=declared.is_deprecated,
        blocks=lambda links: [
            *paragraphs(declared.comment),
            *_deprecated(declared),
            content(declared, links),
        ],
    )


def _section(role: Role, name: str, message: MessageDecl, facts: Iterable[str] = ()) -> Section:
    said = " ".join([f"Payload: {code(message.full_name)}.", *facts])
    return Section(
        word=_capitalized(role),
        role=role,
        name=name,
        describes=message.full_name,
        is_deprecated=message.is_deprecated,
        blocks=lambda links: [
            *paragraphs(message.comment),
            *_deprecated(message),
            said,
            content(message, links),
        ],
    )


def _ui_reference(name: str, message: MessageDecl) -> Section:
    """Returns the section of a UI event whose payload is described elsewhere."""

    def blocks(links: Links) -> list[str]:
        described = message.event_name if message.event else message.ui_names[0]
        link = f"[{code(described)}](#{links[message.full_name]})"
        if name == message.passed_through_as:
            return [f"The event {link} as it is, unless a projection says otherwise."]
        return [f"Payload: {code(message.full_name)}, as of {link}."]

    return Section(
        word=_capitalized(Role.UI_EVENT),
        role=Role.UI_EVENT,
        name=name,
        describes="",
        is_deprecated=message.is_deprecated,
        blocks=blocks,
    )


def _deprecated(declared: Declared) -> list[str]:
    return [DEPRECATED] if declared.is_deprecated else []


def _capitalized(role: Role) -> str:
    # `str.capitalize` would make "Ui event" of it.
    return role.value[0].upper() + role.value[1:]


def _command_facts(message: MessageDecl) -> Iterator[str]:
    if message.command:
        yield from _older(message.command.aliases)
        if message.command.idempotent:
            yield "Idempotent: it may run again after a crash in the middle of it."


def _event_facts(message: MessageDecl) -> Iterator[str]:
    if message.event:
        yield from _older(message.event.aliases)
        if message.event.ephemeral:
            yield "Ephemeral: shown live, never stored."


def _older(aliases: Sequence[str]) -> Iterator[str]:
    if aliases:
        yield f"Older names: {', '.join(map(code, aliases))}."
