"""What is to be done with one file of the user's: planned first, done when all is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.scaffolding.new_files import new_source
from sessionstream_codegen.scaffolding.plans import Plan, PlanError
from sessionstream_codegen.scaffolding.stubs import StubClass, StubFile, StubMethod
from sessionstream_codegen.scaffolding.user.classes import Found
from sessionstream_codegen.scaffolding.user.files import UserFile
from sessionstream_codegen.scaffolding.user.order import IsFirstParty
from sessionstream_codegen.scaffolding.user.reading import folder_of, parsed, read_text


def plan_new(path: Path, stub: StubFile, is_first_party: IsFirstParty) -> Plan:
    """Plans a file that is not there.

    Raises:
        PlanError: No import statement reaches what it needs.
    """
    try:
        text = new_source(stub, folder_of(path), is_first_party)
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error
    unwritten = tuple(parsed(path, text).unwritten())
    return Plan(
        path=path, verb="write", done=_counted(stub.classes), after=text, unwritten=unwritten
    )


def plan_existing(
    path: Path,
    stubs: Sequence[StubFile],
    is_first_party: IsFirstParty = lambda package: False,
    *,
    add_missing: bool,
) -> Plan:
    """Plans a file that is there; without ``add_missing`` it only says what is lacking.

    Raises:
        PlanError: It is no Python in UTF-8, or can't be extended.
        OSError: It can't be read.
    """
    text = before = read_text(path)
    said: list[str] = []
    titles: list[str] = []
    for stub in stubs:
        source = parsed(path, text)
        needs = _needs(source, stub)
        said += needs.said
        if add_missing and needs.any:
            text = _extended(path, source, stub, needs, is_first_party)
            titles += [*_titles(needs.lacking), *filter(None, [_counted(needs.new)])]
        else:
            titles += [*_titles(needs.lacking), *(f"a class like {cls.name}" for cls in needs.new)]
    unwritten = tuple(parsed(path, text).unwritten())
    if titles and not add_missing:
        said.append(f"it lacks {', '.join(titles)}; --add-missing adds that")
    if text == before:
        return Plan(path=path, said=tuple(said), unwritten=unwritten)
    return Plan(
        path=path,
        said=tuple(said),
        verb="add to",
        done=", ".join(titles),
        before=before,
        after=text,
        unwritten=unwritten,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needs:
    """What a stub asks of a file: methods that its classes lack, and new classes."""

    said: tuple[str, ...]
    lacking: tuple[Found, ...]
    new: tuple[StubClass, ...]

    @property
    def any(self) -> bool:
        return bool(self.lacking or self.new)


def _needs(source: UserFile, stub: StubFile) -> _Needs:
    said: list[str] = []
    lacking: list[Found] = []
    new: list[StubClass] = []
    for cls in stub.classes:
        found = source.find(stub, cls)
        base = stub.symbols[cls.base].name
        if not found and source.is_taken(cls.name):
            said.append(
                f"its {cls.name} does not derive from {base}, as far as can be seen here; "
                f"derive it from {base}, or rename it and run this again with --add-missing"
            )
        elif not found:
            new.append(cls)
        for one in found:
            said += _said(one)
            lacking += [one] if one.lacking else []
    return _Needs(said=tuple(said), lacking=tuple(lacking), new=tuple(new))


def _extended(
    path: Path, source: UserFile, stub: StubFile, needs: _Needs, is_first_party: IsFirstParty
) -> str:
    try:
        return source.extended(stub, needs.lacking, needs.new, is_first_party)
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error


def _said(found: Found) -> Iterator[str]:
    if found.unknown:
        yield f"{found.node.name} {found.unknown}, so it is left as it is"
    elif not found.lacking:
        yield f"{found.node.name} lacks nothing"
    for name in found.stale:
        yield f"{name} is no longer asked for"


def _titles(found: Sequence[Found]) -> list[str]:
    def title(one: Found, method: StubMethod) -> str:
        return f"{one.node.name}.{method.name}"

    return [title(one, method) for one in found for method in one.lacking]


def _counted(classes: Sequence[StubClass]) -> str:
    return ", ".join(
        f"{cls.name} ({len(cls.methods)} method{'s' if len(cls.methods) != 1 else ''})"
        for cls in classes
    )
