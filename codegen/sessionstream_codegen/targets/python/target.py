"""The Python target: one module per .proto file, beside its ``_pb2``."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.targets.app.module import app_module
from sessionstream_codegen.targets.app.rules import check_app
from sessionstream_codegen.targets.base import OutputFile, Target
from sessionstream_codegen.targets.header import generated_by
from sessionstream_codegen.targets.python import deprecation, docstrings
from sessionstream_codegen.targets.python.contents import contents
from sessionstream_codegen.targets.python.context import template_context
from sessionstream_codegen.targets.python.exemptions import exemption_line
from sessionstream_codegen.targets.python.imports import import_block
from sessionstream_codegen.targets.python.modules import SUFFIX, package_of
from sessionstream_codegen.targets.python.names import ModuleNames
from sessionstream_codegen.targets.python.paths import check_modules
from sessionstream_codegen.targets.python.rules import check_python

_SECTIONS = (
    "payloads",
    "names",
    "publisher",
    "handlers",
    "ui_events",
    "entities",
    "ui_projection",
    "timeline_projection",
    "client",
    "install",
)
"""The templates of a module, in reading order."""

_TEMPLATES = Environment(
    loader=PackageLoader("sessionstream_codegen", "templates/python"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


class PythonTarget(Target):
    """Writes ``chat_sessionstream.py`` for ``chat.proto``."""

    suffix = ".py"

    def check(self, file: FileDecl, run: Run) -> Iterator[Diagnostic]:
        """Yields what has no name in Python, and names that collide there."""
        return check_python(file, run)

    def check_run(self, run: Run, parameters: Parameters) -> Iterator[Diagnostic]:
        """Yields what keeps the run's modules apart, or from being one app."""
        yield from check_modules(run)
        if parameters.app:
            yield from check_app(run, parameters.app)

    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields a module for each file that has roles, and the app module if one is wanted."""
        for file in run.targets():
            if file.has_roles:
                yield self._module(file, run, parameters)
        if parameters.app:
            yield from app_module(run, parameters)

    def _module(self, file: FileDecl, run: Run, parameters: Parameters) -> OutputFile:
        module = ModuleNames(file, run)
        context = template_context(module)
        sections = [
            _TEMPLATES.get_template(f"{section}.py.j2").render(context).strip("\n")
            for section in _SECTIONS
        ]
        body = "\n\n\n".join(section for section in sections if section)
        imports = import_block(body, module.imported, package_of(file))
        title = f"The typed sessionstream module of ``{file.path}``."
        about = [*docstrings.split_blocks(file.comment), *deprecation.file_note(file)]
        said = [*about, "In this order:", contents(module)]
        header = docstrings.literal(title, [*said, generated_by(parameters)], 0)
        noqa = exemption_line(
            f"{header}\n{body}",
            nothing_abstract=bool(module.ui_projected) and not module.ui_abstract,
        )
        pragmas = f"# isort: skip_file\n{deprecation.pragma(module.messages)}{noqa}"
        content = f"{header}\n\n{pragmas}\n{imports}\n\n{body}\n"
        return OutputFile(names.module_path(file.path, SUFFIX), content)
