"""The rules, and which files they are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.rules.encoding import check_encoding
from sessionstream_codegen.rules.keys import check_keys
from sessionstream_codegen.rules.options import check_extensions, check_options
from sessionstream_codegen.rules.reach import check_reach
from sessionstream_codegen.rules.roles import check_roles
from sessionstream_codegen.rules.wire_names import check_wire_names

RULES: tuple[Callable[[FileDecl, Run], Iterator[Diagnostic]], ...] = (
    check_extensions,
    check_options,
    check_encoding,
    check_roles,
    check_reach,
    check_keys,
    check_wire_names,
)


def check(run: Run) -> Iterator[Diagnostic]:
    """Yields what is wrong with the files to generate for, and with what these use of others.

    A file without errors of its own can't be generated for when the roles
    that it imports have some: its module would use one that can't be there.
    Warnings about such files are for those who generate for them.
    """
    for file in run.targets():
        for rule in RULES:
            yield from rule(file, run)
    importers = _importers(run)
    for path, file in run.files.items():
        if path in importers:
            at = importers[path].import_positions.get(path, importers[path].position)
            for rule in RULES:
                yield from _for_importer(rule(file, run), Note(at, "its roles are imported here"))
        elif path not in run.generate:
            yield from check_extensions(file, run)


def _importers(run: Run) -> dict[str, FileDecl]:
    """Returns the files that are not generated for but used, with one that uses each."""
    found: dict[str, FileDecl] = {}
    for file in sorted(run.targets(), key=lambda file: file.path):
        if file.has_roles:
            for other in run.visible_from(file):
                if other.path not in run.generate:
                    found.setdefault(other.path, file)
    return found


def _for_importer(found: Iterator[Diagnostic], note: Note) -> Iterator[Diagnostic]:
    for diagnostic in found:
        if diagnostic.severity is Severity.ERROR:
            yield replace(diagnostic, notes=(*diagnostic.notes, note))
