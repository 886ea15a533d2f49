"""The golden trees and those made here in TypeScript, with the types of protoc-gen-es beside."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sessionstream.protos import include_dir
from tests import node
from tests.codegen.golden_trees import OPTIONS, ROOT, proto_files, run
from tests.codegen.made_trees import made_trees

_ANNOTATIONS = "sessionstream/v1/options.proto"


def modules(folder: Path) -> dict[str, str]:
    """Returns the generated modules in a folder by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*_sessionstream.ts")
    }


def build(folder: Path) -> None:
    """Writes our modules for the golden trees."""
    _protoc(folder, proto_files(), f"-I{ROOT}", *_ours(folder))


def build_all(folder: Path) -> None:
    """Writes them for the trees that are made, too, and what protoc-gen-es writes for all."""
    with tempfile.TemporaryDirectory() as root:
        _write(Path(root), made_trees())
        files = [*proto_files(), *made_trees()]
        _protoc(folder, files, f"-I{ROOT}", f"-I{root}", *_ours(folder))
        _protoc(folder, [*files, _ANNOTATIONS], f"-I{ROOT}", f"-I{root}", *_messages(folder))


def build_file(folder: Path, text: str, path: str = "app/v1/app.proto") -> str:
    """Writes the module of one file, with its types; returns the module."""
    with tempfile.TemporaryDirectory() as root:
        _write(Path(root), {path: text})
        _protoc(folder, [path], f"-I{root}", *_ours(folder))
        _protoc(folder, [path, _ANNOTATIONS], f"-I{root}", *_messages(folder))
    [module] = modules(folder).values()
    return module


def _ours(folder: Path) -> Sequence[str]:
    return (
        f"--sessionstream_out={folder}",
        f"--sessionstream_opt=target=typescript,{OPTIONS}",
    )


def _messages(folder: Path) -> Sequence[str]:
    script = node.package("@bufbuild/protoc-gen-es/bin/protoc-gen-es")
    plugin = folder / "protoc-gen-es"
    plugin.write_text(f'#!/bin/sh\nexec "{node.node()}" "{script}"\n')
    plugin.chmod(0o755)
    return (
        f"--plugin=protoc-gen-es={plugin}",
        f"--es_out={folder}",
        "--es_opt=target=ts,json_types=true,import_extension=js",
    )


def _protoc(folder: Path, files: Sequence[str], *arguments: str) -> None:
    protoc = (sys.executable, "-m", "grpc_tools.protoc", f"-I{include_dir()}")
    done = run(*protoc, *arguments, *files)
    assert done.returncode == 0, done.stderr


def _write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
