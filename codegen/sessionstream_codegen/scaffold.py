"""`sessionstream scaffold`: writes the files that a user fills in.

What is there is never overwritten. A file that is missing is written; methods
that are missing in a class are named, and added on request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.diagnostics import report
from sessionstream_codegen.generate import examine
from sessionstream_codegen.model import Run
from sessionstream_codegen.protoc import ProtocError, compile_request
from sessionstream_codegen.scaffolding.files import plan_existing, plan_new
from sessionstream_codegen.scaffolding.left_behind import left_behind
from sessionstream_codegen.scaffolding.placing import UserFolder
from sessionstream_codegen.scaffolding.plans import Plan, PlanError
from sessionstream_codegen.scaffolding.stubs import StubFile, stub_files

_PROJECT_FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg")
_DONE = {"write": "wrote", "add to": "added to"}
_MOST_NAMED = 6


class ScaffoldError(Exception):
    """What the user has to put right; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """One run. ``includes`` are protoc's, searched in order; our own protos come last.

    ``protos`` are .proto files, and folders of them. ``warn`` is given what the
    generator warns of, if anything, as one text.
    """

    protos: Sequence[str]
    out: Path
    includes: Sequence[Path]
    add_missing: bool = False
    dry_run: bool = False
    warn: Callable[[str], None] = lambda text: None

    def run(self) -> Iterator[str]:
        """Does the work; yields a line for each thing done, and for each that is to be known.

        Nothing is written before it is known that everything can be.

        Raises:
            ScaffoldError: A .proto file is at fault, a file of the user's
                can't be extended, or a tool is missing.
            OSError: A file can't be read or written.
        """
        plans = self._plans()
        if not plans:
            yield "nothing to write: no command, and no event that could be projected"
        for plan in plans:
            yield from (f"kept {plan.path}: {reason}" for reason in plan.said)
            if plan.verb and self.dry_run:
                yield f"would {plan.verb} {plan.path}: {plan.done}"
                yield from plan.diff()
            elif plan.verb:
                plan.write()
                yield f"{_DONE[plan.verb]} {plan.path}: {plan.done}"
        yield from map(_unwritten, filter(lambda plan: plan.unwritten, plans))

    def _plans(self) -> list[Plan]:
        run = self._model()
        try:
            folder = UserFolder(self.out)
        except PlanError as error:
            raise ScaffoldError(str(error)) from error
        plans: list[Plan] = []
        asked: dict[Path, list[StubFile]] = {}
        for file in run.targets():
            stubs = [*stub_files(file, run)] if file.has_roles else []
            # Of a .proto file that was renamed, a second implementation would hide the first.
            left = [*left_behind(file, folder, self.includes)] if folder.lacks_any(stubs) else []
            plans += left
            for path, stub in folder.place(file, stubs, with_new=not left):
                asked.setdefault(path, []).append(stub)
        refused: list[str] = []
        for path, parts in asked.items():
            try:
                plans.append(self._plan(path, parts))
            except PlanError as error:
                refused.append(str(error))
        if refused:
            raise ScaffoldError("\n".join(refused))
        return plans

    def _plan(self, path: Path, stubs: Sequence[StubFile]) -> Plan:
        if path.exists():
            return plan_existing(path, stubs, self._is_first_party, add_missing=self.add_missing)
        # Only files that are there hold classes of more than one .proto file.
        [stub] = stubs
        return plan_new(path, stub, self._is_first_party)

    def _model(self) -> Run:
        try:
            request = compile_request(self.protos, self.includes)
        except ProtocError as error:
            raise ScaffoldError(str(error)) from error
        found = examine(request)
        if found.warnings:
            self.warn(found.warnings)
        if found.run is None:
            raise ScaffoldError(f"the annotations are not in order:\n{report(found.errors)}")
        return found.run

    def _is_first_party(self, package: str) -> bool:
        """Decides as ruff does: is the package in the project's folder, or in its src?"""
        out = Path(os.path.realpath(self.out))
        folders = [out, *out.parents]
        roots = (path for path in folders if any((path / name).exists() for name in _PROJECT_FILES))
        root = next(roots, Path.cwd())
        places = [root / folder / package for folder in (".", "src")]
        return any(place.is_dir() or place.with_suffix(".py").is_file() for place in places)


def _unwritten(plan: Plan) -> str:
    count = len(plan.unwritten)
    shown = plan.unwritten if count <= _MOST_NAMED else plan.unwritten[: _MOST_NAMED - 1]
    rest = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"to be written in {plan.path}: {', '.join(shown)}{rest}"
