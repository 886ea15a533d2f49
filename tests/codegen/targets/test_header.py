"""The line that says what wrote a file."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from sessionstream_codegen.generate import generate
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.targets.header import GENERATED_BY, generated_by

from tests.codegen.compiling import HEAD, request_for

VERSION = version("sessionstream")
REMEDY = "Do not edit: change the .proto and generate again."


class TestGeneratedBy:
    @pytest.mark.parametrize(
        ("parameters", "line"),
        [
            (Parameters(), f"{GENERATED_BY} {VERSION}. {REMEDY}"),
            (Parameters(version=False), f"{GENERATED_BY}. {REMEDY}"),
            (Parameters(app="desk"), f"{GENERATED_BY} {VERSION} (app=desk). {REMEDY}"),
            (Parameters(app="desk", version=False), f"{GENERATED_BY} (app=desk). {REMEDY}"),
        ],
    )
    def test_it_names_the_version_and_the_parameters(
        self, parameters: Parameters, line: str
    ) -> None:
        assert generated_by(parameters) == line

    @pytest.mark.parametrize(("parameter", "named"), [("", True), ("version=false", False)])
    def test_a_module_has_it(self, parameter: str, named: bool) -> None:
        text = f"{HEAD}message A {{ option (sessionstream.v1.message).event = {{}}; }}"
        code = generate(request_for({"a.proto": text}, parameter=parameter)).file[0].content
        said = generated_by(Parameters(version=named))
        assert f"\n{said}\n" in code
