"""`sessionstream scaffold`: writes the files that a user fills in.

What is there is never overwritten. A file that is missing is written; methods
that are missing in a class are named, and added on request.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sessionstream.protos import include_dir
from sessionstream_codegen import names, options
from sessionstream_codegen.generate import process
from sessionstream_codegen.reader import read
from sessionstream_codegen.rules.encoding import not_utf8
from sessionstream_codegen.scaffolding.files import Plan, PlanError, plan_existing, plan_new
from sessionstream_codegen.scaffolding.stubs import StubFile, stub_files

_PROJECT_FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg")
_DONE = {"write": "wrote", "add to": "added to"}


class ScaffoldError(Exception):
    """What the user has to put right; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """One run. ``includes`` are protoc's, searched in order; our own protos come last.

    ``warn`` is given what the generator warns of, if anything, as one text.
    """

    protos: Sequence[str]
    out: Path
    includes: Sequence[Path]
    add_missing: bool = False
    dry_run: bool = False
    warn: Callable[[str], None] = lambda text: None

    def run(self) -> Iterator[str]:
        """Does the work; yields a line for each thing done, and for each that is to be known.

        Nothing is written before it is known that everything can be.

        Raises:
            ScaffoldError: A .proto file is at fault, a file of the user's
                can't be extended, or a tool is missing.
            OSError: A file can't be read or written.
        """
        plans = self._plans()
        if not plans:
            yield "nothing to write: no command, and no event that could be projected"
        for plan in plans:
            yield from (f"kept {plan.path}: {reason}" for reason in plan.said)
            if plan.verb and self.dry_run:
                yield f"would {plan.verb} {plan.path}: {plan.done}"
                yield from plan.diff()
            elif plan.verb:
                plan.write()
                yield f"{_DONE[plan.verb]} {plan.path}: {plan.done}"

    def _plans(self) -> list[Plan]:
        plans: list[Plan] = []
        refused: list[str] = []
        for name, stub in self._stubs().items():
            path = self.out / name
            try:
                if path.exists():
                    plans.append(plan_existing(path, stub, add_missing=self.add_missing))
                else:
                    plans.append(plan_new(path, stub, self._is_first_party))
            except PlanError as error:
                refused.append(str(error))
        if refused:
            raise ScaffoldError("\n".join(refused))
        return plans

    def _stubs(self) -> dict[str, StubFile]:
        request = compile_request(self.protos, self.includes)
        outcome = process(request)
        if outcome.warnings:
            self.warn(outcome.warnings)
        if outcome.response.error:
            raise ScaffoldError(f"the annotations are not in order:\n{outcome.response.error}")
        run = read(options.with_known_options(request))
        files = [file for file in run.targets() if file.has_roles]
        labels = [f"{names.snake(names.stem(file.path))}_" for file in files]
        if len(set(labels)) < len(files):
            labels = [f"{names.snake(names.module(file.path, ''))}_" for file in files]
        if len(files) == 1:
            labels = [""]
        return {
            stub.name: stub
            for label, file in zip(labels, files, strict=True)
            for stub in stub_files(file, run, label)
        }

    def _is_first_party(self, package: str) -> bool:
        """Decides as ruff does: is the package in the project's folder, or in its src?"""
        out = Path(os.path.realpath(self.out))
        folders = [out, *out.parents]
        roots = (path for path in folders if any((path / name).exists() for name in _PROJECT_FILES))
        root = next(roots, Path.cwd())
        places = [root / folder / package for folder in (".", "src")]
        return any(place.is_dir() or place.with_suffix(".py").is_file() for place in places)


def compile_request(protos: Sequence[str], includes: Sequence[Path]) -> CodeGeneratorRequest:
    """Returns what protoc would hand to the plugin.

    ``protos`` are paths of files below ``includes``, however they are written.

    Raises:
        ScaffoldError: protoc is missing, or refuses the files, or one is not
            UTF-8 and protobuf reads nothing else.
    """
    if importlib.util.find_spec("grpc_tools") is None:
        raise ScaffoldError('protoc is missing; run: pip install "sessionstream[codegen]"')
    searched = (*includes, include_dir())
    asked = list(dict.fromkeys(_virtual(proto, searched) for proto in protos))
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            *(f"-I{path}" for path in searched),
            *(f"--descriptor_set_out={image}", "--include_imports", "--include_source_info"),
            *asked,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ScaffoldError(f"protoc refuses the files:\n{done.stderr.strip()}")
        try:
            found = FileDescriptorSet.FromString(image.read_bytes())
        except UnicodeDecodeError as error:
            raise ScaffoldError(f"protobuf can't read it:\n{not_utf8(error.object)}") from error
    return CodeGeneratorRequest(file_to_generate=asked, proto_file=found.file)


def _virtual(proto: str, includes: Sequence[Path]) -> str:
    """Returns protoc's name for a file: its path below the first directory that has it.

    Raises:
        ScaffoldError: There is no such file, or it is below none of them, or
            protoc would read another one.
    """
    path = Path(os.path.realpath(proto))
    if not path.is_file():
        why = "it is no file; name .proto files" if path.exists() else "No such file or directory"
        raise ScaffoldError(f"{proto}: {why}")
    for include in includes:
        folder = Path(os.path.realpath(include))
        if path.is_relative_to(folder):
            name = path.relative_to(folder).as_posix()
            first = next(one / name for one in includes if (one / name).exists())
            if not first.samefile(path):
                raise ScaffoldError(f"{proto} is hidden by {first}; name its directory first")
            return name
    raise ScaffoldError(
        f"{proto} is below none of the directories given with -I: "
        f"{', '.join(str(include) for include in includes[:-1])}"
    )
