"""Writes the code that is generated from the .proto files, or checks that it is current.

    python tools/generate.py            writes it, and removes what no .proto file gives any more
    python tools/generate.py --check    writes nothing; exit status 1 names what is not current

A script, so that both commands read one list of modules.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_sessionstream.py")


@dataclass(frozen=True, slots=True)
class Module:
    """A module of buf.yaml: the folder of its .proto files and where their code goes."""

    source: str
    out: str
    packages: str
    """The folder whose generated files all come from this module."""


MODULES = (
    Module("proto", ".", "sessionstream"),
    Module("examples", "examples", "examples"),
    Module("tests/consumer", "tests/consumer", "tests/consumer"),
)


def run_buf(target: Path) -> None:
    """Generates every module into ``target``, laid out as in the repository.

    Raises:
        subprocess.CalledProcessError: buf or a plugin failed; it has said why on stderr.
    """
    # buf finds the plugins, and the python that runs protoc, on PATH.
    environ = dict(os.environ)
    environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])
    for module in MODULES:
        command = ["buf", "generate", module.source, "-o", str(target / module.out)]
        # mypy-protobuf tells of every file on stderr; that is kept for a failure.
        done = subprocess.run(
            command, cwd=ROOT, env=environ, text=True, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            sys.stderr.write(done.stderr)
            done.check_returncode()


def generated_files(root: Path) -> set[Path]:
    """Returns the generated files under ``root``, relative to it."""
    return {
        path.relative_to(root)
        for module in MODULES
        for pattern in _GENERATED
        for path in (root / module.packages).rglob(pattern)
    }


def differences(fresh: Path) -> list[str]:
    """Compares the repository with the tree ``fresh``; one line for each file that differs."""
    wanted, present = generated_files(fresh), generated_files(ROOT)
    stale = {
        path
        for path in wanted & present
        if (fresh / path).read_bytes() != (ROOT / path).read_bytes()
    }
    said = {
        "stale": stale,
        "missing": wanted - present,
        "orphaned (no .proto file gives it)": present - wanted,
    }
    return [f"{path.as_posix()}: {what}" for what, paths in said.items() for path in sorted(paths)]


def write() -> None:
    """Generates into the repository."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        run_buf(fresh)
        wanted = generated_files(fresh)
        for path in generated_files(ROOT) - wanted:
            (ROOT / path).unlink()
        for path in wanted:
            _write_changed(ROOT / path, (fresh / path).read_bytes())


def _write_changed(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def check() -> int:
    """Returns 0 if the committed code is current, and 1 after saying what is not."""
    with tempfile.TemporaryDirectory() as folder:
        run_buf(Path(folder))
        lines = differences(Path(folder))
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print("generated code is not current; write it anew with: make gen", file=sys.stderr)
    return 1 if lines else 0


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    try:
        if arguments == ["--check"]:
            return check()
        write()
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
