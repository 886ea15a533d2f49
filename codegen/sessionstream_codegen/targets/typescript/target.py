"""The TypeScript target: what a client of the run's files needs, beside protoc-gen-es's types."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.targets.base import OutputFile, Target
from sessionstream_codegen.targets.header import generated_by
from sessionstream_codegen.targets.typescript.comments import about, tsdoc
from sessionstream_codegen.targets.typescript.contents import Contents
from sessionstream_codegen.targets.typescript.names import SUFFIX, module

_TEMPLATES = Environment(
    loader=PackageLoader("sessionstream_codegen", "templates/typescript"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


class TypeScriptTarget(Target):
    """Writes ``chat_sessionstream.ts`` for ``chat.proto``.

    It refers to the JSON types in ``chat_pb.ts``, which protoc-gen-es writes
    when it is given ``json_types=true``.
    """

    suffix = ".ts"

    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields a module for each file that has something for a client."""
        for file in run.targets():
            if file.commands or file.ui_events or file.entities:
                yield _module(file, run, parameters)


def _module(file: FileDecl, run: Run, parameters: Parameters) -> OutputFile:
    title = f"The typed sessionstream client of `{file.path}`."
    content = _TEMPLATES.get_template("module.ts.j2").render(
        header=tsdoc([title, file.comment], deprecated=file.is_deprecated),
        generated_by=generated_by(parameters),
        contents=Contents(file, run),
        prefix=file.class_prefix,
        quote=json.dumps,
        tsdoc=tsdoc,
        about=about,
    )
    return OutputFile(f"{module(file.path, SUFFIX)}.ts", content.rstrip("\n") + "\n")
