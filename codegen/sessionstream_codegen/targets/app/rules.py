"""What can't be said of an app: where its module may not lie, and files of one name."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic, Note, quoted
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.rules.wire_names import check_one_registry
from sessionstream_codegen.targets.app.names import app_prefix, named_files
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX, import_from, package_of

_SET_NAME = "option (sessionstream.v1.file).name"


def check_app(run: Run, app: str) -> Iterator[Diagnostic]:
    """SS002, SS302, SS403, SS404, for a run with an app module."""
    yield from _check_place(run, app)
    yield from _check_imports(run)
    yield from _check_names(run)
    yield from check_one_registry(run)


def _check_place(run: Run, app: str) -> Iterator[Diagnostic]:
    why = _unfit(app)
    if why:
        yield Diagnostic(None, "SS404", f"app={app} can't be used: {why}; choose another path")
        return
    for _, file in sorted(run.files.items()):
        # A file without roles has no module of ours; one of that name is the user's.
        for suffix in (SUFFIX, PB2) if file.has_roles else (PB2,):
            why = _clash(app, names.module_path(file.path, suffix).removesuffix(".py"))
            if why:
                note = Note(file.position, "that module is generated from this file")
                yield Diagnostic(None, "SS404", f"app={app} can't be used: {why}", (note,))
                return


def _unfit(app: str) -> str:
    """Why no module can have this path; empty if one can."""
    first, _, _ = app.partition("/")
    if first in sys.stdlib_module_names or first == "sessionstream":
        return f"it would hide the module {first}, or be hidden by it"
    reserved = next((part for part in app.split("/") if part.startswith("__")), "")
    if reserved:
        return f"{quoted(reserved)} is a name of Python's own"
    found = app_prefix(app)
    if not found or not names.is_class_name(f"{found}Client"):
        return f"no class can be named after {quoted(app.rpartition('/')[2])}"
    return ""


def _clash(app: str, module: str) -> str:
    """How the app module and a generated one get into each other's way; empty if not."""
    if app == module:
        return f"{module}.py is the path of a generated module; choose another path"
    if module.startswith(f"{app}/"):
        return (
            f"{app}.py would hide the folder {app}, which holds {module}.py; "
            f"choose another path, as in app={app}/app"
        )
    if app.startswith(f"{module}/"):
        return f"{module}.py is a generated module, and no folder; choose another path"
    return ""


def _check_imports(run: Run) -> Iterator[Diagnostic]:
    for file in run.targets():
        package = package_of(file)
        if file.has_roles and package and not import_from(package, ""):
            yield Diagnostic(
                file.position,
                "SS002",
                f"{file.path} can't be part of an app module: no other folder of Python imports "
                f"from {package}, which holds a keyword; rename the folder",
            )


def _check_names(run: Run) -> Iterator[Diagnostic]:
    first: dict[str, FileDecl] = {}
    for path, name in sorted(named_files(run)):
        file = run.files[path]
        earlier = first.setdefault(names.snake(name), file)
        # Of two files that are one module that is told already.
        if names.module(path, PB2) != names.module(earlier.path, PB2):
            yield Diagnostic(
                file.prefix_position,
                "SS403",
                f"in the app module {path} and {earlier.path} would both be {names.snake(name)}; "
                f"give one of them another name than {quoted(file.class_prefix)} with {_SET_NAME}",
                (Note(earlier.prefix_position, "this file has the name as well"),),
            )
