"""Messages that the stubs of mypy-protobuf have no room for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sessionstream_codegen.generate import process

from tests.codegen.compiling import HEAD, errors, request_for

EVENT = "option (sessionstream.v1.message).event"
A = f"message A {{ {EVENT} = {{}}; }}"
WHY = "is a name of the stub's own; rename the message"


def imported(stub: Path) -> Iterator[str]:
    """Yields the names that the imports of a stub bind; `import public` gives messages on."""
    for node in ast.walk(ast.parse(stub.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name.asname or name.name for name in node.names if name.asname != name.name)


class TestStubNames:
    def test_all_that_stubs_import_is_refused(self, built: Path) -> None:
        found = {name for stub in built.rglob("*_pb2.pyi") for name in imported(stub)}
        assert "sys" in found
        for name in sorted(found):
            assert errors(f'message {name} {{ {EVENT} = {{name: "X"}}; }}') == [
                f"a.proto:4:9: error: [SS401] acme.v1.{name} can't be named in Python: "
                f'"{name}" {WHY}'
            ]

    @pytest.mark.parametrize(
        ("around", "name"),
        [
            ("enum State { NONE = 0; }", "_State"),
            ("enum State { NONE = 0; }", "_StateEnumTypeWrapper"),
            ("", "_HasFieldArgType"),
            ("", "_WhichOneofReturnType_a"),
            ("message B {}", "Global___B"),
        ],
    )
    def test_what_they_make_of_others_is_refused(self, around: str, name: str) -> None:
        inner = f'message {name} {{ {EVENT} = {{name: "X"}}; }}'
        assert errors(f"message Tool {{ {around}\n{inner} }}") == [
            f"a.proto:5:9: error: [SS401] acme.v1.Tool.{name} can't be named in Python: "
            f'"{name}" {WHY}'
        ]

    def test_so_is_the_number_of_a_field_beside_it(self) -> None:
        inner = f"message A_FIELD_NUMBER {{ {EVENT} = {{}}; }}"
        assert errors(f"message Tool {{ {inner}\n  string a = 1; }}") == [
            "a.proto:4:24: error: [SS401] acme.v1.Tool.A_FIELD_NUMBER can't be named in Python: "
            f'"A_FIELD_NUMBER" {WHY}',
            "a.proto:5:10: note: it is the number of the field a",
        ]
        assert errors(inner) == []

    def test_a_message_in_one_of_them_is_refused_as_well(self) -> None:
        text = f"message sys {{ message A {{ {EVENT} = {{}}; }} }}"
        assert errors(text) == [
            f'a.proto:4:23: error: [SS401] acme.v1.sys.A can\'t be named in Python: "sys" {WHY}'
        ]
        assert process(request_for({"a.proto": HEAD + text})).warnings == ""

    @pytest.mark.parametrize("name", ["typing", "builtins", "_Private", "_StateChanged", "abc"])
    def test_others_like_them_are_not(self, name: str) -> None:
        state = "enum State { NONE = 0; }"
        assert errors(f'message {name} {{ {EVENT} = {{name: "X"}}; }}\n{state}') == []

    @pytest.mark.parametrize(
        ("text", "at", "name"),
        [
            ("message sys {}", "5:9", "sys"),
            ("enum sys { NONE = 0; }", "5:6", "sys"),
            ("enum _typing { NONE = 0; }", "5:6", "_typing"),
            ("enum State { NONE = 0; } message _State {}", "5:34", "_State"),
            ("enum State { NONE = 0; } enum _State { NO = 0; }", "5:31", "_State"),
            ("message Tool { message _HasFieldArgType {} }", "5:24", "Tool._HasFieldArgType"),
            ("message Tool { enum _builtins { NONE = 0; } }", "5:21", "Tool._builtins"),
        ],
    )
    def test_what_has_no_role_gets_a_warning(self, text: str, at: str, name: str) -> None:
        """Its module works: who does without a type checker need not rename it."""
        outcome = process(request_for({"a.proto": f"{HEAD}{A}\n{text}"}))
        assert len(outcome.response.file) == 1
        assert outcome.warnings == (
            f"a.proto:{at}: warning: [SS401] acme.v1.{name} is in the way of the stub: "
            f'"{name.rpartition(".")[2]}" is a name of the stub\'s own, and nothing that uses the '
            "file passes mypy; rename it"
        )

    def test_what_has_no_role_may_not_be_the_number_of_a_field_either(self) -> None:
        text = "message Tool { string a = 1; enum A_FIELD_NUMBER { NONE = 0; } }"
        warnings = process(request_for({"a.proto": f"{HEAD}{A}\n{text}"})).warnings.splitlines()
        assert warnings[0].startswith("a.proto:5:35: warning: [SS401] acme.v1.Tool.A_FIELD_NUMBER")
        assert warnings[1] == "a.proto:5:23: note: it is the number of the field a"

    @pytest.mark.parametrize(
        "text",
        [
            "message Tool { message sys {} enum State { NONE = 0; } }",
            "message _State {} message Other { enum State { NONE = 0; } }",
            "message Tool { map<string, string> a = 1; } enum typing { NONE = 0; }",
        ],
    )
    def test_what_is_in_nobodys_way_gets_none(self, text: str) -> None:
        assert process(request_for({"a.proto": f"{HEAD}{A}\n{text}"})).warnings == ""

    def test_in_another_message_sys_is_none_of_them(self) -> None:
        assert errors(f"message Tool {{ message sys {{ {EVENT} = {{}}; }} }}") == []
