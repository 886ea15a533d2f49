"""The code that `make gen` will write in a new project, byte for byte, without buf.

Both hand the same descriptors to the same protoc and plugins: buf fills in the
JSON name of every field, and so does protoc where it writes descriptors to a file.
"""

from __future__ import annotations

import posixpath
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sessionstream_codegen.generate import generate
from sessionstream_codegen.project.errors import ProjectError
from sessionstream_codegen.protoc import ProtocError, compile_request

PARAMETERS = ("app={folder}/wiring,version=false", "target=lock,version=false")
"""Of the runs of our plugin, as the project's buf.gen.yaml has them; ``folder`` is the file's."""


def generated_files(path: str, text: str) -> dict[str, str]:
    """Returns the text of each file that is generated from a .proto file, by its path.

    Raises:
        ProjectError: A tool is missing, or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        proto = root / "proto" / path
        proto.parent.mkdir(parents=True)
        proto.write_text(text, encoding="utf-8")
        try:
            request = compile_request([str(proto)], [root / "proto"])
        except ProtocError as error:
            raise ProjectError(str(error)) from error
        return {**_outputs_of_plugins(request), **_message_modules(request, root)}


def _outputs_of_plugins(request: CodeGeneratorRequest) -> dict[str, str]:
    stubs = _run(_mypy_protobuf(), request.SerializeToString())
    folder = posixpath.dirname(request.file_to_generate[0])
    responses = [CodeGeneratorResponse.FromString(stubs)]
    for parameter in PARAMETERS:
        request.parameter = parameter.format(folder=folder)
        responses.append(generate(request))
    found: dict[str, str] = {}
    for response in responses:
        if response.error:
            raise ProjectError(response.error)
        for file in response.file:
            if file.insertion_point:
                # Nothing is inserted, but buf then leaves out the file's last newline.
                found[file.name] = found[file.name].removesuffix("\n")
            else:
                found[file.name] = file.content
    return found


def _message_modules(request: CodeGeneratorRequest, root: Path) -> dict[str, str]:
    image, out = root / "image.binpb", root / "out"
    image.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
    out.mkdir()
    options = [f"--descriptor_set_in={image}", f"--python_out={out}"]
    _run([sys.executable, "-m", "grpc_tools.protoc", *options, *request.file_to_generate])
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8")
        for path in out.rglob("*.py")
    }


def _mypy_protobuf() -> list[str]:
    """The plugin's command, by its entry point: its script need not be on PATH."""
    for script in entry_points(group="console_scripts", name="protoc-gen-mypy"):
        code = f"from {script.module} import {script.attr} as main; main()"
        return [sys.executable, "-c", code]
    raise ProjectError('mypy-protobuf is missing; run: pip install "sessionstream[codegen]"')


def _run(command: list[str], given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ProjectError(f"the project's code can't be generated: {said or command}")
    return done.stdout
