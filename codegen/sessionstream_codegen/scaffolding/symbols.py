"""What the user's code for a generated module refers to: names to import.

Code is kept as templates for `str.format`: every imported name stands in
braces, under a key of ours, so that a file can use whatever name it has for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import MessageDecl, Run
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX
from sessionstream_codegen.targets.python.names import ModuleNames, payload_class
from sessionstream_codegen.targets.python.spelling import CLASS_SUFFIXES

STANDARD = frozenset({"collections.abc", "typing"})
"""The modules of Python's own."""

RUNTIME = STANDARD | {"sessionstream"}
"""The modules that are not generated."""

_CONTRACTS = ("Command", "Event", "EventPublisher", "Session", "TimelineView", "override")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name to import: ``from module import name``, or ``import name`` where that is empty.

    ``alias`` is the name that our own code has for a module.
    """

    module: str
    name: str
    alias: str = ""

    @property
    def local_name(self) -> str:
        """What our own code calls it."""
        return self.alias or self.name

    @property
    def dotted(self) -> str:
        """Where it is to be found, from the top."""
        return f"{self.module}.{self.name}".lstrip(".")

    @property
    def is_module(self) -> bool:
        """Whether it is a module, and no name in one."""
        return bool(self.alias)

    @property
    def file(self) -> str:
        """The module: itself, or where it stands."""
        return self.dotted if self.is_module else self.module

    @property
    def package(self) -> str:
        """The package of the module; empty at the top."""
        return self.file.rpartition(".")[0]


class Symbols:
    """The symbols for one generated module, by their keys, and templates of payloads."""

    def __init__(self, module: ModuleNames, run: Run) -> None:
        self._run = run
        self._pb2 = {imported.module: imported.alias for imported in module.imported}
        generated = names.module(module.file.path, SUFFIX)
        self.by_key: dict[str, Symbol] = {
            "final": Symbol("typing", "final"),
            "Iterable": Symbol("collections.abc", "Iterable"),
            **{name: Symbol("sessionstream", name) for name in _CONTRACTS},
            **{f"own_{suffix}": Symbol(generated, module.cls(suffix)) for suffix in CLASS_SUFFIXES},
        }

    def payload(self, message: MessageDecl) -> str:
        """Returns the template of a payload's class; what it refers to is a symbol from now on."""
        found = payload_class(self._run.files[message.position.path], message)
        if found.module.endswith(PB2):
            package, _, name = found.module.rpartition(".")
            return self._template(Symbol(package, name, self._pb2[found.module]), found.attributes)
        return self._template(Symbol(found.module, found.attributes[0]), found.attributes[1:])

    def _template(self, symbol: Symbol, attributes: tuple[str, ...]) -> str:
        key = symbol.dotted.replace(".", "_")
        self.by_key[key] = symbol
        return ".".join((f"{{{key}}}", *attributes))
