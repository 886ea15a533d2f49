"""Runs mypy over files for what the linter finds in them, and for nothing else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from linecache import checkcache, getline
from os.path import abspath
from pathlib import Path

from mypy.build import BuildSource, build
from mypy.errors import CompileError
from mypy.fscache import FileSystemCache
from mypy.main import process_options
from mypy.options import Options
from mypy.version import __version__

from sessionstream.lint.findings import CODES, UNUSED_SUPPRESSION, Reported
from sessionstream.lint.mypy_plugin import LOWEST, LintPlugin, too_old

_PLUGIN = "sessionstream.lint.mypy_plugin"
_UNSEEN = {
    "import-not-found": "not there, so that less is found; generate the code first",
    "import-untyped": "its package has no py.typed, so that less is found; add that, or mypy_path",
}
_GENERATED = re.compile(r'"([\w.]+_(?:pb2|sessionstream))"')
_OWN, _PROTOBUF = "sessionstream.types", "google.protobuf.message"
_OWN_IGNORE = re.compile(r"type: *ignore *\[[^\]]*\bSV\d")
_UNUSED_IGNORE = "unused-ignore"


class LintError(Exception):
    """Nothing could be checked; the text says what the user has to put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """An error as mypy writes it in JSON."""

    file: str
    line: int
    column: int
    end_line: int | None
    end_column: int | None
    message: str
    hint: str | None
    code: str | None
    severity: str


@dataclass(frozen=True, slots=True)
class Linted:
    """What all rules find, sorted; ``missing`` says which generated modules they could not see."""

    findings: list[Reported]
    missing: list[str]


def lint(paths: Sequence[Path]) -> Linted:
    """Runs the rules over files, and over folders' files.

    The configuration of mypy is the project's, as mypy finds it. Errors of
    types are not told; where there are some, less may be found. What was found
    is kept in mypy's cache folder, apart from mypy's own.

    Raises:
        LintError: A path does not exist, a file is not Python, mypy can't use
            its configuration, or the types of protobuf are missing.
    """
    if too_old(__version__):
        needed = ".".join(map(str, LOWEST))
        raise LintError(f"mypy {__version__} is too old: {needed} or newer is needed")
    for path in paths:
        if not path.exists():
            raise LintError(f"{path} does not exist")
    sources, options, cache = _configured(paths)
    try:
        result = build(
            sources, options, fscache=cache, extra_plugins=[LintPlugin(_for_lint(options))]
        )
    except CompileError as error:
        raise LintError(_first(error.messages)) from error
    except SystemExit as error:  # mypy has written why
        raise LintError("mypy met an error of its own, or of a plugin") from error
    if _OWN in result.graph and _PROTOBUF not in result.graph:
        raise LintError(
            "google.protobuf has no types here, and without them little can be found; "
            'run: pip install "sessionstream[lint]"'
        )
    asked = {abspath(source.path) for source in sources if source.path}
    errors = [Error(**json.loads(line)) for line in result.errors]
    return Linted(
        findings=sorted(one for one in _reported(errors) if abspath(one.path) in asked),
        missing=sorted({name for error in errors if (name := _missing(error))}),
    )


def _configured(paths: Sequence[Path]) -> tuple[list[BuildSource], Options, FileSystemCache]:
    said, cache = io.StringIO(), FileSystemCache()
    try:
        sources, options = process_options(["--", *map(str, paths)], said, said, fscache=cache)
    except SystemExit as error:
        lines = said.getvalue().strip().splitlines()
        raise LintError(lines[-1] if lines else "mypy can't use its configuration") from error
    return sources, options, cache


def _for_lint(options: Options) -> Options:
    """Sets what the linter needs, whatever the project has for mypy's own runs."""
    options.plugins = [one for one in options.plugins if one.partition(":")[0] != _PLUGIN]
    options.cache_dir = str(Path(options.cache_dir) / "sessionstream-lint")
    options.check_untyped_defs = True
    options.warn_unused_ignores = True
    options.output = "json"
    options.num_workers = 0
    for of_modules in options.per_module_options.values():
        of_modules.pop("ignore_errors", None)  # errors of types, is what is meant
    options.native_parser = False  # its columns are wrong behind letters beyond ASCII
    options.show_column_numbers = True
    return options


def _reported(errors: Iterable[Error]) -> Iterator[Reported]:
    checkcache()
    for error in errors:
        code = error.code
        if code == _UNUSED_IGNORE and _is_own(error):
            code = UNUSED_SUPPRESSION
        if code in CODES:
            yield Reported(error.file, error.line, error.column + 1, code, error.message)


def _missing(error: Error) -> str:
    """Which generated module an error says can't be seen, and what to do; else nothing."""
    named = _GENERATED.search(error.message) if error.code in _UNSEEN else None
    return f"{named[1]}: {_UNSEEN[error.code]}" if named and error.code else ""


def _is_own(error: Error) -> bool:
    """Whether an unused ``type: ignore`` is for a code of the linter.

    mypy names the codes only where there were others in the comment.
    """
    text = error.message if "[" in error.message else getline(error.file, error.line)
    return _OWN_IGNORE.search(text) is not None


def _first(messages: Sequence[str]) -> str:
    """The first error of a run that could not go on, in one line."""
    try:
        error = Error(**json.loads(messages[0]))
    except (IndexError, ValueError):
        return messages[0] if messages else "mypy could not go on"
    return f"{error.file}:{error.line}: {error.message}"
