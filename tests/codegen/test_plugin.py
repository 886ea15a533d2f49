"""The plugin as a process: what protoc and buf meet."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import Edition
from sessionstream_codegen.generate import generate

from sessionstream.protos import include_dir
from tests.codegen.compiling import HEAD, request_for
from tests.codegen.golden_trees import ROOT, proto_files, run

PLUGIN = "protoc-gen-sessionstream"
BROKEN = f"{HEAD}message A {{\n  option (sessionstream.v1.message).entity = {{}};\n}}\n"
BUF_GEN_YAML = """\
version: v2
plugins:
  - local: protoc-gen-sessionstream
    out: out
"""


def golden_request() -> CodeGeneratorRequest:
    return request_for({path: (ROOT / path).read_text(encoding="utf-8") for path in proto_files()})


def protoc(folder: Path, *options: str) -> tuple[int, str]:
    """Runs protoc over ``a.proto`` in the folder."""
    includes = [f"-I{folder}", f"-I{include_dir()}"]
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        *includes,
        f"--sessionstream_out={folder}",
    ]
    done = run(*command, *options, "a.proto", cwd=folder)
    return done.returncode, done.stderr


class TestResponse:
    def test_it_declares_what_it_understands(self) -> None:
        response = generate(CodeGeneratorRequest())
        assert response.supported_features == (
            CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
            | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS
        )
        assert response.minimum_edition == Edition.EDITION_PROTO2
        assert response.maximum_edition == Edition.EDITION_2024

    def test_options_that_are_unknown_fields_are_read(self) -> None:
        """As in a process that parsed the request before it imported the annotations."""
        code = """
import sys
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
assert "sessionstream.v1.options_pb2" not in sys.modules
from sessionstream_codegen.generate import generate
for file in generate(request).file:
    print(file.name)
"""
        request = request_for({"a.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"})
        done = run(sys.executable, "-c", code, stdin=request.SerializeToString())
        assert done.stdout == "a_sessionstream.py\n", done.stderr

    def test_options_that_are_kept_in_source_only_are_read(self) -> None:
        """Where the request has descriptors as they are in source, those are read."""
        request = request_for({"a.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"})
        for file in request.proto_file:
            for message in file.message_type:
                message.ClearField("options")
        assert [file.name for file in generate(request).file] == ["a_sessionstream.py"]
        del request.source_file_descriptors[:]
        assert [file.name for file in generate(request).file] == []

    def test_the_request_stays_as_it_was(self) -> None:
        request = golden_request()
        before = request.SerializeToString(deterministic=True)
        generate(request)
        assert request.SerializeToString(deterministic=True) == before

    def test_files_that_were_not_asked_for_are_not_generated(self) -> None:
        texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in proto_files()}
        response = generate(request_for(texts, only=["imports/app/v1/app.proto"]))
        assert [file.name for file in response.file] == ["imports/app/v1/app_sessionstream.py"]


class TestProtoc:
    def test_diagnostics_are_shown_and_nothing_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "a.proto").write_text(BROKEN)
        status, said = protoc(tmp_path)
        assert status == 1
        assert "\na.proto:4:9: error: [SS201] the entity acme.v1.A has no key" in said
        assert [path.name for path in tmp_path.iterdir()] == ["a.proto"]

    def test_an_extension_under_our_number_is_no_traceback(self, tmp_path: Path) -> None:
        text = """\
