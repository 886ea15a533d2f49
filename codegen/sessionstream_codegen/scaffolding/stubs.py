"""What a user has to write for a generated module: classes to fill, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from string import Formatter

from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.scaffolding.bodies import (
    PARAMETERS,
    Payload,
    handler_body,
    local_names,
    timeline_body,
    ui_body,
)
from sessionstream_codegen.scaffolding.lines import Line
from sessionstream_codegen.scaffolding.symbols import Symbol, Symbols
from sessionstream_codegen.targets.python import docstrings
from sessionstream_codegen.targets.python.layout import LINE_LENGTH, Bracket, lay_out
from sessionstream_codegen.targets.python.names import ModuleNames, Named

HANDLERS = "handlers.py"
PROJECTIONS = "projections.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class StubMethod:
    """A method: its signature and its body as templates, its docstring as text.

    Where the body has no statement, it raises and names ``file_name``: what is
    not written never passes for done.
    """

    name: str
    keyword: str
    parameters: tuple[str, ...]
    returns: str
    comment: str
    default: str
    file_name: str
    body: tuple[Line, ...] = ()

    @property
    def imported(self) -> frozenset[str]:
        """The keys of the symbols that its code refers to."""
        return self.evaluated | _keys(*self.parameters, self.returns)

    @property
    def evaluated(self) -> frozenset[str]:
        """Those that are needed when the code runs; the others stand in annotations."""
        return frozenset({"override"}).union(*(line.imported for line in self.body))

    @property
    def local_names(self) -> frozenset[str]:
        """The names that hide those of the file in its body."""
        return PARAMETERS | local_names(self.body)

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
                docstrings.brief(self.comment, self.default, 8, self.name),
                *(line.laid_out(named, 8) for line in self.body),
                *([] if any(not line.comment for line in self.body) else [self._unwritten()]),
            ]
        )

    def _unwritten(self) -> str:
        head, text = "raise NotImplementedError(", f'"write {self.name} in {self.file_name}"'
        if 12 + len(text) > LINE_LENGTH:
            parts = f'"write {self.name}"', f'" in {self.file_name}"'
            return "\n".join(
                [f"        {head}", *(f"{' ' * 12}{part}" for part in parts), "        )"]
            )
        return lay_out(Bracket(head, [text], ")"), 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class StubClass:
    """A class to write.

    ``members`` are all methods that the base asks of it or lets it replace. An
    existing class may derive from ``partial``, and lacks nothing then.
    """

    name: str
    comment: str
    base: str
    partial: str = ""
    methods: tuple[StubMethod, ...]
    members: frozenset[str]

    def placed(self, file_name: str) -> StubClass:
        """Returns the class as it is in a file of this name."""
        methods = tuple(replace(method, file_name=file_name) for method in self.methods)
        return replace(self, methods=methods)

    def code(self, named: Mapping[str, str]) -> str:
        """Returns the class with its methods."""
        head = lay_out(Bracket(f"class {self.name}(", [named[self.base]], "):"))
        body = [f'    """{self.comment}"""', *(method.code(named) for method in self.methods)]
        return f"@{named['final']}\n{head}\n" + "\n\n".join(body)

    @property
    def imported(self) -> frozenset[str]:
        """The keys of the symbols that its code refers to."""
        return self.evaluated.union(*(method.imported for method in self.methods))

    @property
    def evaluated(self) -> frozenset[str]:
        """Those that are needed when the code runs; the others stand in annotations."""
        inner = (method.evaluated for method in self.methods)
        return frozenset({"final", self.base}).union(*inner)

    @property
    def local_names(self) -> frozenset[str]:
        """The names that hide those of the file in its methods."""
        return frozenset[str]().union(*(method.local_names for method in self.methods))


@dataclass(frozen=True, slots=True, kw_only=True)
class StubFile:
    """A file of the user's; ``symbols`` are what its code may import, by their keys."""

    name: str
    comment: str
    classes: tuple[StubClass, ...]
    symbols: Mapping[str, Symbol]

    def placed(self, name: str, classes: Iterable[StubClass]) -> StubFile:
        """Returns these classes of it in a file of another name."""
        return replace(self, name=name, classes=tuple(cls.placed(name) for cls in classes))


