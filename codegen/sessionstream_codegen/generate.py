"""The plugin as a pure function: request in, response out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import Edition
from google.protobuf.message import DecodeError, EncodeError

from sessionstream_codegen import options
from sessionstream_codegen.diagnostics import Diagnostic, Severity, report
from sessionstream_codegen.model import Run
from sessionstream_codegen.parameters import Parameters, parse
from sessionstream_codegen.reader import read
from sessionstream_codegen.reading.soundness import check_request, check_texts
from sessionstream_codegen.reading.unreadable import unreadable
from sessionstream_codegen.rules import check
from sessionstream_codegen.targets.base import OutputFile, Target
from sessionstream_codegen.targets.lock.target import LockTarget
from sessionstream_codegen.targets.markdown.target import MarkdownTarget
from sessionstream_codegen.targets.python.target import PythonTarget
from sessionstream_codegen.targets.typescript.target import TypeScriptTarget

TARGETS: Mapping[str, Target] = {
    "python": PythonTarget(),
    "markdown": MarkdownTarget(),
    "lock": LockTarget(),
    "typescript": TypeScriptTarget(),
}
"""What the parameter ``target`` may name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the plugin answers, and what it says besides: warnings, one a line or more."""

    response: CodeGeneratorResponse
    warnings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The model of a request, where it has no errors; and the warnings, one a line or more."""

    run: Run | None = None
    parameters: Parameters = field(default_factory=Parameters)
    errors: Sequence[Diagnostic] = ()
    warnings: str = ""


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Returns the files that were asked for, or every error.

    The request is not changed. The same request gives the same bytes. Files
    that are not to be generated are read only.
    """
    return process(request).response


def process(request: CodeGeneratorRequest) -> Outcome:
    """Returns what `generate` does, together with the warnings."""
    found = examine(request)
    if found.run is None:
        return Outcome(respond(found.errors), found.warnings)
    files = TARGETS[found.parameters.target].render(found.run, found.parameters)
    if not request.HasField("compiler_version"):
        files = map(_for_buf, files)
    return Outcome(respond([], files), found.warnings)


def examine(request: CodeGeneratorRequest) -> Examined:
    """Returns what a request asks for, or all that is wrong with it; the request is not changed."""
    refused = check_texts(request)
    if refused:
        return Examined(errors=refused)
    try:
        known = options.with_known_options(request)
    except (DecodeError, EncodeError, RecursionError):
        return Examined(errors=unreadable(request))
    refused = check_request(known)
    if refused:
        return Examined(errors=refused)
    run = read(known)
    parameters, diagnostics = parse(request.parameter, TARGETS)
    diagnostics += _check(run, TARGETS[parameters.target], parameters)
    errors = [found for found in diagnostics if found.severity is Severity.ERROR]
    warnings = report(found for found in diagnostics if found.severity is Severity.WARNING)
    if errors:
        return Examined(errors=errors, warnings=warnings)
    return Examined(run=run, parameters=parameters, warnings=warnings)


def respond(
    errors: Sequence[Diagnostic], files: Iterable[OutputFile] = ()
) -> CodeGeneratorResponse:
    """Returns the response with these files, or with these errors if there are any."""
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
        | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS,
        minimum_edition=Edition.EDITION_PROTO2,
        maximum_edition=Edition.EDITION_2024,
    )
    if errors:
        response.error = report(errors)
    for file in files:
        response.file.add(name=file.path, content=file.content)
        if file.run_mark:
            # Nothing is inserted. Where buf has split the run, it keeps the first file of this
            # name, which has no such mark, and so fails with the text of the mark.
            response.file.add(name=file.path, insertion_point=file.run_mark)
    return response


def _for_buf(file: OutputFile) -> OutputFile:
    """Makes up for the newline that buf takes from the end of a file into which it inserts.

    buf names no compiler in its requests; protoc does, and leaves files as they are.
    """
    return replace(file, content=f"{file.content}\n") if file.run_mark else file


def _check(run: Run, target: Target, parameters: Parameters) -> Iterator[Diagnostic]:
    yield from check(run)
    for file in run.targets():
        if file.has_roles:
            yield from target.check(file, run)
    yield from target.check_run(run, parameters)
