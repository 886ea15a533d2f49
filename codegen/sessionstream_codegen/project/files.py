"""Every file of a new project, as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import distribution, version

from jinja2 import Environment, PackageLoader, StrictUndefined

from sessionstream.protos import include_dir
from sessionstream_codegen.project.generated import generated_files
from sessionstream_codegen.project.origin import local_settings

_TEMPLATES = Environment(
    loader=PackageLoader("sessionstream_codegen", "templates/project"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,  # these are no web pages that are served with a user's text
)
_SUFFIX = ".j2"
# Templates can't begin with a dot: tools would take them for settings of their own.
_HIDDEN = {"gitignore": ".gitignore", "github": ".github"}
_PROTO = "proto/package/v1/checklist.proto"
_OPTIONS = "sessionstream/v1/options.proto"
_PROTOBUF = re.compile(r"^# Protobuf Python Version: (\S+)$", re.MULTILINE)


def project_files(package: str) -> dict[str, str]:
    """Returns the text of each file of a project with this package, by its path.

    Raises:
        ProjectError: A tool that generates code is missing, or fails.
    """
    proto = _TEMPLATES.get_template(f"{_PROTO}{_SUFFIX}").render(package=package)
    generated = generated_files(_path(_PROTO, package).removeprefix("proto/"), proto)
    variables = {
        "package": package,
        "distribution": package.replace("_", "-"),
        "versions": _versions(generated),
    }
    return {
        **{
            _path(name.removesuffix(_SUFFIX), package): _TEMPLATES.get_template(name).render(
                variables
            )
            for name in _TEMPLATES.list_templates()
        },
        **generated,
        f"third_party/{_OPTIONS}": (include_dir() / _OPTIONS).read_text(encoding="utf-8"),
        "local.mk": local_settings(distribution("sessionstream")),
    }


def _path(template: str, package: str) -> str:
    """Returns where a template's text goes."""
    first, *rest = (
        package if part == "package" else _HIDDEN.get(part, part) for part in template.split("/")
    )
    return "/".join([first, *rest])


def _versions(generated: Mapping[str, str]) -> dict[str, str]:
    """The versions that the generated code was made with, and for."""
    stamps = (_PROTOBUF.search(text) for text in generated.values())
    return {
        "protobuf": next(stamp[1] for stamp in stamps if stamp),
        "sessionstream": version("sessionstream"),
        "grpcio_tools": version("grpcio-tools"),
        "mypy_protobuf": version("mypy-protobuf"),
    }
