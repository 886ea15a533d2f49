"""That the code keeps to the table of layers in `layers.py`.

A file imports files of lower numbers; of its own number too, as long as no
file imports itself through others. `if TYPE_CHECKING:` imports count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import sessionstream
from tests.layers import CODEGEN, IO_MODULES, PUBLIC, PUBLIC_TO_GENERATED, RUNTIME, SANS_IO

ROOT = Path(__file__).parent.parent

TABLES = {
    "sessionstream": (ROOT / "sessionstream", RUNTIME),
    "sessionstream_codegen": (ROOT / "codegen" / "sessionstream_codegen", CODEGEN),
}

CODE = ("sessionstream", "codegen", "benchmarks", "examples", "tests", "tools")
LINE_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: ``import module`` has no ``name``."""

    module: str
    name: str
    line: int


def imports_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            for alias in node.names:
                yield Import(node.module or "", alias.name, node.lineno)


def python_files(*folders: str) -> list[Path]:
    """The hand-written files: no message modules, no golden trees."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if not path.name.endswith("_pb2.py") and "golden" not in path.parts
    )


def module_name(package: str, path: Path) -> str:
    parts = path.relative_to(TABLES[package][0]).with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


@cache
def modules() -> dict[str, Path]:
    """Every module of the two packages."""
    return {
        module_name(package, path): path
        for package, (folder, _) in TABLES.items()
        for path in folder.rglob("*.py")
    }


@cache
def graph() -> dict[str, set[str]]:
    """Which modules of the two packages each of them imports."""
    return {
        module: {
            found
            for imported in imports_of(path)
            for found in [resolve(imported)]
            if found in modules()
        }
        for module, path in modules().items()
    }


def resolve(imported: Import) -> str:
    """The module behind ``from a import b``: ``a.b`` where that is one, else ``a``."""
    submodule = f"{imported.module}.{imported.name}"
    return submodule if submodule in modules() else imported.module


def layer(module: str) -> int | None:
    """The module's number in the table; None where it has none."""
    folder, table = TABLES[module.split(".")[0]]
    path = modules()[module].relative_to(folder)
    listed = [path.as_posix(), *(f"{parent.as_posix()}/" for parent in path.parents)]
    return next((table[name] for name in listed if name in table), None)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


class TestLayers:
    def test_every_file_has_its_place_in_the_table(self) -> None:
        homeless = [shown(path) for module, path in modules().items() if layer(module) is None]
        assert not homeless, (
            f"no layer for {', '.join(sorted(homeless))}: decide what each may import, "
            "and enter it in the table at the top of tests/test_architecture.py"
        )

    def test_every_entry_of_the_table_exists(self) -> None:
        gone = [
            f"{package}: {entry}"
            for package, (folder, table) in TABLES.items()
            for entry in table
            if not (folder / entry).exists()
        ]
        assert not gone, "the table names files that do not exist"

    def test_a_file_imports_no_higher_layer(self) -> None:
        upward = [
            f"{shown(modules()[module])} [{layer(module)}] imports {target} [{layer(target)}]"
            for module, targets in graph().items()
            for target in targets
            if module.split(".")[0] == target.split(".")[0]
            and (layer(module) or 0) < (layer(target) or 0)
        ]
        assert not upward, "data flows down once: move what is needed to a lower layer"

    def test_no_file_imports_itself_through_others(self) -> None:
        try:
            TopologicalSorter(graph()).prepare()
        except CycleError as error:
            pytest.fail(f"import cycle: {' imports '.join(reversed(error.args[1]))}")

    def test_the_plugin_imports_only_the_annotations_of_the_runtime(self) -> None:
        beyond = [
            f"{module} imports {target}"
            for module, targets in graph().items()
            if module.startswith("sessionstream_codegen")
            for target in targets
            if target.split(".")[0] == "sessionstream"
            and not target.startswith(("sessionstream.v1", "sessionstream.protos"))
        ]
        assert not beyond

    def test_the_runtime_does_not_import_the_plugin(self) -> None:
        beyond = [
            f"{module} imports {target}"
            for module, targets in graph().items()
            if not module.startswith("sessionstream_codegen")
            for target in targets
            if target.startswith("sessionstream_codegen")
        ]
        assert not beyond


class TestSansIO:
    @pytest.mark.parametrize("module", SANS_IO)
    def test_no_input_or_output_is_within_reach(self, module: str) -> None:
        """Nor in what the file imports: only the package's root runs first, as for all."""
        reached, todo = set[str](), [module]
        while todo:
            current = todo.pop()
            reached.add(current)
            todo += graph()[current] - reached
        found = [
            f"{shown(modules()[name])}:{imported.line} imports {imported.module}"
            for name in sorted(reached)
            for imported in imports_of(modules()[name])
            if imported.module.split(".")[0] in IO_MODULES
        ]
        assert not found


class TestExamples:
    def test_they_import_only_public_modules(self) -> None:
        private = [
            f"{shown(path)}:{imported.line} imports {resolve(imported)}"
            for path, imported in example_imports()
            if resolve(imported)
            not in (PUBLIC_TO_GENERATED if path.name.endswith("_sessionstream.py") else PUBLIC)
        ]
        assert not private, f"an application imports only {', '.join(sorted(PUBLIC))}"

    def test_they_import_only_public_names(self) -> None:
        private = [
            f"{shown(path)}:{imported.line} imports {imported.name}"
            for path, imported in example_imports()
            if imported.name.startswith("_")
            or (
                resolve(imported) == "sessionstream"
                and imported.name not in {"", *sessionstream.__all__}
            )
        ]
        assert not private, "public names of the package are those in sessionstream.__all__"


def example_imports() -> Iterator[tuple[Path, Import]]:
    """The imports of the two packages by the examples and the consumer project."""
    for path in python_files("examples", "tests/consumer"):
        for imported in imports_of(path):
            if imported.module.split(".")[0] in TABLES:
                yield path, imported


class TestSize:
    def test_no_file_is_longer_than_the_limit(self) -> None:
        files = python_files(*CODE)
        long = [
            f"{shown(path)}: {lines} lines"
            for path in files
            if not path.name.endswith("_sessionstream.py")
            for lines in [len(path.read_text(encoding="utf-8").splitlines())]
            if lines > LINE_LIMIT
        ]
        assert not long, f"over {LINE_LIMIT} lines: where is the split?"
