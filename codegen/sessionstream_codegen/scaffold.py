"""`sessionstream scaffold`: writes the files that a user fills in.

What is there is never overwritten. A file that is missing is written; methods
that are missing in a class are named, and added on request.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sessionstream.protos import include_dir
from sessionstream_codegen import names, options
from sessionstream_codegen.generate import generate
from sessionstream_codegen.reader import read
from sessionstream_codegen.targets.python_modules import import_from, package_of
from sessionstream_codegen.targets.python_new_files import new_source
from sessionstream_codegen.targets.python_stubs import StubFile, stub_files
from sessionstream_codegen.targets.python_user_files import Gap, UserFile

_PROJECT_FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg")


class ScaffoldError(Exception):
    """What the user has to put right; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """One run. ``includes`` are protoc's, searched in order; our own protos come last."""

    protos: Sequence[str]
    out: Path
    includes: Sequence[Path]
    add_missing: bool = False
    dry_run: bool = False

    def run(self) -> Iterator[str]:
        """Does the work; yields a line for each thing done.

        Raises:
            ScaffoldError: A .proto file is at fault, a file of the user's
                can't be parsed, or a tool is missing.
            OSError: A file can't be read or written.
        """
        stubs = self._stubs()
        if not stubs:
            yield "nothing to write: no command, and no event that could be projected"
        for name, stub in stubs.items():
            path = self.out / name
            if path.exists():
                yield from self._existing(path, stub)
            else:
                self._write(path, new_source(stub, self._is_first_party))
                yield f"{self._done('wrote')} {path}: {_listed(stub)}"

    def _stubs(self) -> dict[str, StubFile]:
        request = compile_request(self.protos, self.includes)
        refused = generate(request).error
        if refused:
            raise ScaffoldError(refused)
        run = read(options.with_known_options(request))
        files = [file for file in run.targets() if file.has_roles]
        for file in files:
            package = package_of(file)
            if package and not import_from(package, ""):
                raise ScaffoldError(
                    f"{file.path}: no other folder of Python imports from {package}, which holds "
                    "a keyword; rename the folder, or write what it needs inside of it by hand"
                )
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

    def _existing(self, path: Path, stub: StubFile) -> Iterator[str]:
        try:
            source = UserFile(path.read_bytes().decode())
        except (SyntaxError, UnicodeDecodeError) as error:
            raise ScaffoldError(f"{path} can't be parsed, nothing was changed: {error}") from error
        gaps: list[Gap] = []
        for cls in stub.classes:
            gap = source.find(stub, cls)
            if gap is None:
                base = stub.symbols[cls.base].name
                yield f"kept {path}: it has no class that derives from {base}"
            elif gap.methods:
                gaps.append(gap)
            else:
                yield f"kept {path}: {gap.node.name} lacks nothing"
        lacking = ", ".join(_title(gap) for gap in gaps)
        if gaps and not self.add_missing:
            yield f"kept {path}: it lacks {lacking}; --add-missing adds that"
        elif gaps:
            try:
                text = source.with_methods(stub, gaps)
            except ValueError as error:
                raise ScaffoldError(f"{path}: {error}; give it lines of its own") from error
            self._write(path, text)
            yield f"{self._done('added')} to {path}: {lacking}"

    def _write(self, path: Path, text: str) -> None:
        if not self.dry_run:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def _done(self, verb: str) -> str:
        return {"wrote": "would write", "added": "would add"}[verb] if self.dry_run else verb

    def _is_first_party(self, package: str) -> bool:
        """Decides as ruff does: is the package in the project's folder, or in its src?"""
        folders = [self.out.resolve(), *self.out.resolve().parents]
        roots = (path for path in folders if any((path / name).exists() for name in _PROJECT_FILES))
        root = next(roots, Path.cwd())
        places = [root / folder / package for folder in (".", "src")]
        return any(place.is_dir() or place.with_suffix(".py").is_file() for place in places)


def compile_request(protos: Sequence[str], includes: Sequence[Path]) -> CodeGeneratorRequest:
    """Returns what protoc would hand to the plugin.

    Raises:
        ScaffoldError: protoc is missing, or refuses the files.
    """
    if importlib.util.find_spec("grpc_tools") is None:
        raise ScaffoldError('protoc is missing; run: pip install "sessionstream[codegen]"')
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            *(f"-I{path}" for path in (*includes, include_dir())),
            *(f"--descriptor_set_out={image}", "--include_imports", "--include_source_info"),
            *protos,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ScaffoldError(done.stderr.strip() or "protoc failed")
        found = FileDescriptorSet.FromString(image.read_bytes())
    known = {file.name for file in found.file}
    return CodeGeneratorRequest(
        file_to_generate=[_virtual(proto, includes, known) for proto in protos],
        proto_file=found.file,
    )


def _virtual(proto: str, includes: Sequence[Path], known: set[str]) -> str:
    """Returns protoc's name for a file: its path below an include directory.

    Raises:
        ScaffoldError: It is below none of them.
    """
    path = Path(proto).resolve()
    for include in (*includes, include_dir()):
        if path.is_relative_to(include.resolve()):
            name = path.relative_to(include.resolve()).as_posix()
            if name in known:
                return name
    if Path(proto).as_posix() in known:
        return Path(proto).as_posix()
    raise ScaffoldError(f"{proto} is below none of the directories given with -I")


def _listed(stub: StubFile) -> str:
    return ", ".join(
        f"{cls.name} ({len(cls.methods)} method{'s' if len(cls.methods) != 1 else ''})"
        for cls in stub.classes
    )


def _title(gap: Gap) -> str:
    return ", ".join(f"{gap.node.name}.{method.name}" for method in gap.methods)
