"""Writes the code that is generated from the .proto files, or checks that it is current.

    python tools/generate.py            writes it, and removes what no .proto file gives any more
    python tools/generate.py --check    writes nothing; exit status 1 names what is not current

A script, so that both commands read one list of runs. It compares as
``sessionstream check`` does, which has no list: a user's project has one template.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.checking.buf import BufError, BufRun
from sessionstream_codegen.checking.files import Difference, State, compare
from sessionstream_codegen.checking.orphans import is_generated

ROOT = Path(__file__).parent.parent.absolute()
_MESSAGE_MODULES = ("*_pb2.py", "*_pb2.pyi", "*_sessionstream.py")
_OF_WHOLE_RUNS = ("*.py", "*.md", "*.json")


@dataclass(frozen=True, slots=True)
class Module:
    """A module of buf.yaml and where its code goes; ``app`` is the folder of one app in it.

    A template of an app's own writes what covers the app: its lock file and the like.
    """

    source: str
    out: str
    packages: str
    """The folder whose generated files all come from this module."""
    apps: tuple[str, ...] = ()

    def runs(self) -> Iterator[BufRun]:
        """Yields what buf has to run."""
        yield BufRun(folder=ROOT, input=self.source, out=self.out)
        for app in self.apps:
            folder = f"{self.source}/{app}"
            template = f"{folder}/buf.gen.yaml"
            yield BufRun(
                folder=ROOT, input=self.source, out=folder, template=template, paths=(folder,)
            )


MODULES = (
    Module("proto", ".", "sessionstream"),
    Module("examples", "examples", "examples", apps=("chatdemo", "systemlab")),
    Module("tests/consumer", "tests/consumer", "tests/consumer"),
)


def generate() -> Mapping[Path, bytes]:
    """Returns what buf writes now, by absolute paths.

    Raises:
        BufError: buf or a plugin failed.
    """
    return {
        path: content
        for module in MODULES
        for run in module.runs()
        for path, content in run.generate().items()
    }


def differences(root: Path, fresh: Mapping[Path, bytes]) -> list[Difference]:
    """Compares the generated files below ``root`` with the ones that there should be."""
    folders = [root / module.packages for module in MODULES]
    present = {
        *(path for folder in folders for one in _MESSAGE_MODULES for path in folder.rglob(one)),
        *(
            path
            for folder in folders
            for one in _OF_WHOLE_RUNS
            for path in folder.rglob(one)
            if is_generated(path)
        ),
    }
    return compare(fresh, present)


def write(fresh: Mapping[Path, bytes]) -> None:
    """Makes the files in the repository those that there should be."""
    for difference in differences(ROOT, fresh):
        if difference.state is State.ORPHANED:
            difference.path.unlink()
        else:
            difference.path.parent.mkdir(parents=True, exist_ok=True)
            difference.path.write_bytes(fresh[difference.path])


def check(fresh: Mapping[Path, bytes]) -> int:
    """Returns 0 if the committed code is current, and 1 after saying what is not."""
    found = differences(ROOT, fresh)
    for difference in found:
        shown = difference.path.relative_to(ROOT).as_posix()
        print(f"{shown}: {difference.state.value}", file=sys.stderr)
    if found:
        print("generated code is not current; write it anew with: make gen", file=sys.stderr)
    return 1 if found else 0


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    try:
        fresh = generate()
    except BufError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments == ["--check"]:
        return check(fresh)
    write(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
