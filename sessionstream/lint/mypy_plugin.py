"""The linter as a plugin of mypy.

In a project's configuration, last if there are others::

    [tool.mypy]
    plugins = ["sessionstream.lint.mypy_plugin"]

What it finds are errors of mypy's with the codes of the rules: they are kept in
mypy's cache with the others, and a ``type: ignore`` with the code suppresses them.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NoReturn

from mypy.checker import TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.nodes import Context, MypyFile
from mypy.options import Options
from mypy.plugin import FunctionSigContext, MethodSigContext, Plugin, ReportConfigContext
from mypy.plugins.default import DefaultPlugin
from mypy.types import FunctionLike

from sessionstream.lint.checking import check
from sessionstream.lint.findings import CODES, Finding
from sessionstream.lint.mypy_facts import MypyFacts
from sessionstream.lint.settings import Settings, SettingsError, load
from sessionstream.lint.source import Source

LOWEST = (2, 4)
"""The first mypy that tells a plugin when a file has been checked."""

_CODES = {code: ErrorCode(code, title, "sessionstream") for code, title in CODES.items()}


class LintPlugin(Plugin):
    """Runs the rules over each file once mypy has checked it.

    Args:
        options: mypy's.
        settings: Which findings are errors; None: all.
    """

    def __init__(self, options: Options, settings: Settings | None = None) -> None:
        super().__init__(options)
        self._settings = settings
        self._default = DefaultPlugin(options)
        # The checker of each file that is being checked, as calls in it have shown it.
        self._checkers: dict[str, TypeChecker] = {}

    # mypy asks the first plugin that has a hook, and hands out the checker only by
    # hooks: these take it, change nothing, and leave what mypy's own plugin handles.

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Returns what looks at a call."""
        return None if self._default.get_function_signature_hook(fullname) else self._look

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Returns what looks at a call."""
        return None if self._default.get_method_signature_hook(fullname) else self._look

    def get_additional_indirect_deps(self, file: MypyFile) -> set[str]:
        """Runs the rules. mypy calls this when it has checked a file, before it forgets it."""
        checker = self._checkers.pop(file.fullname, None)
        if checker and not file.is_stub and file.path not in checker.errors.ignored_files:
            self._check(file, checker)
        return set()

    def report_config_data(self, ctx: ReportConfigContext) -> object:
        """Returns what findings in mypy's cache depend on besides the file."""
        return [_digest(), repr(self._settings)]

    def _look(self, context: FunctionSigContext | MethodSigContext) -> FunctionLike:
        checker = context.api
        if isinstance(checker, TypeChecker):
            self._checkers[checker.tree.fullname] = checker
        return context.default_signature

    def _check(self, file: MypyFile, checker: TypeChecker) -> None:
        try:
            text = Path(file.path).read_bytes()
            source = Source(text)
        except (OSError, SyntaxError, ValueError):
            return  # not a file, as with -c; or mypy says what is wrong
        findings = check(source, MypyFacts(checker, file, source, text), text)
        checker.errors.set_file(file.path, file.fullname, checker.options)
        for finding in findings:
            if self._settings is None or self._settings.reports(file.path, finding.code):
                checker.fail(finding.message, _context(finding), code=_CODES[finding.code])


class ProjectPlugin(LintPlugin):
    """The plugin with the project's settings; what can't be used of them ends mypy's run."""

    def __init__(self, options: Options) -> None:
        try:
            settings = load(Path.cwd())
        except SettingsError as error:
            _stop(str(error))
        super().__init__(options, settings)


def plugin(version: str) -> type[Plugin]:
    """Returns the plugin: what mypy looks for in this module."""
    if too_old(version):
        needed = ".".join(map(str, LOWEST))
        _stop(f"it needs mypy {needed} or newer; this is {version}")
    return ProjectPlugin


def too_old(version: str) -> bool:
    """Returns whether a version of mypy lacks what the linter needs."""
    return tuple(map(int, re.findall(r"\d+", version)[:2])) < LOWEST


def _stop(why: str) -> NoReturn:
    # mypy has no other way to end on a plugin's word without a traceback.
    sys.stderr.write(f"sessionstream.lint: {why}\n")
    raise SystemExit(2)


def _context(finding: Finding) -> Context:
    context = Context(finding.line, finding.column)
    context.end_line = finding.line
    return context


@cache
def _digest() -> str:
    """The rules as they are: findings in a cache were made by the same ones."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
