"""What can't be said in Python: paths, and names that are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic, quoted
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.targets.python.collisions import check_collisions, check_ui_classes
from sessionstream_codegen.targets.python.imports import IMPORTABLE
from sessionstream_codegen.targets.python.names import ModuleNames
from sessionstream_codegen.targets.python.paths import check_paths, unfit_parts
from sessionstream_codegen.targets.python.spelling import CLASS_SUFFIXES, unnameable
from sessionstream_codegen.targets.python.stub_names import check_stub_names

_SET_NAME = "option (sessionstream.v1.file).name"


def check_python(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS002, SS004, SS401, SS402, for a file that has roles."""
    yield from check_paths(file, run)
    unprefixed = [*_check_prefix(file)]
    if file.prefix or not set(names.stem(file.path).split(".")) & set(unfit_parts(file.path)):
        # Else what is wrong with the file's name is told already.
        yield from unprefixed
    yield from _check_identifiers(file)
    yield from check_stub_names(file)
    yield from check_ui_classes(file)
    # Whatever the prefix will be. The others' collisions are told in the same run.
    named = tuple(message for message in file.messages if not unnameable(message))
    yield from check_collisions(ModuleNames(replace(file, messages=named), run), run)


def _check_prefix(file: FileDecl) -> Iterator[Diagnostic]:
    found, stem = file.class_prefix, names.stem(file.path)
    # Of a name that can be imported, this is all that CamelCase would drop but - _ and the dot.
    drops = not file.prefix and not stem.isascii()
    if drops or not found or not names.is_class_name(f"{found}UI"):
        shown = stem if drops or not found else found
        yield Diagnostic(
            file.prefix_position,
            "SS004",
            f"{quoted(shown)} can't begin the name of a class; set {_SET_NAME} to a word "
            "that begins with a capital and has ASCII letters and digits only",
        )
        return
    hidden = [f"{found}{suffix}" for suffix in CLASS_SUFFIXES if found + suffix in IMPORTABLE]
    if hidden:
        yield Diagnostic(
            file.prefix_position,
            "SS004",
            f'with the prefix "{found}" the module would define {" and ".join(hidden)}, '
            f"which sessionstream has already; set {_SET_NAME} to another word",
        )


def _check_identifiers(file: FileDecl) -> Iterator[Diagnostic]:
    for message in file.messages:
        why = unnameable(message)
        if why:
            yield Diagnostic(
                message.position,
                "SS401",
                f"{message.full_name} can't be named in Python: {why}; rename the message",
            )
