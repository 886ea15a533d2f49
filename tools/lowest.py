"""Prints the requirements of an environment with the lowest versions that pyproject.toml allows.

`make test-lowest` installs them: every bound of the runtime and of the plugin
as a pin, and the test tools as they are.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
_BOUND = re.compile(r"(?P<name>[\w.-]+)\s*>=\s*(?P<version>[\w.]+)")
_NAME = re.compile(r"[\w.-]+")


def lowest_requirements(pyproject: dict[str, object]) -> list[str]:
    """Returns pinned bounds, then the development tools that have none of them."""
    project = pyproject["project"]
    assert isinstance(project, dict)
    extras: dict[str, list[str]] = project["optional-dependencies"]
    bounded = [*project["dependencies"]]
    bounded += [each for name, extra in extras.items() if name != "dev" for each in extra]
    pins = {match["name"]: match["version"] for match in map(_BOUND.match, bounded) if match}
    own = {project["name"], *pins}
    tools = [tool for tool in extras["dev"] if _name(tool) not in own]
    return [f"{name}=={version}" for name, version in pins.items()] + tools


def _name(requirement: str) -> str:
    match = _NAME.match(requirement)
    return match[0] if match else ""


if __name__ == "__main__":
    print("\n".join(lowest_requirements(tomllib.loads(_PYPROJECT.read_text()))))
