"""The plugin's parameters: what ``opt:`` of buf and ``--sessionstream_opt`` of protoc hold.

A comma stands between parameters, so no value holds one. Spaces and line breaks
around a parameter are left out: YAML's block texts end with one.
"""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Diagnostic, quoted

_APP = re.compile(r"[A-Za-z_]\w*(/[A-Za-z_]\w*)*", re.ASCII)
_SWITCH = {"true": True, "false": False}
_NAMES = ("app", "target", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a run is to write.

    ``app`` is the path of a module for the whole run, without extension;
    empty for none. ``version`` says whether headers name the plugin's.
    """

    target: str = "python"
    app: str = ""
    version: bool = True

    def __str__(self) -> str:
        """Returns those that are not as by default, as one would give them to the plugin."""
        default = Parameters()
        given = {
            "target": self.target if self.target != default.target else "",
            "app": self.app,
            "version": "" if self.version else "false",
        }
        return ",".join(f"{name}={value}" for name, value in given.items() if value)


def parse(text: str, targets: Collection[str]) -> tuple[Parameters, list[Diagnostic]]:
    """Returns the parameters and what is wrong with the text: SS001.

    ``targets`` are the values that ``target`` may have.
    """
    given: dict[str, str] = {}
    wrong: list[Diagnostic] = []
    for item in filter(None, (item.strip() for item in text.split(","))):
        name, _, value = item.partition("=")
        problem = _name_problem(name, given) or _value_problem(name, value, targets)
        if problem:
            wrong.append(Diagnostic(None, "SS001", problem))
        given[name] = value
    if wrong:
        return Parameters(), wrong
    default = Parameters()
    return (
        Parameters(
            target=given.get("target", default.target),
            app=given.get("app", default.app),
            version=_SWITCH[given.get("version", "true")],
        ),
        [],
    )


def _name_problem(name: str, earlier: Collection[str]) -> str:
    if name in earlier:
        return f"the parameter {quoted(name)} is given twice; remove one of them"
    if name in _NAMES:
        return ""
    near = difflib.get_close_matches(name, _NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the plugin has {', '.join(_NAMES)}"
    return f"unknown parameter {quoted(name)}; {hint}"


def _value_problem(name: str, value: str, targets: Collection[str]) -> str:
    match name:
        case "target" if value not in targets:
            wanted = f"one of {', '.join(targets)}"
        case "app" if not _APP.fullmatch(value) or any(map(keyword.iskeyword, value.split("/"))):
            wanted = "a module with slashes for dots, as in app=desk or app=acme/desk"
        case "version" if value not in _SWITCH:
            wanted = "true or false"
        case _:
            return ""
    given = f"{name}={value}"
    shown = given if given.isprintable() else quoted(given)
    return f"{shown} can't be used; {name} takes {wanted}"