syntax = "proto3";
import "google/protobuf/descriptor.proto";
extend google.protobuf.MessageOptions {
  bytes mine = 51873;
}
message A {
  option (mine) = "\\377 no message";
}
"""
        (tmp_path / "a.proto").write_text(text)
        assert protoc(tmp_path) == (
            1,
            "--sessionstream_out: \n"
            "a.proto:4:9: error: [SS003] the extension mine has the number "
            "51873, which belongs to sessionstream.v1; give it another number\n"
            "a.proto:7:3: error: [SS003] an option of A has the number 51873, but can't be read as "
            "that of sessionstream.v1; does an extension of another package have that number?\n",
        )

    def test_a_warning_is_shown_and_the_code_is_written(self, tmp_path: Path) -> None:
        empty = "message B { option (sessionstream.v1.message) = {}; }"
        (tmp_path / "a.proto").write_text(f"{HEAD}message A {{ {EVENT} = {{}}; }}\n{empty}")
        assert protoc(tmp_path) == (
            0,
            "a.proto:5:13: warning: [SS104] acme.v1.B has option (sessionstream.v1.message), but "
            "no role; set its command, event, ui_event or entity, or remove the option\n",
        )
        assert (tmp_path / "a_sessionstream.py").exists()

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("EnumOptions", "enum E {{ {option}; E_NONE = 0; }}"),
            ("OneofOptions", "message A {{ oneof a {{ {option}; string b = 1; }} }}"),
            ("ServiceOptions", "service S {{ {option}; }}"),
        ],
    )
    def test_where_our_options_have_no_place_protoc_says_so(
        self, kind: str, body: str, tmp_path: Path
    ) -> None:
        """They extend the options of files, messages and fields only."""
        (tmp_path / "a.proto").write_text(HEAD + body.format(option=f"{EVENT} = {{}}"))
        status, said = protoc(tmp_path)
        assert status == 1
        assert f'is not a field or extension of message "{kind}"' in said

    def test_so_it_does_where_one_has_no_such_field(self, tmp_path: Path) -> None:
        """Only an event can be ephemeral."""
        command = "option (sessionstream.v1.message).command"
        (tmp_path / "a.proto").write_text(f"{HEAD}message A {{ {command} = {{ephemeral: true}}; }}")
        status, said = protoc(tmp_path)
        assert status == 1
        assert '"sessionstream.v1.CommandOptions" has no field named "ephemeral"' in said


class TestBuf:
    def test_diagnostics_are_shown_and_nothing_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "a.proto").write_text(BROKEN)
        annotations = tmp_path / "sessionstream" / "v1" / "options.proto"
        annotations.parent.mkdir(parents=True)
        annotations.write_text((include_dir() / "sessionstream/v1/options.proto").read_text())
        (tmp_path / "buf.gen.yaml").write_text(BUF_GEN_YAML)
        (tmp_path / "buf.yaml").write_text("version: v2\n")
        done = run("buf", "generate", cwd=tmp_path)
        assert done.returncode != 0
        assert "\na.proto:4:9: error: [SS201] the entity acme.v1.A has no key" in done.stderr
        assert not (tmp_path / "out").exists()


class TestProcess:
    def test_what_is_no_request_is_refused_in_a_response(self) -> None:
        done = run(PLUGIN, stdin=b"\xff\xff no request")
        assert done.returncode == 0
        assert "error: [SS005] what came in can't be read: it is no request" in done.stdout

    def test_run_by_hand_it_says_who_runs_it(self) -> None:
        done = run(PLUGIN, "--help")
        assert done.returncode == 0
        assert done.stderr.startswith("protoc-gen-sessionstream is a plugin: protoc and buf run it")

    def test_a_defect_is_one_line_and_exit_status_1(self) -> None:
        code = """
import sys
from sessionstream_codegen import generate, plugin
def broken(request): raise KeyError("over\\nthere")
generate.process = broken
sys.exit(plugin.main())
"""
        done = run(sys.executable, "-c", code)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr == (
            "protoc-gen-sessionstream: internal error: KeyError: 'over\\nthere' (<string>:4); "
            "this is a bug, please report it with the .proto file\n"
        )

    def test_a_missing_extra_is_named(self) -> None:
        code = """
import sys
sys.modules["jinja2"] = None
from sessionstream_codegen import plugin
sys.exit(plugin.main())
"""
        done = run(sys.executable, "-c", code)
        assert (done.returncode, done.stderr) == (
            1,
            "protoc-gen-sessionstream needs jinja2; "
            'install it with: pip install "sessionstream[codegen]"\n',
        )


EVENT = "option (sessionstream.v1.message).event"
