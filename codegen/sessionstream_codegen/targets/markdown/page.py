"""The page of a catalogue: blocks of Markdown, to be set apart by blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sessionstream_codegen.model import FileDecl, MessageDecl, Run
from sessionstream_codegen.roles import Role
from sessionstream_codegen.targets.markdown.flow import flowchart
from sessionstream_codegen.targets.markdown.sections import Section, name_sections, type_section
from sessionstream_codegen.targets.markdown.text import code, inline, paragraphs, table
from sessionstream_codegen.targets.markdown.types import DEPRECATED, Links, used_types

_TYPES = "Types of fields"
_TITLES = {
    Role.COMMAND: "Commands",
    Role.EVENT: "Events",
    Role.UI_EVENT: "UI events",
    Role.ENTITY: "Entities",
}
_PUNCTUATION = re.compile(r"[^\w\- ]")


class _Anchors:
    """The anchors that renderers give to headings, as GitHub does, in the order of the page."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def add(self, heading: str) -> str:
        """Returns the anchor of the next heading, whose text this is."""
        plain = _PUNCTUATION.sub("", heading.lower()).replace(" ", "-")
        anchor = plain
        while anchor in self._given:
            self._given[plain] += 1
            anchor = f"{plain}-{self._given[plain]}"
        self._given[anchor] = 0
        return anchor


class _Chapter:
    """A heading with sections, whose anchors are given when it is made."""

    def __init__(self, heading: str, sections: Iterable[Section], anchors: _Anchors) -> None:
        self.heading = heading
        self.anchor = anchors.add(heading)
        self.sections = [(each, anchors.add(f"{each.word} {each.name}")) for each in sections]

    def names(self, role: Role) -> list[str]:
        """Returns links to the sections of a role."""
        return [
            f"[{code(section.name)}](#{anchor}){' (deprecated)' if section.is_deprecated else ''}"
            for section, anchor in self.sections
            if section.role is role
        ]

    def blocks(self, links: Links) -> Iterator[str]:
        """Yields the blocks of its sections."""
        for section, _ in self.sections:
            yield f"### {section.title}"
            yield from section.blocks(links)


def page(run: Run, app: str) -> Iterator[str]:
    """Yields the blocks of the page of a run, whose app has this path, if any."""
    files = sorted((file for file in run.targets() if file.has_roles), key=lambda file: file.path)
    title = _title(files, app)
    anchors = _Anchors()
    anchors.add(title)
    chapters = [_Chapter(file.path, name_sections(file), anchors) for file in files]
    messages = (message for file in files for message in file.messages if message.roles)
    used = [type_section(declared) for declared in used_types(messages, run)]
    types = _Chapter(_TYPES, used, anchors)
    links = {
        section.describes: anchor
        for chapter in (*chapters, types)
        for section, anchor in chapter.sections
    }
    yield f"# {inline(title)}"
    yield " ".join(_introduction(files))
    if len(files) > 1:
        yield _overview(chapters)
    for chapter, file in zip(chapters, files, strict=True):
        yield f"## {inline(file.path)}"
        yield from paragraphs(file.comment)
        yield from [DEPRECATED] if file.is_deprecated else []
        yield from _picture(file, run)
        yield _index(chapter)
        yield from chapter.blocks(links)
    if used:
        yield f"## {_TYPES}"
        yield from types.blocks(links)


def _title(files: Sequence[FileDecl], app: str) -> str:
    packages = sorted({file.package for file in files})
    if app:
        return f"Catalogue of {app}"
    return f"Catalogue of {packages[0]}" if packages[0] and len(packages) == 1 else "Catalogue"


def _introduction(files: Sequence[FileDecl]) -> Iterator[str]:
    """Yields a sentence for each role that the page has."""
    roles = {role for file in files for message in file.messages for role in message.roles}
    if Role.COMMAND in roles:
        yield "Commands are what a client may ask for."
    if Role.EVENT in roles:
        events = (event for file in files for event in file.events)
        yield f"Events are what happened: {_kept(events)}."
    if Role.UI_EVENT in roles:
        yield "UI events are what connected clients are told."
    if Role.ENTITY in roles:
        yield "Entities are the state that a client gets first."


def _kept(events: Iterable[MessageDecl]) -> str:
    ephemeral = {event.event.ephemeral for event in events if event.event}
    if ephemeral == {True}:
        return "they are ephemeral, shown live and never stored"
    stored = (
        "they are stored, but for the ephemeral ones," if True in ephemeral else "they are stored,"
    )
    return f"{stored} and all else follows from them"


def _overview(chapters: Iterable[_Chapter]) -> str:
    rows = (
        [
            f"[{inline(chapter.heading)}](#{chapter.anchor})",
            *(str(len(chapter.names(role)) or "") for role in _TITLES),
        ]
        for chapter in chapters
    )
    return table(("File", *_TITLES.values()), rows)


def _picture(file: FileDecl, run: Run) -> Iterator[str]:
    source = flowchart(file, run)
    if source:
        yield f"```mermaid\n{source}\n```"


def _index(chapter: _Chapter) -> str:
    found = {title: chapter.names(role) for role, title in _TITLES.items()}
    return "\n".join(f"- {title}: {', '.join(names)}" for title, names in found.items() if names)