def stub_files(file: FileDecl, run: Run) -> Iterator[StubFile]:
    """Yields what is to be written for the file's module: handlers and projections."""
    module = ModuleNames(file, run)
    symbols = Symbols(module, run)
    for name, kinds, does in (
        (HANDLERS, (_handlers,), "Handles the commands"),
        (PROJECTIONS, (_ui_projection, _timeline_projection), "Projects the events"),
    ):
        classes = tuple(cls for kind in kinds for cls in kind(module, symbols, name))
        if classes:
            yield StubFile(
                name=name,
                comment=f"{does} of ``{file.path}``.",
                classes=classes,
                symbols=symbols.by_key,
            )


def _handlers(module: ModuleNames, symbols: Symbols, file_name: str) -> Iterator[StubClass]:
    publisher = "own_Publisher" if module.published else "EventPublisher"
    if module.commands:
        yield StubClass(
            name="Handlers",
            comment="Does what the commands ask for.",
            base="own_Handlers",
            methods=tuple(
                _handle(module, named, symbols, publisher, file_name) for named in module.commands
            ),
            members=frozenset(named.member for named in module.commands),
        )


def _ui_projection(module: ModuleNames, symbols: Symbols, file_name: str) -> Iterator[StubClass]:
    if module.ui_projected:
        project = _projecting(module, symbols, "own_UIEvent", file_name)
        yield StubClass(
            name="LiveEvents",
            comment="What clients see while it happens.",
            base="own_UIProjection",
            partial="own_UIProjectionPartial",
            methods=tuple(project(named, ui_body) for named in module.ui_abstract),
            members=frozenset(named.member for named in module.ui_projected),
        )


def _timeline_projection(
    module: ModuleNames, symbols: Symbols, file_name: str
) -> Iterator[StubClass]:
    if module.timeline_projected:
        project = _projecting(module, symbols, "own_Entity", file_name)
        yield StubClass(
            # The generated class of ``stored.proto`` is called so.
            name="KeptEntities" if module.prefix == "Stored" else "StoredEntities",
            comment="What is kept of it.",
            base="own_TimelineProjection",
            partial="own_TimelineProjectionPartial",
            methods=tuple(project(named, timeline_body) for named in module.timeline_projected),
            members=frozenset(named.member for named in module.timeline_projected),
        )


def _handle(
    module: ModuleNames, named: Named, symbols: Symbols, publisher: str, file_name: str
) -> StubMethod:
    return StubMethod(
        name=named.member,
        keyword="async def",
        parameters=(
            f"command: {{Command}}[{symbols.payload(named.message)}]",
            "session: {Session}",
            f"publisher: {{{publisher}}}",
        ),
        returns="None",
        comment=named.message.comment,
        default=f"Handles ``{named.wire}``.",
        file_name=file_name,
        body=tuple(handler_body(module, named, symbols.payload)),
    )


_Body = Callable[[ModuleNames, Named, Payload], list[Line]]


def _projecting(
    module: ModuleNames, symbols: Symbols, result: str, file_name: str
) -> Callable[[Named, _Body], StubMethod]:
    """Returns what makes the methods of one projection."""
    view = "own_TimelineView" if module.entities else "TimelineView"

    def project(named: Named, body: _Body) -> StubMethod:
        return StubMethod(
            name=named.member,
            keyword="def",
            parameters=(
                f"event: {{Event}}[{symbols.payload(named.message)}]",
                "session: {Session}",
                f"view: {{{view}}}",
            ),
            returns=f"{{Iterable}}[{{{result}}}]",
            comment=named.message.comment,
            default=f"Projects ``{named.wire}``.",
            file_name=file_name,
            body=tuple(body(module, named, symbols.payload)),
        )

    return project


def _keys(*templates: str) -> frozenset[str]:
    fields = (field for text in templates for _, field, _, _ in Formatter().parse(text))
    return frozenset(field for field in fields if field)
