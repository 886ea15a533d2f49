"""The browser's side of the wire: ES modules without dependencies, to be served as they are.

``folder()`` is what a server mounts (Starlette: ``StaticFiles(directory=folder())``)
and what ``npm install`` takes as a package. ``sessionstream.js`` is the module to
import; its types are in ``sessionstream.d.ts``.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["folder"]


def folder() -> Path:
    """Returns the folder of the modules. Nothing in it changes while a server runs."""
    return Path(__file__).parent / "js"
