"""From the name of a folder to the name of a package, in Python and in protobuf alike."""

from __future__ import annotations

import keyword
import re
import unicodedata

from sessionstream_codegen import names
from sessionstream_codegen.present import PRESENT
from sessionstream_codegen.project.errors import ProjectError

MAX_LENGTH = 40
"""Of a package's name: with a longer one, lines of the project's code would be too long."""

_PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the project's folder has, or what make and builds put there.
_FOLDERS = {"build", "dist", "proto", "tests", "third_party"}
# What can be imported in its environment, besides what is present in every one. "google" is
# protobuf's: folders of .proto files may add to it, a package of a project's own would hide it.
_SERVER = {"anyio", "click", "google", "h11", "idna", "sniffio", "starlette", "uvicorn"}
_GENERATOR = {"grpc", "grpc_tools", "jinja2", "markupsafe", "mypy_protobuf", "setuptools", "pip"}
_CHECKS = {"ast_serialize", "librt", "mypy", "mypy_extensions", "mypyc", "pathspec", "ruff"}
_TESTS = {"certifi", "httpcore", "httpx", "iniconfig", "packaging", "pluggy", "py", "pygments"}
_PYTEST = {"pytest", "pytest_asyncio", "typing_extensions"}
_TAKEN = PRESENT | _FOLDERS | _SERVER | _GENERATOR | _CHECKS | _TESTS | _PYTEST


def package_name(folder: str) -> str:
    """Returns the package for a project in a folder of this name.

    Letters lose their accents, all else that no package name can hold becomes
    ``_``. A name that is taken gets ``_app`` at its end, one that begins with a
    digit gets ``app_`` before it.

    Raises:
        ProjectError: No letter or digit is left, or the name is too long.
    """
    plain = unicodedata.normalize("NFKD", folder)
    name = names.snake("".join(char for char in plain if not unicodedata.combining(char)))
    if not name:
        raise ProjectError(
            f"no package can be named after {folder!r}: it has no letter of a to z and no digit; "
            "name one with --package"
        )
    if name[0].isdigit():
        name = f"app_{name}"
    if _is_taken(name):
        name = f"{name}_app"
    return _checked_length(name)


def checked_package_name(name: str) -> str:
    """Returns a name that a user has chosen.

    Raises:
        ProjectError: It is no name of a package, is taken, or is too long.
    """
    if not _PACKAGE.fullmatch(name):
        raise ProjectError(
            f"{name!r} can't name a package: that takes lower-case letters of a to z, digits and "
            "single underscores, a letter first"
        )
    if _is_taken(name):
        raise ProjectError(
            f"{name!r} can't name the package: Python, or a package that the project needs, has "
            "that name; choose another"
        )
    return _checked_length(name)


def _is_taken(name: str) -> bool:
    return keyword.iskeyword(name) or name in _TAKEN


def _checked_length(name: str) -> str:
    if len(name) > MAX_LENGTH:
        raise ProjectError(
            f"the package's name {name!r} has more than {MAX_LENGTH} characters; "
            "name it shorter with --package"
        )
    return name
