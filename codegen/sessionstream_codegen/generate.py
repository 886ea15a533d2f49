"""The plugin as a pure function: request in, response out."""

from __future__ import annotations

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import Edition

from sessionstream_codegen import options
from sessionstream_codegen.diagnostics import Diagnostic, report
from sessionstream_codegen.reader import read
from sessionstream_codegen.targets.base import Target
from sessionstream_codegen.targets.python import PythonTarget


def generate(request: CodeGeneratorRequest, target: Target | None = None) -> CodeGeneratorResponse:
    """Returns one module per file that has roles, or every diagnostic and no module.

    Files that were not asked for are read, never generated.
    """
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
        | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS,
        minimum_edition=Edition.EDITION_PROTO2,
        maximum_edition=Edition.EDITION_2024,
    )
    target = target or PythonTarget()
    run = read(options.with_known_options(request))
    diagnostics: list[Diagnostic] = []
    if diagnostics:
        response.error = report(diagnostics)
        return response
    for file in run.targets():
        if file.has_roles:
            output = target.render(file, run)
            response.file.add(name=output.path, content=output.content)
    return response
