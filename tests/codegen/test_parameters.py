"""The plugin's parameters."""

from __future__ import annotations

import pytest
from sessionstream_codegen.generate import generate, process
from sessionstream_codegen.parameters import Parameters, parse

from tests.codegen.compiling import HEAD, request_for

TARGETS = ("python", "markdown")


class TestParameters:
    @pytest.mark.parametrize("text", ["", ",", " , "])
    def test_none_are_given(self, text: str) -> None:
        assert parse(text, TARGETS) == (Parameters(), [])

    def test_they_stand_between_commas(self) -> None:
        wanted = Parameters(target="markdown", app="acme/desk", version=False)
        assert parse("app=acme/desk,version=false, target=markdown", TARGETS) == (wanted, [])

    @pytest.mark.parametrize(
        "text", ["app=desk\n", "\n app=desk ,\n", "\tapp=desk\r\n", "\u00a0app=desk"]
    )
    def test_spaces_and_line_breaks_around_them_are_left_out(self, text: str) -> None:
        """A block text of YAML, `opt: |`, ends with one."""
        found = process(request_for({"a.proto": HEAD}, parameter=text))
        assert not found.response.error
        assert parse(text, TARGETS) == (Parameters(app="desk"), [])

    @pytest.mark.parametrize("text", ["", "app=acme/desk,version=false", "target=markdown"])
    def test_those_that_differ_from_the_default_can_be_written_again(self, text: str) -> None:
        parameters, _ = parse(text, TARGETS)
        assert parse(str(parameters), TARGETS) == (parameters, [])

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("paths=x", 'unknown parameter "paths"; the plugin has app, target, version'),
            ("x", 'unknown parameter "x"; the plugin has app, target, version'),
            ("verson=false", 'unknown parameter "verson"; did you mean version?'),
            ("app=a,app=b", 'the parameter "app" is given twice; remove one of them'),
            ("target=cobol", "target=cobol can't be used; target takes one of python, markdown"),
            ("version", "version= can't be used; version takes true or false"),
            (
                "version=true\napp=x",
                '"version=true\\napp=x" can\'t be used; version takes true or false',
            ),
            ("\u202ex", 'unknown parameter "\\u202ex"; the plugin has app, target, version'),
            (
                "app=acme.desk",
                "app=acme.desk can't be used; app takes a module with slashes for dots, "
                "as in app=desk or app=acme/desk",
            ),
            (
                "app=acme/class",
                "app=acme/class can't be used; app takes a module with slashes for dots, "
                "as in app=desk or app=acme/desk",
            ),
        ],
    )
    def test_what_can_not_be_used_is_named(self, text: str, said: str) -> None:
        parameters, wrong = parse(text, TARGETS)
        assert parameters == Parameters()
        assert [str(found) for found in wrong] == [f"error: [SS001] {said}"]

    def test_every_mistake_is_told_with_those_of_the_files(self) -> None:
        text = f"{HEAD}message A {{ option (sessionstream.v1.message).entity = {{}}; }}"
        response = generate(request_for({"a.proto": text}, parameter="x,y"))
        assert [line.partition("]")[0] for line in response.error.splitlines()] == [
            "error: [SS001",
            "error: [SS001",
            "a.proto:4:9: error: [SS201",
        ]
