"""The way from commands to what clients see, as a Mermaid flowchart.

It shows what the schema knows: a file's handlers may publish any event in
reach, and its projections may answer each of its events with anything in reach.
So arrows join groups, not single names, and a picture of many names stays
readable. Only an event that passes through leads to one UI event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sessionstream_codegen.model import FileDecl, MessageDecl, Run

# A group with more names is shown as their number.
_SHOWN = 24
_COMPACT = '%%{init: {"flowchart": {"nodeSpacing": 18, "subGraphTitleMargin": {"bottom": 12}}}}%%'
# What could end a label, or begin a tag or one of Mermaid's character codes.
_UNSAFE = re.compile(r"[^\w .,:/()+-]")


@dataclass(frozen=True, slots=True)
class _Group:
    """A box of nodes, which arrows treat alike. Opening and closing make a node's shape."""

    id: str
    title: str
    names: Sequence[str]
    shape: tuple[str, str] = ('["', '"]')

    @property
    def is_counted(self) -> bool:
        """Whether there are too many names to show them."""
        return len(self.names) > _SHOWN

    def node(self, name: str) -> str:
        """Returns the id of a name's node."""
        return self.id if self.is_counted else f"{self.id}_{self.names.index(name)}"

    def lines(self) -> Iterator[str]:
        """Yields the source of the box."""
        opening, closing = self.shape
        if self.is_counted:
            yield f"  {self.id}{opening}{_label(self.title)}: {len(self.names)}{closing}"
            return
        yield f'  subgraph {self.id}["{_label(self.title)}"]'
        yield "    direction LR"
        for name in self.names:
            yield f"    {self.node(name)}{opening}{_label(name)}{closing}"
        yield "  end"


_CODE = {"handlers": "Handlers", "ui": "UIProjection", "timeline": "TimelineProjection"}
"""What the user writes, by the node of it: the suffix of the class that it derives from."""


def flowchart(file: FileDecl, run: Run) -> str:
    """Returns the source of a file's picture; empty where nothing flows."""
    groups = {group.id: group for group in _groups(file, run) if group.names}
    arrows = list(_arrows(groups))
    passed = list(_passed(file, groups)) if groups.keys() & {"shown"} else []
    if not arrows:
        return ""
    boxes = [line for group in groups.values() for line in group.lines()]
    used = {end for arrow in arrows for end in arrow}
    code = [
        f'  {node}[["{_label(file.class_prefix + suffix)}"]]'
        for node, suffix in _CODE.items()
        if node in used
    ]
    drawn = [f"  {start} --> {end}" for start, end in arrows]
    return "\n".join([_COMPACT, "flowchart LR", *boxes, *code, *drawn, *passed])


def _groups(file: FileDecl, run: Run) -> Iterator[_Group]:
    """Yields the groups of a file, and those of the files whose names it may use."""
    others = list(run.visible_from(file))
    stored = [event.event_name for event in file.events if not _is_ephemeral(event)]
    passing = [event.event_name for event in file.events if _is_ephemeral(event)]
    yield _Group("commands", "Commands", [one.command_name for one in file.commands], _SLANTED)
    yield _Group("events", "Events", stored, _ROUND)
    yield _Group("ephemeral", "Ephemeral events", passing, _ROUND)
    yield _Group("events_of", "Events of", [one.path for one in others if one.events])
    yield _Group("shown", "UI events", list(_ui_names(file)), _FLAG)
    yield _Group("shown_of", "UI events of", [one.path for one in others if one.ui_events])
    yield _Group("entities", "Entities", [one.kind for one in file.entities], _CYLINDER)
    yield _Group("entities_of", "Entities of", [one.path for one in others if one.entities])


_SLANTED = ('[/"', '"/]')
_ROUND = ('("', '")')
_FLAG = ('>"', '"]')
_CYLINDER = ('[("', '")]')


def _arrows(groups: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields the arrows between groups and code, for the groups that there are."""
    there = set(groups)
    published = [name for name in ("events", "ephemeral", "events_of") if name in there]
    if "commands" in there:
        yield "commands", "handlers"
        yield from (("handlers", name) for name in published)
    for node, sources, results in (
        ("ui", ("events", "ephemeral"), ("shown", "shown_of")),
        ("timeline", ("events",), ("entities", "entities_of")),
    ):
        if there & set(sources) and there & set(results):
            yield from ((name, node) for name in sources if name in there)
            yield from ((node, name) for name in results if name in there)


def _passed(file: FileDecl, groups: Mapping[str, _Group]) -> Iterator[str]:
    """Yields the arrows of the events that become a UI event as they are."""
    drawn: dict[str, None] = {}
    for event in file.events:
        if event.passed_through_as:
            start = groups["ephemeral" if _is_ephemeral(event) else "events"]
            end = groups["shown"].node(event.passed_through_as)
            drawn[f"  {start.node(event.event_name)} -. as it is .-> {end}"] = None
    yield from drawn


def _is_ephemeral(event: MessageDecl) -> bool:
    return event.event is not None and event.event.ephemeral


def _ui_names(file: FileDecl) -> Iterator[str]:
    for message in file.ui_events:
        yield from message.ui_names


def _label(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", text)
