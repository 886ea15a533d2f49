"""What the tests of scaffolds share: runs of it, and user files that it adds to."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from sessionstream_codegen.model import Run
from sessionstream_codegen.protoc import compile_request
from sessionstream_codegen.reader import read
from sessionstream_codegen.scaffold import Scaffold
from sessionstream_codegen.scaffolding.files import plan_existing
from sessionstream_codegen.scaffolding.stubs import StubFile, stub_files

from sessionstream.protos import include_dir
from tests.codegen.golden_trees import REPOSITORY, ROOT, proto_files, run

CHAT = "everything/v1/chat.proto"
_NAMES = re.compile(r"from [\w.]+ import [\w, ]+")


def scaffold(
    out: Path,
    *protos: str,
    root: Path = ROOT,
    add_missing: bool = False,
    dry_run: bool = False,
) -> list[str]:
    """Returns what a run said, with paths relative to ``out``, but not what is to be written."""
    asked = [str(root / proto) for proto in protos or [CHAT]]
    work = Scaffold(
        protos=asked, out=out, includes=[root], add_missing=add_missing, dry_run=dry_run
    )
    said = (line.replace(f"{out}/", "") for line in work.run())
    return [line for line in said if not line.startswith("to be written in ")]


@cache
def golden_run() -> Run:
    """Returns the model of all golden trees; protoc is started once for them."""
    return read(compile_request([str(ROOT / proto) for proto in proto_files()], [ROOT]))


@cache
def stubs(proto: str) -> Mapping[str, StubFile]:
    """Returns what a golden tree asks of its user, by the names of the files."""
    found = stub_files(golden_run().files[proto], golden_run())
    return {stub.name: stub for stub in found}


def added(path: Path, text: str, proto: str = CHAT) -> str:
    """Returns a user file after what is missing was added; it must have grown, and well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    stub = stubs(proto)[path.name]
    plan = plan_existing(path, [stub], add_missing=True)
    if not plan.verb:
        return text
    plan.write()
    after = path.read_bytes().decode()
    assert_grown(text, after)
    again = plan_existing(path, [stub], add_missing=True)
    assert not again.verb, "a second run has nothing to add"
    return after


def assert_grown(before: str, after: str) -> None:
    """Holds that every old line is there in order, unchanged, and every old statement too.

    A line that imports names from a module may get more of them, and more lines.
    """
    before, after = (text.removeprefix("\ufeff") for text in (before, after))
    characters = iter(after)
    assert all(one in characters for one in before)
    remaining = iter(after.splitlines(keepends=True))
    for line in before.splitlines(keepends=True):
        ends = {line, f"{line}\n", f"{line}\r\n", f"{line}\r"} if line[-1] not in "\r\n" else {line}
        if not _NAMES.fullmatch(line.rstrip("\r\n")):
            assert any(one in ends for one in remaining), f"{line!r} is gone"
    old, new = (iter_statements(text) for text in (before, after))
    rest = iter(new)
    assert all(any(one == statement for one in rest) for statement in old)


def iter_statements(text: str) -> list[str]:
    """Returns the simple statements of a file in order, and the heads of the others."""
    tree = ast.parse(text)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    each = (one for node in found for one in _each(node))
    return [f"{type(node).__name__} {_head(node)}" for node in each]


def _each(node: ast.stmt) -> list[ast.stmt]:
    """Returns a statement for each name that is imported: more of them may come to it."""
    if isinstance(node, ast.ImportFrom):
        return [ast.ImportFrom(node.module, [name], node.level) for name in node.names]
    return [node]


def _head(node: ast.stmt) -> str:
    kept = {name: value for name, value in ast.iter_fields(node) if not _is_block(value)}
    return " ".join(f"{name}={_dump(value)}" for name, value in kept.items())


def _is_block(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, ast.stmt) for one in value)


def _dump(value: object) -> str:
    if isinstance(value, list):
        return str([_dump(one) for one in value])
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)


def build_project(folder: Path, files: Mapping[str, str]) -> None:
    """Writes .proto files and all that protoc generates of them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    outs = [f"--{plugin}_out={folder}" for plugin in ("python", "mypy", "sessionstream")]
    includes = [f"-I{folder}", f"-I{include_dir()}"]
    done = run(sys.executable, "-m", "grpc_tools.protoc", *includes, *outs, *files)
    assert done.returncode == 0, done.stderr


def folder_of(proto: str, project: Path) -> Path:
    """Returns where the scaffold of a golden tree goes: it is a package that can be imported."""
    app = project / "async/import/app" if proto.startswith("async/") else project / "app"
    return app / proto.removesuffix(".proto").replace("/", "_").replace("-", "_")


def ruff_settings() -> str:
    """Our own settings as a file of their own, without the packages of this repository."""
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    section = text.partition("[tool.ruff]\n")[2]
    return section.replace("[tool.ruff.", "[").replace('src = [".", "codegen"]\n', "")


def mypy_strict(project: Path, *folders: str) -> subprocess.CompletedProcess[str]:
    """Checks folders of a project as a user would, without settings."""
    strict: Sequence[str] = ["--strict", "--explicit-package-bases", "--config-file="]
    return run("mypy", *strict, *folders, cwd=project)
