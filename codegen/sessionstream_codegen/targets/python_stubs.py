"""What a user has to write for a generated module: classes to fill, as data.

Code is kept as templates for `str.format`: every imported name stands in
braces, so that a file can use whatever name it imported it under.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.targets import docstrings
from sessionstream_codegen.targets.layout import LINE_LENGTH, Bracket, lay_out
from sessionstream_codegen.targets.python_modules import PB2, SUFFIX
from sessionstream_codegen.targets.python_names import ModuleNames, Named
from sessionstream_codegen.targets.python_spelling import CLASS_SUFFIXES, payload_alias


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name to import: ``from module import name``."""

    module: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StubMethod:
    """A method: its signature as templates, its docstring as text.

    Its body raises, and names ``file_name``: what is not written never passes for done.
    """

    name: str
    keyword: str
    parameters: tuple[str, ...]
    returns: str
    comment: str
    default: str
    file_name: str

    @property
    def imported(self) -> frozenset[str]:
        """The template names of what its code imports."""
        texts = (*self.parameters, self.returns)
        fields = (field for text in texts for _, field, _, _ in Formatter().parse(text))
        return frozenset({"override", *(field for field in fields if field)})

    def code(self, named: Mapping[str, str]) -> str:
        """Returns the method, indented by four, with imported names filled in."""
        head = Bracket(
            f"{self.keyword} {self.name}(",
            ["self", *(parameter.format_map(named) for parameter in self.parameters)],
            f") -> {self.returns.format_map(named)}:",
        )
        return "\n".join(
            [
                f"    @{named['override']}",
                lay_out(head, 4),
                docstrings.brief(self.comment, self.default, 8),
                self._body(),
            ]
        )

    def _body(self) -> str:
        head, text = "raise NotImplementedError(", f'"write {self.name} in {self.file_name}"'
        if 12 + len(text) > LINE_LENGTH:
            parts = f'"write {self.name}"', f'" in {self.file_name}"'
            return "\n".join(
                [f"        {head}", *(f"{' ' * 12}{part}" for part in parts), "        )"]
            )
        return lay_out(Bracket(head, [text], ")"), 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class StubClass:
    """A class to write. An existing one may derive from ``partial``, and lacks nothing then."""

    name: str
    comment: str
    base: str
    partial: str = ""
    methods: tuple[StubMethod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StubFile:
    """A file of the user's; ``symbols`` are what its code may import, by template name."""

    name: str
    comment: str
    classes: tuple[StubClass, ...]
    symbols: Mapping[str, Symbol]


def stub_files(file: FileDecl, run: Run, label: str = "") -> Iterator[StubFile]:
    """Yields what is to be written for the file's module: handlers and projections.

    ``label`` begins the names of the files.
    """
    module = ModuleNames(file, run)
    for name, kinds, does in (
        (f"{label}handlers.py", (_handlers,), "Handles the commands"),
        (f"{label}projections.py", (_ui_projection, _timeline_projection), "Projects the events"),
    ):
        classes = tuple(cls for kind in kinds for cls in kind(module, name))
        if classes:
            yield StubFile(
                name=name,
                comment=f"{does} of ``{file.path}``.",
                classes=classes,
                symbols=_symbols(module),
            )


def _symbols(module: ModuleNames) -> dict[str, Symbol]:
    runtime = ("Command", "Event", "EventPublisher", "Session", "TimelineView", "override")
    package, _, pb2 = names.module(module.file.path, PB2).rpartition(".")
    generated = names.module(module.file.path, SUFFIX)
    return {
        "final": Symbol("typing", "final"),
        "Iterable": Symbol("collections.abc", "Iterable"),
        "pb": Symbol(package, pb2),
        **{name: Symbol("sessionstream", name) for name in runtime},
        **{f"own_{suffix}": Symbol(generated, module.cls(suffix)) for suffix in CLASS_SUFFIXES},
        **{
            f"payload_{alias}": Symbol(generated, alias)
            for alias in map(payload_alias, module.aliased)
        },
    }


def _handlers(module: ModuleNames, file_name: str) -> Iterator[StubClass]:
    publisher = "own_Publisher" if module.published else "EventPublisher"
    if module.commands:
        yield StubClass(
            name="Handlers",
            comment="Does what the commands ask for.",
            base="own_Handlers",
            methods=tuple(_handle(named, publisher, file_name) for named in module.commands),
        )


def _ui_projection(module: ModuleNames, file_name: str) -> Iterator[StubClass]:
    if module.ui_projected:
        yield StubClass(
            name="LiveEvents",
            comment="What clients see while it happens.",
            base="own_UIProjection",
            partial="own_UIProjectionPartial",
            methods=tuple(
                _project(module, named, "own_UIEvent", file_name) for named in module.ui_abstract
            ),
        )


def _timeline_projection(module: ModuleNames, file_name: str) -> Iterator[StubClass]:
    if module.timeline_projected:
        yield StubClass(
            name="StoredEntities",
            comment="What is kept of it.",
            base="own_TimelineProjection",
            partial="own_TimelineProjectionPartial",
            methods=tuple(
                _project(module, named, "own_Entity", file_name)
                for named in module.timeline_projected
            ),
        )


def _handle(named: Named, publisher: str, file_name: str) -> StubMethod:
    return StubMethod(
        name=named.member,
        keyword="async def",
        parameters=(
            f"command: {{Command}}[{_payload(named)}]",
            "session: {Session}",
            f"publisher: {{{publisher}}}",
        ),
        returns="None",
        comment=named.message.comment,
        default=f"Handles ``{named.wire}``.",
        file_name=file_name,
    )


def _project(module: ModuleNames, named: Named, result: str, file_name: str) -> StubMethod:
    view = "own_TimelineView" if module.entities else "TimelineView"
    return StubMethod(
        name=named.member,
        keyword="def",
        parameters=(
            f"event: {{Event}}[{_payload(named)}]",
            "session: {Session}",
            f"view: {{{view}}}",
        ),
        returns=f"{{Iterable}}[{{{result}}}]",
        comment=named.message.comment,
        default=f"Projects ``{named.wire}``.",
        file_name=file_name,
    )


def _payload(named: Named) -> str:
    alias = payload_alias(named.message)
    if alias:
        return f"{{payload_{alias}}}"
    return ".".join(("{pb}", *named.message.scope))
