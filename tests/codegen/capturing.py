"""Requests as protoc and as buf make them: a plugin that stores what it is given."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from sessionstream_codegen.generate import respond

from sessionstream.protos import include_dir
from tests.codegen.golden_trees import run

_PLUGIN = """\
#!{python}
import sys
from pathlib import Path
Path({stored!r}).write_bytes(sys.stdin.buffer.read())
sys.stdout.buffer.write({answer!r})
"""
_TEMPLATE = {
    "version": "v2",
    "plugins": [{"local": "./protoc-gen-capture", "out": "out", "strategy": "all"}],
}


def from_protoc(files: Mapping[str, str], folder: Path) -> CodeGeneratorRequest:
    """Returns protoc's request for the files; they are written to the folder."""
    _write(files, folder)
    plugin = f"--plugin=protoc-gen-capture={folder / 'protoc-gen-capture'}"
    includes = (f"-I{folder / 'proto'}", f"-I{include_dir()}")
    capture = (plugin, f"--capture_out={folder}")
    return _captured(folder, sys.executable, "-m", "grpc_tools.protoc", *includes, *capture, *files)


def from_buf(files: Mapping[str, str], folder: Path) -> CodeGeneratorRequest:
    """Returns buf's request, which asks for the annotations' file as well."""
    _write(files, folder)
    shutil.copytree(include_dir() / "sessionstream", folder / "options" / "sessionstream")
    modules = [{"path": "proto"}, {"path": "options"}]
    (folder / "buf.yaml").write_text(json.dumps({"version": "v2", "modules": modules}))
    return _captured(folder, "buf", "generate", "--template", json.dumps(_TEMPLATE))


def _write(files: Mapping[str, str], folder: Path) -> None:
    for path, text in files.items():
        written = folder / "proto" / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text, encoding="utf-8")
    plugin = folder / "protoc-gen-capture"
    answer = respond([]).SerializeToString()
    stored = str(folder / "request")
    plugin.write_text(_PLUGIN.format(python=sys.executable, stored=stored, answer=answer))
    plugin.chmod(0o755)


def _captured(folder: Path, *command: str) -> CodeGeneratorRequest:
    done = run(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    return CodeGeneratorRequest.FromString((folder / "request").read_bytes())
