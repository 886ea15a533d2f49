"""A user's project in a temporary folder, with buf as a user sets it up."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sessionstream.protos import include_dir
from tests.codegen import golden_trees

OPTIONS = "sessionstream/v1/options.proto"
BUF_YAML = """\
version: v2
modules:
  - path: proto
  - path: vendor
"""


def template(*plugins: str) -> str:
    """A buf.gen.yaml: plugins as ``sessionstream out=gen strategy=all opt=target=lock``."""
    lines = ["version: v2", "plugins:"]
    for plugin in plugins:
        name, *settings = plugin.split()
        kind = "protoc_builtin" if name == "python" else "local"
        lines.append(f"  - {kind}: {name if name == 'python' else f'protoc-gen-{name}'}")
        if name == "python":
            lines.append("    protoc_path: [python, -m, grpc_tools.protoc]")
        lines += [f"    {setting.replace('=', ': ', 1)}" for setting in settings]
    return "\n".join([*lines, "inputs:", "  - directory: proto", ""])


def write_project(folder: Path, protos: Mapping[str, str], buf_gen: str) -> Path:
    """Writes the project, nothing generated yet; returns its folder."""
    files = {f"proto/{path}": text for path, text in protos.items()}
    for path, text in {**files, "buf.yaml": BUF_YAML, "buf.gen.yaml": buf_gen}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    vendored = folder / "vendor" / OPTIONS
    vendored.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(include_dir() / OPTIONS, vendored)
    return folder


def buf_generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs buf in a folder."""
    return golden_trees.run("buf", "generate", *arguments, cwd=folder)
