"""Who owns a store's file: one store of one process at a time.

The lock is on a file of its own, ``<path>.lock``. It can't be on the database
file: POSIX drops all of a process's locks on a file as soon as the process
closes any descriptor of it, so ours would take SQLite's own locks away with it
(https://www.sqlite.org/howtocorrupt.html, section 2.2). The kernel releases
the lock when its process ends, however it ends. The file is never deleted:
whoever had it open already would lock a file that nobody else finds.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from sessionstream.errors import StoreError, StoreLockedError

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        # Locked bytes can't be read there; this one lies far behind the owner's id.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        # Closing is not enough: a forked child shares the open file, and with it the lock.
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """The ownership of a store's file, from construction until `release`.

    Never waits.

    Raises:
        StoreLockedError: Another store owns it.
        StoreError: The directory is missing or can't be written, or its file
            system can't lock.
    """

    def __init__(self, path: str) -> None:
        self._descriptor = _open(path)
        try:
            _lock(self._descriptor)
        except BlockingIOError as error:
            owner = _read_owner(self._descriptor)
            os.close(self._descriptor)
            raise StoreLockedError(
                path, f"the store is open already, in process {owner}; a file has one owner"
            ) from error
        except OSError as error:
            os.close(self._descriptor)
            raise StoreError(
                path, f"its file system can't lock files; use a local disk ({error.strerror})"
            ) from error
        # Only for the message above; on a full disk it stays away.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Gives the file free; once."""
        try:
            _unlock(self._descriptor)
        finally:
            os.close(self._descriptor)


def _open(path: str) -> int:
    try:
        return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError as error:
        raise StoreError(path, "its directory does not exist; create it first") from error
    except OSError as error:
        raise StoreError(
            path,
            f"the lock file beside it can't be written ({error.strerror}); "
            "give this process write access to the directory",
        ) from error


def _read_owner(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"


def locate(path: str | os.PathLike[str]) -> str:
    """Returns the file's one real path: two names of a file share its lock."""
    name = os.fspath(path)
    if name in ("", ":memory:"):
        raise StoreError(repr(name), "a store needs a file; for one in memory use MemoryStore()")
    location = os.path.realpath(name)
    if os.path.isdir(location):
        raise StoreError(str(location), "it is a folder; a store is a file: name one in it")
    return location
