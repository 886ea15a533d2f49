"""What the tests of generated code share: the golden trees, and runs of the tools.

All trees lie under one root, as the modules of one project would: a tree is a
folder, or a lone file. They are generated, imported and type-checked at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sessionstream.protos import include_dir

ROOT = Path(__file__).parent / "golden"
REPOSITORY = Path(__file__).parent.parent.parent
OPTIONS = "version=false"
"""The plugin's, for code that is committed: an upgrade changes no line that it need not."""


def proto_files() -> list[str]:
    """Returns the .proto files, relative to the root."""
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.proto"))


def modules(folder: Path) -> dict[str, str]:
    """Returns the generated modules in a folder by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*_sessionstream.py")
    }


def tree(folder: Path) -> dict[str, bytes]:
    """Returns every file below a folder by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def build(
    folder: Path,
    plugins: Sequence[str] = ("python", "mypy", "sessionstream"),
    made: Mapping[str, str] | None = None,
) -> None:
    """Runs protoc with the installed plugins over every tree; the modules name no version.

    ``made`` are more .proto files, by their paths.
    """
    outs = [f"--{plugin}_out={folder}" for plugin in plugins]
    options = [f"--sessionstream_opt={OPTIONS}"] if "sessionstream" in plugins else []
    with tempfile.TemporaryDirectory() as root:
        for path, text in (made or {}).items():
            (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(root) / path).write_text(text, encoding="utf-8")
        includes = [f"-I{ROOT}", f"-I{root}", f"-I{include_dir()}"]
        protoc = [sys.executable, "-m", "grpc_tools.protoc", *includes, *outs, *options]
        done = run(*protoc, *proto_files(), *(made or {}))
    assert done.returncode == 0, done.stderr


def run(
    *command: str | Path, cwd: Path = REPOSITORY, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command of this environment, the console scripts on its PATH."""
    done = run_bytes(*command, cwd=cwd, stdin=stdin, **environ)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode()
    )


def run_bytes(
    *command: str | Path, cwd: Path = REPOSITORY, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command as `run` does, and returns what it wrote as it is."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": path, **environ},
        input=stdin,
        capture_output=True,
        check=False,
    )
