"""What is to be done with one file of the user's: planned first, done when all is known."""

from __future__ import annotations

import codecs
import difflib
import io
import os
import re
import shutil
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.scaffolding.new_files import new_source
from sessionstream_codegen.scaffolding.stubs import StubClass, StubFile, StubMethod
from sessionstream_codegen.scaffolding.user.classes import Found
from sessionstream_codegen.scaffolding.user.files import UserFile

_UTF_8 = frozenset({"utf-8", "utf-8-sig"})


class PlanError(Exception):
    """A file that can't be read or extended; the text names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a file: ``said`` is why it is kept, ``done`` what is written into it.

    ``verb`` is "write" or "add to"; ``before`` the text as it is.
    """

    path: Path
    said: tuple[str, ...] = ()
    verb: str = ""
    done: str = ""
    before: str = ""
    after: str = ""

    def diff(self) -> Iterator[str]:
        """Yields the lines of a unified diff; of a file that is there."""
        if self.before:
            before, after = (_lines(text) for text in (self.before, self.after))
            name = str(self.path)
            yield from difflib.unified_diff(before, after, name, name, lineterm="")

    def write(self) -> None:
        """Writes the file, whole or not at all; a link stays one, and so do permissions.

        Raises:
            OSError: It can't be written.
        """
        target = Path(os.path.realpath(self.path))
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        with fresh.open("xb") as file:
            file.write(self.after.encode())
        try:
            if target.exists():
                # Renaming would replace a file that may not be written.
                target.open("r+b").close()
                shutil.copymode(target, fresh)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)


def plan_new(path: Path, stub: StubFile, is_first_party: Callable[[str], bool]) -> Plan:
    """Plans a file that is not there.

    Raises:
        PlanError: No import statement reaches what it needs.
    """
    try:
        text = new_source(stub, _folder(path), is_first_party)
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error
    return Plan(path=path, verb="write", done=_counted(stub.classes), after=text)


def plan_existing(path: Path, stub: StubFile, *, add_missing: bool) -> Plan:
    """Plans a file that is there; without ``add_missing`` it only says what is lacking.

    Raises:
        PlanError: It is no Python in UTF-8, or can't be extended.
        OSError: It can't be read.
    """
    text = _read(path)
    source = _parsed(path, text)
    said: list[str] = []
    lacking: list[Found] = []
    new: list[StubClass] = []
    for cls in stub.classes:
        found = source.find(stub, cls)
        base = stub.symbols[cls.base].name
        if not found and source.is_taken(cls.name):
            said.append(f"its {cls.name} does not derive from {base}, as far as can be seen here")
        elif not found:
            new.append(cls)
        for one in found:
            said += _said(one)
            lacking += [one] if one.lacking else []
    if not (lacking or new):
        return Plan(path=path, said=tuple(said))
    if not add_missing:
        missing = [*_titles(lacking), *(f"a class like {cls.name}" for cls in new)]
        said.append(f"it lacks {', '.join(missing)}; --add-missing adds that")
        return Plan(path=path, said=tuple(said))
    try:
        after = source.extended(stub, lacking, new)
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error
    done = ", ".join([*_titles(lacking), *filter(None, [_counted(new)])])
    return Plan(path=path, said=tuple(said), verb="add to", done=done, before=text, after=after)


def _folder(path: Path) -> Path:
    return Path(os.path.realpath(path.parent))


def _lines(text: str) -> list[str]:
    """Returns the lines without their ends, as Python sees them."""
    return re.split(r"\r\n|\r|\n", re.sub(r"(\r\n|\r|\n)\Z", "", text))


def _read(path: Path) -> str:
    data = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if codecs.lookup(encoding).name not in _UTF_8:
            raise PlanError(
                f"{path} is written in {encoding}, nothing was changed: save it as UTF-8"
            )
        return data.decode()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not in UTF-8, nothing was changed: {error}") from error


def _parsed(path: Path, text: str) -> UserFile:
    try:
        return UserFile(text, _folder(path))
    except SyntaxError as error:
        why = f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        why = str(error) or "it is nested too deeply"
    raise PlanError(f"{path} can't be parsed, nothing was changed: {why}")


def _said(found: Found) -> Iterator[str]:
    if found.unknown:
        yield f"{found.node.name} {found.unknown}, so it is left as it is"
    elif not found.lacking:
        yield f"{found.node.name} lacks nothing"
    for name in found.stale:
        yield f"{name} is no longer asked for"


def _titles(found: list[Found]) -> list[str]:
    def title(one: Found, method: StubMethod) -> str:
        return f"{one.node.name}.{method.name}"

    return [title(one, method) for one in found for method in one.lacking]


def _counted(classes: tuple[StubClass, ...] | list[StubClass]) -> str:
    return ", ".join(
        f"{cls.name} ({len(cls.methods)} method{'s' if len(cls.methods) != 1 else ''})"
        for cls in classes
    )
