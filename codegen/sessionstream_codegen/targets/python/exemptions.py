"""Rules of ruff that a module breaks by intent, or because of what the .proto file holds."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection
from unicodedata import east_asian_width

from sessionstream_codegen.targets.python.layout import LINE_LENGTH

# A line that ruff takes for the heading of a section. Those of ours stand right above what they
# are about, as it wants.
_HEADING = re.compile(
    r"^ *(args|arguments|attention|attributes|caution|conditions|danger|error|examples?"
    r"|extended summary|hint|important|keyword (args|arguments)|methods|notes?"
    r"|other (args|arguments|params|parameters)|parameters|raises(?!:\n +\w+: )|receives"
    r"|references|returns?|see also|short summary|tip|todo|warnings?|warns|yields?):? *$",
    re.IGNORECASE | re.MULTILINE,
)
# A name like iPhone at the beginning, which is not to be changed.
_SPELLED_SO = re.compile(r'"""\s*[a-z][a-z\']*[A-Z]')
_BUILTINS = frozenset(dir(builtins))
_SECTIONS = ("D214", "D405", "D410", "D411", "D412", "D414", "D416", "D417")


def exemption_line(
    code: str,
    *,
    nothing_abstract: bool = False,
    parameters: Collection[str] = (),
) -> str:
    """Returns the comment that exempts a module, with its line break, or nothing.

    ``code`` is all of the module that is made of comments and names, as it is
    written; ``parameters`` are those of its functions that are called after files.
    RUF100, which reports what is exempted in vain, is exempted with the others.
    """
    rules = set[str]()
    if _HEADING.search(code):
        rules.update(_SECTIONS)
    if not code.isascii():
        rules.update({"RUF001", "RUF002"})
    if _SPELLED_SO.search(code):
        rules.add("D403")
    if "Union[" in code:
        # Type checkers give up on long chains of |.
        rules.add("UP007")
    if not _BUILTINS.isdisjoint(parameters):
        rules.add("A002")
    if nothing_abstract:
        # The UI projection is abstract by intent, also while every event passes through.
        rules.add("B024")
    if any(_width(line) > LINE_LENGTH for line in code.split("\n")):
        rules.add("E501")
    return f"# ruff: noqa: {', '.join(sorted(rules | {'RUF100'}))}\n" if rules else ""


def _width(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if east_asian_width(character) in "FWA" else 1 for character in line)
