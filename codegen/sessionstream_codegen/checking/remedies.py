"""The commands that mend what a check has found, in the shell that it was called from."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_PROTOC = 'python -m grpc_tools.protoc {} -I "$(sessionstream proto-path)" {}'


def buf_generate(calls: Iterable[Sequence[str]], programs: Iterable[str]) -> list[str]:
    """Returns the calls of ``buf generate`` with these arguments; buf runs the ``programs``."""
    path = _path(*programs)
    buf = "buf" if path or _finds("buf") else _shown(Path(sys.executable).parent / "buf")
    return [*path, *(shlex.join([buf, "generate", *arguments]) for arguments in calls)]


def protoc(
    protos: Sequence[str], *, includes: Iterable[Path], out: Path, options: Iterable[str]
) -> list[str]:
    """Returns the call of protoc with the plugin."""
    folders = shlex.join(part for include in includes for part in ("-I", str(include)))
    outputs = [f"--sessionstream_out={out}", *(f"--sessionstream_opt={opt}" for opt in options)]
    command = _PROTOC.format(folders, shlex.join([*outputs, *protos]))
    return [*_path("python", "sessionstream", "protoc-gen-sessionstream"), command]


def gen(
    protos: Sequence[str], *, includes: Iterable[Path], out: Path, options: Iterable[str]
) -> list[str]:
    """Returns the call of ``sessionstream gen``, which takes folders as well."""
    folders = [part for include in includes for part in ("-I", str(include))]
    outputs = ["--out", str(out), *(part for opt in options for part in ("--opt", opt))]
    command = shlex.join(["sessionstream", "gen", *folders, *outputs, *protos])
    return [*_path("sessionstream"), command]


def remove(paths: Iterable[Path]) -> str:
    """Returns the command that deletes files."""
    return shlex.join(["rm", *(os.path.relpath(path) for path in paths)])


def environment_path() -> str:
    """Returns PATH with the tools of this environment first, also where it is not activated."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _path(*tools: str) -> list[str]:
    """Returns the command that puts the tools on PATH; none where the shell finds them."""
    if all(_finds(tool) for tool in tools):
        return []
    shown = _shown(Path(sys.executable).parent)
    # An absolute path: Go programs, such as buf, run nothing that a relative one leads to.
    folder = shlex.quote(shown) if os.path.isabs(shown) else f'"$PWD"/{shlex.quote(shown)}'
    return [f'export PATH={folder}:"$PATH"']


def _shown(path: Path) -> str:
    """Returns the path, from here where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _finds(tool: str) -> bool:
    """Whether the shell runs the same one as this environment."""
    found, wanted = shutil.which(tool), shutil.which(tool, path=environment_path())
    return wanted is None or (
        found is not None and Path(found).parent.resolve() == Path(wanted).parent.resolve()
    )
