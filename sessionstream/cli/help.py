"""``sessionstream help``."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Sequence

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.show import show_markdown
from sessionstream.doc import Entry, Section, entries, search, sections

_PREFIX = "sessionstream-"
# Pages about codes, which `sessionstream explain` lists.
_CODES = (("diagnostics", "What the plugin tells of"), ("lint", "What the linter tells of"))
# Topics that have a heading in the list, in the order in which one reads.
_GROUPS = (
    ("start", "Begin here"),
    ("guide", "Understand it"),
    ("reference", "Look it up"),
    ("playbook", "Do one thing"),
)


class Help(CLICommand):
    """Shows the documentation."""

    name = "help"
    help = "shows the documentation, and searches it"
    description = """\
Shows a page of the documentation. Without one it lists all of them.
The pages belong to the release that is installed, and need no network."""
    examples = """\
  sessionstream help
  sessionstream help user-guide
  sessionstream help reference#settings
  sessionstream help --search "resume after a restart"
  sessionstream help --topic sqlite"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a page, or what to look for."""
        parser.add_argument("entry", nargs="?", metavar="ENTRY", help="a page, or PAGE#SECTION")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--search", metavar="WORDS", help="list the sections that fit best")
        which.add_argument("--topic", metavar="TOPIC", help="list the pages about a topic")
        parser.add_argument("--json", action="store_true", help="for a program to read")
        parser.set_defaults(refuse=parser.error)

    def run(self, parsed: argparse.Namespace) -> int:
        """Shows a page, a section, or a list."""
        if parsed.entry is not None and (parsed.search is not None or parsed.topic is not None):
            parsed.refuse("give a page, or --search, or --topic; not two of them")
        if parsed.search is not None:
            _show_found(parsed.search, as_json=parsed.json)
        elif parsed.entry is not None:
            _show(parsed.entry, as_json=parsed.json)
        else:
            _show_list(_about(parsed.topic), as_json=parsed.json)
        return 0


def _show(asked: str, *, as_json: bool) -> None:
    slug, _, anchor = asked.partition("#")
    entry = _entry(slug)
    if anchor:
        section = _section(entry, anchor)
        title, text = section.title, section.text
    else:
        title, text = entry.title, entry.text
    if as_json:
        _write_json({**_facts(entry), "title": title, "text": text})
    else:
        show_markdown(f"# {title}\n\n{text}")


def _entry(asked: str) -> Entry:
    known = {entry.slug.lower(): entry for entry in entries()}
    slug = asked.lower()
    for name in (slug, _PREFIX + slug):
        if name in known:
            return known[name]
    short = [name.removeprefix(_PREFIX) for name in known]
    near = difflib.get_close_matches(slug.removeprefix(_PREFIX), short, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "sessionstream help lists all of them"
    raise CommandError(f"there is no page {asked}; {hint}")


def _section(entry: Entry, anchor: str) -> Section:
    anchors = {section.anchor: section for section in sections(entry) if section.anchor}
    if anchor not in anchors:
        raise CommandError(f"{entry.slug} has no section {anchor}; it has {', '.join(anchors)}")
    return anchors[anchor]


def _about(topic: str | None) -> Sequence[Entry]:
    if topic is None:  # codes have a list of their own
        codes = {topic for topic, _ in _CODES}
        return [entry for entry in entries() if codes.isdisjoint(entry.topics)]
    found = [entry for entry in entries() if topic.lower() in map(str.lower, entry.topics)]
    if not found:
        topics = sorted({topic for entry in entries() for topic in entry.topics}, key=str.lower)
        raise CommandError(f"no page is about {topic}; topics are {', '.join(topics)}")
    return found


def _show_list(listed: Sequence[Entry], *, as_json: bool) -> None:
    if as_json:
        _write_json([_facts(entry) for entry in listed])
        return
    groups = [
        [title, *(_line(entry) for entry in listed if topic in entry.topics)]
        for topic, title in _GROUPS + _CODES
    ]
    sys.stdout.write("\n\n".join("\n".join(group) for group in groups if len(group) > 1) + "\n")


def _show_found(words: str, *, as_json: bool) -> None:
    found = search(words)
    if as_json:
        _write_json(
            [{"address": each.section.address, "title": each.section.title} for each in found]
        )
        return
    if not found:
        raise CommandError(f"nothing is said of {words!r}; sessionstream help lists the pages")
    for each in found:
        sys.stdout.write(f"  {each.section.address.removeprefix(_PREFIX)}\n")
        page, title = each.section.entry.title, each.section.title
        sys.stdout.write(f"      {page}: {title}\n" if title != page else f"      {page}\n")


def _line(entry: Entry) -> str:
    return f"  {entry.slug:<41} {entry.title}"


def _facts(entry: Entry) -> dict[str, object]:
    return {"slug": entry.slug, "title": entry.title, "topics": list(entry.topics)}


def _write_json(found: object) -> None:
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
