"""Where this sessionstream was installed from, and what else is true of this computer only."""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

_HEADER = """\
# What is true of this computer only; git ignores this file. The Makefile says what it may hold.
"""


def local_settings(distribution: Distribution) -> str:
    """Returns the text of ``local.mk``: the Python to use, and where sessionstream comes from."""
    lines = [f"PYTHON := {_make_text(str(_python()))}"]
    if origin := install_origin(distribution):
        lines.append(f"SESSIONSTREAM := {_make_text(origin)}")
    return _HEADER + "".join(f"{line}\n" for line in lines)


def install_origin(distribution: Distribution) -> str:
    """Returns what to hand to pip to install the same again; empty: the package index has it.

    That is a path, or the URL of an archive or of a repository at its commit:
    what pip has recorded in ``direct_url.json`` (PEP 610).
    """
    recorded = distribution.read_text("direct_url.json")
    if not recorded:
        return ""
    origin = json.loads(recorded)
    url, folder = origin["url"], origin.get("subdirectory", "")
    if vcs := origin.get("vcs_info"):
        fragment = f"#subdirectory={folder}" if folder else ""
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}{fragment}"
    parts = urlsplit(url)
    if parts.scheme == "file":
        return str(Path(url2pathname(parts.path), folder))
    return f"{url}#subdirectory={folder}" if folder else str(url)


def _python() -> Path:
    """The interpreter that this environment was made from: the environment itself may go."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = Path(sys.base_prefix) / "bin" / version
    return found if found.exists() else Path(sys.executable)


def _make_text(value: str) -> str:
    """Spells a value so that make reads it as it is."""
    return value.replace("$", "$$").replace("#", "\\#")
