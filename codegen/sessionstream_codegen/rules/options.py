"""Rules about the options themselves."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen import options
from sessionstream_codegen.diagnostics import Diagnostic, Severity
from sessionstream_codegen.model import FileDecl, OddOption, OptionFault, Position, Run


def check_extensions(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS003: an extension under our number would be read as ours."""
    for name, position in file.foreign_extensions:
        yield foreign_extension(name, position)


def check_options(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS003, SS006, SS104: options that can't be read, or that say nothing."""
    # What is set may be of the other extension then: no newer plugin would know it.
    foreign = any(other.foreign_extensions for other in run.files.values())
    for odd in file.odd_options:
        if not (foreign and odd.fault is OptionFault.UNKNOWN):
            yield _judged(odd)


def foreign_extension(name: str, position: Position) -> Diagnostic:
    """Returns SS003 for an extension of another package."""
    return Diagnostic(
        position,
        "SS003",
        f"the extension {name} has the number {options.EXTENSION_NUMBER}, which belongs to "
        f"{options.PACKAGE}; give it another number",
    )


def misread_option(element: str, position: Position) -> Diagnostic:
    """Returns SS003 for an option that can't be one of ours."""
    return Diagnostic(
        position,
        "SS003",
        f"an option of {element} has the number {options.EXTENSION_NUMBER}, but can't be read as "
        f"that of {options.PACKAGE}; does an extension of another package have that number?",
    )


def _judged(odd: OddOption) -> Diagnostic:
    match odd.fault:
        case OptionFault.MISREAD:
            return misread_option(odd.element, odd.position)
        case OptionFault.UNKNOWN:
            return Diagnostic(
                odd.position,
                "SS006",
                f"{odd.element} sets the field {odd.part} of an option of {options.PACKAGE}, which "
                "this plugin does not know; it was made for a newer plugin: update sessionstream",
                severity=Severity.WARNING,
            )
        case OptionFault.EMPTY:
            return Diagnostic(
                odd.position,
                "SS104",
                f"{odd.element} has option ({options.PACKAGE}.message), but no role; "
                "set its command, event, ui_event or entity, or remove the option",
                severity=Severity.WARNING,
            )
