"""The app module: one run's generated modules, registered and installed as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from sessionstream_codegen.model import Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.targets.app.names import AppFile, app_files, app_prefix
from sessionstream_codegen.targets.app.unions import AppUnions
from sessionstream_codegen.targets.base import MARK_EXPLAINED, OutputFile, insertion_point, run_mark
from sessionstream_codegen.targets.header import generated_by
from sessionstream_codegen.targets.python import deprecation, docstrings
from sessionstream_codegen.targets.python.exemptions import exemption_line
from sessionstream_codegen.targets.python.imports import import_block
from sessionstream_codegen.targets.python.layout import (
    LINE_LENGTH,
    Bracket,
    Item,
    assign,
    give,
    hint,
    lay_out,
    one_per_line,
    tuple_of,
)

_TEMPLATES = Environment(
    loader=PackageLoader("sessionstream_codegen", "templates/app"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


def app_module(run: Run, parameters: Parameters) -> Iterator[OutputFile]:
    """Yields the app module; none where no file has roles.

    buf calls the plugin for folders without roles as well.
    """
    files = app_files(run)
    if not files:
        return
    unions = AppUnions(files, run)
    context = _context(files, unions, app_prefix(parameters.app))
    body = _TEMPLATES.get_template("app.py.j2").render(context).strip("\n")
    paths = [file.module.file.path for file in files]
    listed = "\n".join(f"- ``{path}``" for path in paths)
    title = f"The app ``{parameters.app}``: the modules of its files, installed as one."
    header = docstrings.literal(title, [listed, generated_by(parameters)], 0)
    mark = run_mark(run)
    pragmas = f"# isort: skip_file\n# {MARK_EXPLAINED}\n# {insertion_point(mark)}\n"
    called = [file.parameter for file in files]
    pragmas += deprecation.pragma(one for file in files for one in file.module.messages)
    noqa = exemption_line(f"{header}\n{pragmas}{body}", parameters=called)
    imports = import_block(body, unions.imported)
    content = f"{header}\n\n{pragmas}{noqa}\n{imports}\n\n{body}\n"
    yield OutputFile(f"{parameters.app}.py", content, mark)


def _context(files: Sequence[AppFile], unions: AppUnions, prefix: str) -> dict[str, object]:
    return {
        "files": files,
        "schemas": _schemas(files),
        "prefix": prefix,
        "unions": unions.unions(),
        "parameters": ["hub: Hub", *_parameters(files)],
        "lacking": list(_lacking(files)),
        "watched": _watched(unions, prefix),
        "clients": [file for file in files if file.module.has_client],
        "fit": _fit,
        "rows": _rows,
        "let": _let,
        "give": lambda head, items, indent: give(Bracket(head, items, ")"), indent),
        "attribute": _attribute,
    }


def _watched(unions: AppUnions, prefix: str) -> dict[str, object]:
    """Returns what a client of the app gives of a session: its type, and what is in it."""
    found = {union.suffix: union for union in unions.unions()}
    parts = [prefix + suffix if suffix in found else "Never" for suffix in ("UIEvent", "Entity")]
    ui_events = found["UIEvent"].members if "UIEvent" in found else ()
    return {
        "is_any": parts != ["Never", "Never"],
        "type": f"typed.Watch[{', '.join(parts)}]",
        "ui_events": tuple_of("ui_events=", ui_events),
        "kinds": tuple_of("kinds=", unions.kinds()),
    }


def _schemas(files: Sequence[AppFile]) -> str:
    name, members = "SCHEMAS: Final = ", [file.member("SCHEMAS") for file in files]
    if len(members) == 1:
        return _in_parentheses(name, members, "", 0)
    return lay_out(one_per_line(f"{name}(", [f"*{member}" for member in members], ")"))


def _parameters(files: Iterable[AppFile]) -> list[str]:
    found = [f"{file.parameter}: {file.parts}" for file in files if file.roles]
    return ["*", *found] if found else []


def _lacking(files: Sequence[AppFile]) -> Iterator[tuple[str, str]]:
    """Yields the errors of ``install`` with the roles that may lack a method."""
    asked = {role for file in files for role, _ in file.roles}
    if "handlers" in asked:
        yield "HandlerError", "handlers"
    projections = " or ".join(role for role in ("ui", "timeline") if role in asked)
    if projections:
        yield "SchemaError", projections


def _fit(head: str, items: Sequence[str], tail: str, indent: int = 0) -> str:
    return lay_out(Bracket(head, items, tail), indent)


def _rows(head: str, items: Sequence[Item], tail: str) -> str:
    return lay_out(one_per_line(head, items, tail))


def _let(target: str, head: str, items: Sequence[str], indent: int) -> str:
    return assign(target, Bracket(head, items, ")"), indent)


def _attribute(role: str, type_name: str) -> str:
    """Lays out a class attribute; projections are optional."""
    if role == "handlers":
        return hint(role, type_name, 4)
    whole = f"{role}: {type_name} | None = "
    if 4 + len(f"{whole}None") > LINE_LENGTH >= 4 + len(f"{whole}("):
        return f"    {whole}(\n        None\n    )"
    return _in_parentheses(f"{role}: ", [type_name, "| None"], " = None", 4)


def _in_parentheses(head: str, parts: Sequence[str], tail: str, indent: int) -> str:
    """Lays out a head and a value of a few parts; what is too long goes into parentheses."""
    margin, value = " " * indent, " ".join(parts)
    whole = f"{margin}{head}{value}{tail}"
    fits = indent + 4 + len(value) <= LINE_LENGTH
    if len(whole) <= LINE_LENGTH or not (fits or len(parts) > 1):
        return whole
    lines = [f"{margin}    {line}" for line in ([value] if fits else parts)]
    return "\n".join([f"{margin}{head}(", *lines, f"{margin}){tail}"])
