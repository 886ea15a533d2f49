"""Runs ``buf generate`` into a temporary folder: what it would write, and where."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.checking.remedies import environment_path

TEMPLATE = "buf.gen.yaml"

# `out: gen`, in YAML and in JSON. No more depends on it than where orphans are looked for.
_OUT = re.compile(r"""(?:^|[\s{,-])["']?out["']?\s*:\s*("[^"\n]*"|'[^'\n]*'|[^\s,}#"'][^,}#\n]*)""")
# `local: protoc-gen-x`, `local: [python, -m, x]`; empty where a list begins on the next line.
_PROGRAM = re.compile(
    r"""["']?\b(?:local|protoc_path)["']?[ \t]*:[ \t]*\[?[ \t]*["']?([^\s,\]"'}#]*)"""
)
_COMMENT = re.compile(r"(?:^|\s)#.*")
# mypy-protobuf tells of every file that it writes.
_NOISE = re.compile(r"^Writing mypy to .*\n?", re.MULTILINE)


class BufError(Exception):
    """buf is missing, or failed; the text says what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BufRun:
    """One call of ``buf generate`` in ``folder``, an absolute path.

    ``template`` is a path, or JSON, as for buf. ``out`` is what buf calls the
    base directory; the template's own are relative to it.
    """

    folder: Path
    template: str = TEMPLATE
    input: str = ""
    paths: Sequence[str] = ()
    out: str = "."

    @property
    def arguments(self) -> list[str]:
        """What one types after ``buf generate`` to have the files written."""
        return [*self._source(), *(("-o", self.out) if self.out != "." else ())]

    def folders(self) -> list[Path]:
        """Returns the output folders that the template names.

        Raises:
            BufError: There is no such template.
        """
        return [self._real(self._base / out.lstrip("/")) for out in self._outs()]

    def programs(self) -> set[str]:
        """Returns the programs that buf looks for on PATH for this template.

        Raises:
            BufError: There is no such template.
        """
        named = {
            match[1] or "protoc-gen-sessionstream" for match in _PROGRAM.finditer(self._text())
        }
        return {program for program in named if "/" not in program}

    def generate(self) -> Mapping[Path, bytes]:
        """Returns what buf would write, by absolute paths; only a temporary folder is written to.

        Raises:
            BufError: There is no such template, buf is missing, or it failed.
        """
        self._outs()
        with tempfile.TemporaryDirectory() as temporary:
            # As deep as the real place: `out: ../gen` must not lead out of the temporary folder.
            self._run(Path(temporary, *self._base.parts[1:]))
            return {
                self._real(Path("/", path.relative_to(temporary))): path.read_bytes()
                for path in Path(temporary).rglob("*")
                if path.is_file()
            }

    @property
    def _base(self) -> Path:
        return Path(os.path.abspath(self.folder / self.out))

    def _real(self, path: Path) -> Path:
        """Undoes what ``-o`` does to an absolute output folder: buf puts that below the base."""
        for out in self._outs() if self.out == "." else ():
            moved = self._base / out.lstrip("/")
            if out.startswith("/") and path.is_relative_to(moved):
                return Path(out, path.relative_to(moved))
        return Path(os.path.abspath(path))

    def _run(self, target: Path) -> None:
        # Plugins, and a Python that runs protoc, are found on PATH: those of this environment.
        path = environment_path()
        buf = shutil.which("buf", path=path)
        if buf is None:
            raise BufError("buf is not on PATH; install it, or name the .proto files and --out")
        done = subprocess.run(
            [buf, "generate", *self._source(), "-o", str(target)],
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = _NOISE.sub("", done.stderr).strip() or f"exit status {done.returncode}"
            raise BufError(f"buf generate failed:\n{said}")

    def _source(self) -> list[str]:
        template = ["--template", self.template] if self.template != TEMPLATE else []
        paths = [part for path in self.paths for part in ("--path", path)]
        return [*([self.input] if self.input else []), *template, *paths]

    def _outs(self) -> list[str]:
        return [match[1].strip().strip("\"'") for match in _OUT.finditer(self._text())]

    def _text(self) -> str:
        """Returns the template without comments."""
        text = self.template if self.template.lstrip().startswith("{") else self._read()
        return "\n".join(_COMMENT.sub("", line) for line in text.splitlines())

    def _read(self) -> str:
        try:
            return (self.folder / self.template).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError) as error:
            raise BufError(
                f"{self.template} can't be read here; run this in the folder that has it, "
                "say where it is with --template, or name .proto files and --out"
            ) from error
