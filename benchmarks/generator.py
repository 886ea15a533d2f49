"""How long generating takes, and how long mypy takes over what was generated.

    python benchmarks/generator.py              # 50, 100, 200 and 400 messages
    python benchmarks/generator.py 5 10         # other numbers of messages
    python benchmarks/generator.py --times 1    # each measured once; the shortest of three counts

Each schema is one file of commands, events, UI events and entities with a
comment and three fields each. Seconds are of processor time, which what else
the machine does changes little; ratios differ least from machine to machine:
mypy-protobuf's plugin gets the same request in the same run. mypy checks the
module and a full implementation of it, as ``sessionstream scaffold`` writes it,
with a warm cache for the runtime and none for what was generated.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from sessionstream_codegen.generate import process

from sessionstream.protos import include_dir

_SIZES = (50, 100, 200, 400)
_ROLES = ("command", "event", "event", "ui_event", "entity")
_HEAD = 'syntax = "proto3";\nimport "sessionstream/v1/options.proto";\n'
_MESSAGE = """
// What {name} is for.
//
// It is one of many, and says so at some length.
message {name} {{
  option (sessionstream.v1.message).{role} = {{}};
  // Whose it is.
  string id = 1{key};
  string text = 2;
  repeated int64 numbers = 3;
}}
"""
_CAPTURE = """\
#!{python}
import pathlib, sys
pathlib.Path({path!r}).write_bytes(sys.stdin.buffer.read())
"""
# What every project imports: checked once, before anything is measured.
_RUNTIME = """\
import sessionstream.typed
from google.protobuf import message
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured of one schema, in seconds."""

    messages: int
    lines: int
    generate: float
    plugin: float
    other_plugin: float
    mypy: float

    def __str__(self) -> str:
        ratio = self.plugin / self.other_plugin
        per_message = self.mypy / self.messages * 1000
        return (
            f"{self.messages:>8} {self.lines:>7} {self.generate:>10.3f} {self.plugin:>8.3f} "
            f"{self.other_plugin:>15.3f} {ratio:>6.2f} {self.mypy:>8.2f} {per_message:>13.1f}"
        )


_TITLES = " messages   lines   generate   plugin   mypy-protobuf  ratio     mypy  mypy/message"
_UNITS = "                          s        s               s               s            ms"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints a table and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=_SIZES, metavar="MESSAGES")
    parser.add_argument("--times", type=int, default=3, help="the shortest time of so many counts")
    options = parser.parse_args(arguments)
    print(f"{_TITLES}\n{_UNITS}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        _warm_up(Path(folder), cache)
        for size in options.sizes:
            project = Path(folder) / f"of_{size}"
            project.mkdir()
            rows.append(measure(size, project, cache, options.times))
            print(rows[-1], flush=True)
    print(growth(rows))
    return 0


def measure(size: int, folder: Path, cache: Path, times: int) -> Row:
    """Returns the times for one file of this many messages."""
    name = f"many_{size}"
    (folder / f"{name}.proto").write_text(schema(size), encoding="utf-8")
    data = _captured(folder, name)
    request = CodeGeneratorRequest.FromString(data)
    generate = _best(lambda: process(request), times)
    plugin = _best(lambda: _run("protoc-gen-sessionstream", stdin=data), times)
    other_plugin = _best(lambda: _run("protoc-gen-mypy", stdin=data), times)
    outs = [f"--{one}_out=." for one in ("python", "mypy", "sessionstream")]
    _protoc(folder, *outs, f"{name}.proto")
    _run("sessionstream", "scaffold", f"{name}.proto", "--out", "implementation", cwd=folder)
    code = (folder / f"{name}_sessionstream.py").read_text(encoding="utf-8")

    def check() -> None:
        _mypy(caches.pop(), f"{name}_sessionstream.py", "implementation", cwd=folder)

    # What mypy has seen it remembers.
    caches = [shutil.copytree(cache, folder / f"cache_{number}") for number in range(times)]
    return Row(
        messages=size,
        lines=code.count("\n"),
        generate=generate,
        plugin=plugin,
        other_plugin=other_plugin,
        mypy=_best(check, times),
    )


def schema(size: int) -> str:
    """Returns a .proto file of this many messages, each with a role."""
    messages = []
    for number in range(size):
        role = _ROLES[number % len(_ROLES)]
        name = f"{role.title().replace('_', '')}OfNumber{number}"
        key = " [(sessionstream.v1.field).key = true]" if role == "entity" else ""
        messages.append(_MESSAGE.format(name=name, role=role, key=key))
    return _HEAD + "".join(messages)


def growth(rows: Sequence[Row]) -> str:
    """Returns what each further message costs mypy, between one row and the next, in ms.

    It stays the same where time grows linearly.
    """
    steps = [
        f"{one.messages}-{other.messages}: "
        f"{(other.mypy - one.mypy) / (other.messages - one.messages) * 1000:.1f}"
        for one, other in itertools.pairwise(rows)
    ]
    return f"ms of mypy for each further message: {', '.join(steps) or 'takes two sizes'}"


def _captured(folder: Path, name: str) -> bytes:
    plugin, stored = folder / "protoc-gen-capture", folder / "request"
    plugin.write_text(_CAPTURE.format(python=sys.executable, path=str(stored)))
    plugin.chmod(0o755)
    _protoc(folder, f"--plugin={plugin}", "--capture_out=.", f"{name}.proto")
    return stored.read_bytes()


def _warm_up(folder: Path, cache: Path) -> None:
    (folder / "runtime.py").write_text(_RUNTIME)
    _mypy(cache, "runtime.py", cwd=folder)


def _protoc(folder: Path, *arguments: str) -> None:
    includes = ("-I.", f"-I{include_dir()}")
    _run(sys.executable, "-m", "grpc_tools.protoc", *includes, *arguments, cwd=folder)


def _mypy(cache: Path, *files: str, cwd: Path) -> None:
    settings = ("--strict", "--config-file=", "--explicit-package-bases", f"--cache-dir={cache}")
    _run(sys.executable, "-m", "mypy", *settings, *files, cwd=cwd)


def _best(work: Callable[[], object], times: int) -> float:
    """Returns the shortest of several times, of this process and of those that it starts."""
    found = []
    for _ in range(times):
        start = _processor_time()
        work()
        found.append(_processor_time() - start)
    return min(found)


def _processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _run(*command: str, stdin: bytes = b"", cwd: Path | None = None) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path}
    done = subprocess.run(
        command, input=stdin, cwd=cwd, env=environ, capture_output=True, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise SystemExit(f"{Path(command[0]).name} failed:\n{said}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
