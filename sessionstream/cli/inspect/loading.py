"""The application that a store's file belongs to, by the names on the command line."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from types import ModuleType

from sessionstream.cli.command import CommandError
from sessionstream.errors import SessionStreamError
from sessionstream.inspecting.application import Install
from sessionstream.inspecting.payloads import PayloadTexts
from sessionstream.schema import SchemaRegistry


def add_schemas(parser: argparse.ArgumentParser) -> None:
    """Declares ``--schema``."""
    parser.add_argument(
        "--schema",
        dest="schemas",
        action="append",
        default=[],
        metavar="MODULE",
        help="a generated module, whose payloads are shown as JSON; may be repeated",
    )


def add_app(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Declares ``--app``."""
    parser.add_argument(
        "--app",
        metavar="MODULE:FUNCTION",
        required=required,
        help="what installs the application into the Hub that it is called with",
    )


def payload_texts(modules: list[str]) -> PayloadTexts:
    """Returns what decodes the payloads of generated modules.

    Raises:
        CommandError: One can't be imported, or is none.
    """
    registry = SchemaRegistry()
    for name in modules:
        register = _attribute("--schema", _imported("--schema", name), "register_schemas")
        try:
            register(registry)
        except SessionStreamError as error:
            raise CommandError(f"--schema {name}: {error}") from error
    return PayloadTexts(registry)


def application(named: str) -> Install:
    """Returns the function that ``MODULE:FUNCTION`` names.

    Raises:
        CommandError: There is none.
    """
    module, colon, function = named.partition(":")
    if not (module and colon and function):
        raise CommandError(f"--app {named}: write it as MODULE:FUNCTION, as app.app:install")
    return _attribute("--app", _imported("--app", module), function)


def _imported(option: str, name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")  # the current folder, as for python -m
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever the application's own code raises
        raise CommandError(f"{option} {name}: {type(error).__name__}: {error}") from error


def _attribute(option: str, module: ModuleType, name: str) -> Callable[..., object]:
    found: Callable[..., object] | None = getattr(module, name, None)
    if not callable(found):
        raise CommandError(f"{option} {module.__name__}: it has no function {name!r}")
    return found
