"""The plugin as a pure function: request in, response out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import Edition
from google.protobuf.message import DecodeError

from sessionstream_codegen import options
from sessionstream_codegen.diagnostics import Diagnostic, quoted, report
from sessionstream_codegen.model import Run
from sessionstream_codegen.reader import read
from sessionstream_codegen.rules import RULES
from sessionstream_codegen.targets.base import OutputFile, Target
from sessionstream_codegen.targets.python import PythonTarget

UNREADABLE = Diagnostic(
    None,
    "SS003",
    f"options under the number {options.EXTENSION_NUMBER} can't be read as those of "
    f"{options.PACKAGE}; does an extension of another package have that number?",
)
"""For a request that protobuf can't parse: nothing else in it is free of form."""


def generate(request: CodeGeneratorRequest, target: Target | None = None) -> CodeGeneratorResponse:
    """Returns a module for each requested file that has roles, or every diagnostic.

    The request is not changed. The same request gives the same bytes. Files
    that were not asked for are read, never generated.
    """
    target = target or PythonTarget()
    try:
        run = read(options.with_known_options(request))
    except DecodeError:
        return respond([UNREADABLE])
    diagnostics = [*_check_parameter(request.parameter), *_check(run, target)]
    if diagnostics:
        return respond(diagnostics)
    return respond([], [target.render(file, run) for file in run.targets() if file.has_roles])


def respond(
    diagnostics: Sequence[Diagnostic], files: Iterable[OutputFile] = ()
) -> CodeGeneratorResponse:
    """Returns the response with these files, or with these diagnostics if there are any."""
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
        | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS,
        minimum_edition=Edition.EDITION_PROTO2,
        maximum_edition=Edition.EDITION_2024,
    )
    if diagnostics:
        response.error = report(diagnostics)
    for file in files:
        response.file.add(name=file.path, content=file.content)
    return response


def _check(run: Run, target: Target) -> Iterator[Diagnostic]:
    for file in run.targets():
        for rule in RULES:
            yield from rule(file, run)
        if file.has_roles:
            yield from target.check(file, run)


def _check_parameter(parameter: str) -> Iterator[Diagnostic]:
    for name in filter(None, parameter.split(",")):
        yield Diagnostic(
            None,
            "SS001",
            f"unknown parameter {quoted(name.partition('=')[0])}; the plugin has none: remove it",
        )
