"""Trouble for a store's file that is real: a disk with little space, a reader that does not end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_HOLDER = Path(__file__).with_name("child_holds.py")


@dataclass(slots=True)
class SmallDisk:
    """A file system of so many KiB."""

    path: Path
    kib: int

    def grow(self, kib: int) -> None:
        """Gives it so much more space."""
        self.kib += kib
        subprocess.run(_mount(f"remount,size={self.kib}k", self.path), check=True)


@contextmanager
def small_disk(path: Path, kib: int) -> Iterator[SmallDisk]:
    """Mounts it on a new directory; where that is refused the test is skipped, in CI it fails."""
    path.mkdir()
    _mount_or_skip(path, kib)
    try:
        yield SmallDisk(path, kib)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _mount(options: str, path: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]


def _mount_or_skip(path: Path, kib: int) -> None:
    if shutil.which("mount") is None:
        reason = "there is no program `mount`"
    elif os.geteuid() != 0:
        reason = "only root may mount a file system"
    else:
        command = _mount(f"size={kib}k", path)
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode == 0:
            return
        reason = f"mounting a file system is refused: {mounted.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def held_open(path: Path) -> Iterator[None]:
    """Another process with a reading transaction on the file, which sees one moment throughout."""
    child = subprocess.Popen(
        [sys.executable, _HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        before = int(child.stdout.readline())
        assert before > 0
        yield
        child.stdin.close()
        assert int(child.stdout.readline()) == before
    assert child.returncode == 0
