"""The examples in the pages of diagnostics: files and parameters, and what the plugin says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sessionstream_codegen.generate import process

from sessionstream.doc import Entry
from sessionstream.protos import include_dir
from tests.codegen.compiling import request_for

_SECTION = re.compile(r"^## ", re.MULTILINE)
_FENCE = re.compile(
    r"^```(?P<kind>\w+) ?(?P<path>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_PARAMETER = re.compile(r"^ +opt: (.*)$", re.MULTILINE)
_OPTIONS = "sessionstream/v1/options.proto"


def section(entry: Entry, title: str) -> Mapping[str, str]:
    """Returns the fenced blocks of a section by the paths of the files; the output is ``text``."""
    found = [part for part in _SECTION.split(entry.text) if part.startswith(f"{title}\n")]
    assert len(found) == 1, f"{entry.slug} needs one section {title}"
    return {block["path"] or block["kind"]: block["text"] for block in _FENCE.finditer(found[0])}


def said_of(blocks: Mapping[str, str], *, newer: bool = False, encoding: str = "utf-8") -> str:
    """Returns what the plugin says of the .proto files under the parameters of buf.gen.yaml.

    ``newer`` compiles with annotations that have a field more; the files are saved in the encoding.
    """
    protos = {path: text for path, text in blocks.items() if path.endswith(".proto")}
    parameter = _PARAMETER.search(blocks.get("buf.gen.yaml", ""))
    annotations = {_OPTIONS: _newer_options()} if newer else {}
    outcome = process(
        request_for(
            {**protos, **annotations},
            only=[*protos],
            parameter=parameter[1] if parameter else "",
            encoding=encoding,
        )
    )
    return "\n".join(filter(None, (outcome.response.error, outcome.warnings)))


def _newer_options() -> str:
    text = (include_dir() / _OPTIONS).read_text(encoding="utf-8")
    return text.replace("message EventOptions {", "message EventOptions {\n  bool retained = 9;")
