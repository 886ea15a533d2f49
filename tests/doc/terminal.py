"""A terminal in which a page's commands are typed, as its reader has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.doc.walkthrough import Line

SERVES = "(Ctrl-C ends it)\n"
"""What a command says last that goes on until it is stopped."""

FOLLOWS = "--follow"
"""What lets a command go on until it is stopped, whatever it says."""

# What pytest and make have set is nothing that a reader has.
_ONLY_HERE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV")


def of_a_reader(folder: Path, wheel: Path) -> dict[str, str]:
    """Returns an environment with the system's programs and a Python, and nothing else on PATH.

    pip finds the wheel as if the package index had it.
    """
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(os.path.realpath(sys.executable))
    kept = {name: value for name, value in os.environ.items() if name not in _ONLY_HERE}
    path = f"{programs}{os.pathsep}{os.defpath}"
    return {**kept, "PATH": path, "PIP_FIND_LINKS": str(wheel.parent)}


# A suite that a script runs in the background ignores SIGINT, and so would its children.
_SHELL = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp("bash", ["bash", *sys.argv[1:]])
"""


class Terminal:
    """Types commands in a folder, and holds what they say against what they should."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        self._server: subprocess.Popen[str] | None = None

    def type(self, line: Line) -> None:
        """Types a command and waits for its end; a server's goes on.

        One that says "Error 1" in the page has to fail, and any other to succeed.
        """
        if line.command.startswith("cd "):
            self.folder /= line.command.removeprefix("cd ")
        elif line.output.endswith(SERVES):
            self._serve(line)
        elif FOLLOWS in line.command:
            self._follow(line)
        else:
            with self._started(line) as process:
                said, _ = process.communicate()
            fails = "Error 1" in line.output
            assert (process.returncode != 0) == fails, f"{line.command}\n{said}"
            _check(line, said)

    def stop(self) -> None:
        """Presses Ctrl-C."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGINT)
        self._server.communicate(timeout=30)
        self._server = None

    def close(self) -> None:
        """Ends what is still running."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.communicate()

    def _serve(self, line: Line) -> None:
        if self._server is not None:  # it was killed
            self._server.communicate(timeout=30)
        self._server = self._started(line)
        assert self._server.stdout is not None
        said = ""
        for each in self._server.stdout:
            said += each
            if said.endswith(SERVES):
                break
        _check(line, said)

    def _follow(self, line: Line) -> None:
        self._server = self._started(line)
        assert self._server.stdout is not None
        assert self._server.stdout.readline()
        self.stop()

    def _started(self, line: Line) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _SHELL, "-c", line.command],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _check(line: Line, said: str) -> None:
    assert line.says(said), f"{line.command}\n{said}\ninstead of\n{line.output}"
