"""Which codes are reported where: ``[tool.sessionstream.lint]`` in ``pyproject.toml``.

    [tool.sessionstream.lint]
    select = ["SV"]                                # the default
    ignore = ["SV102"]
    per-file-ignores = { "tests/**" = ["SV102"] }  # paths from the file's folder

A code may be cut short: ``SV1`` stands for all that begin so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from sessionstream.lint.findings import CODES

_FILE = "pyproject.toml"
_KEYS = ("select", "ignore", "per-file-ignores")


class SettingsError(Exception):
    """A setting can't be used; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is reported. Codes are as they were written, cut short or not."""

    select: tuple[str, ...] = ("SV",)
    ignore: tuple[str, ...] = ()
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)

    def reports(self, path: str, code: str) -> bool:
        """Returns whether a finding in a file is told; the path is from here, or absolute."""
        if not code.startswith(self.select) or code.startswith(self.ignore):
            return False
        whole = Path(path).absolute()
        shown = whole.relative_to(self.folder) if whole.is_relative_to(self.folder) else whole
        return not any(
            code.startswith(codes) and fnmatch(shown.as_posix(), pattern)
            for pattern, codes in self.per_file.items()
        )


def load(folder: Path) -> Settings:
    """Returns the settings of the nearest ``pyproject.toml``: of the folder, or one above it.

    Raises:
        SettingsError: It can't be read, or holds what is none of them.
    """
    for place in (folder, *folder.parents):
        if (place / _FILE).is_file():
            return _read(place / _FILE)
    return Settings(folder=folder)


def checked(codes: object, name: str) -> tuple[str, ...]:
    """Returns codes as they are given by a user.

    Raises:
        SettingsError: They are no list of codes, or no rule has such a code.
    """
    if not isinstance(codes, (list, tuple)) or not all(isinstance(code, str) for code in codes):
        raise SettingsError(f'{name} takes a list of codes, as ["SV102"]; got {codes!r}')
    for code in codes:
        if not code or not any(known.startswith(code) for known in CODES):
            raise SettingsError(
                f"{name}: no rule has the code {code!r}; there are {', '.join(CODES)}"
            )
    return tuple(codes)


def _read(path: Path) -> Settings:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}") from error
    table = _table(_table(document, "tool"), "sessionstream").get("lint", {})
    where = f"{path}, [tool.sessionstream.lint]"
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must be a table")
    _refuse_unknown(table, where)
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise SettingsError(f"{where}: per-file-ignores takes a table of lists; got {per_file!r}")
    return Settings(
        select=checked(table.get("select", ["SV"]), f"{where}: select"),
        ignore=checked(table.get("ignore", []), f"{where}: ignore"),
        per_file={
            pattern: checked(codes, f"{where}: per-file-ignores of {pattern}")
            for pattern, codes in per_file.items()
        },
        folder=path.parent,
    )


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = document.get(name, {})
    return table if isinstance(table, dict) else {}


def _refuse_unknown(names: Iterable[str], where: str) -> None:
    for name in names:
        if name not in _KEYS:
            raise SettingsError(f"{where}: no setting {name!r}; there are {', '.join(_KEYS)}")
