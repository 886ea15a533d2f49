"""An application of several files, with the app module and the catalogue of its run."""

from __future__ import annotations

import sys
from pathlib import Path

from sessionstream.protos import include_dir
from tests.codegen.golden_trees import run

ROOT = Path(__file__).parent / "apps" / "golden"
APP = "acme/desk"
WHOLE = (f"{APP}.py", f"{APP}.md")
"""What is written once for the run; these files are committed beside the .proto files."""


def proto_files() -> list[str]:
    """Returns the .proto files, relative to the root."""
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.proto"))


def build(folder: Path) -> None:
    """Runs protoc with the installed plugins, once for each target."""
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", f"-I{include_dir()}"]
    messages = [f"--python_out={folder}", f"--mypy_out={folder}"]
    ours = [f"--sessionstream_out={folder}", f"--sessionstream_opt=app={APP},version=false"]
    for options in ([*messages, *ours], [*ours, "--sessionstream_opt=target=markdown"]):
        done = run(*protoc, *options, *proto_files())
        assert done.returncode == 0, done.stderr
