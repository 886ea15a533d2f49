"""How Python spells the names of a .proto file."""

from __future__ import annotations

import keyword
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.model import MessageDecl, Position
from sessionstream_codegen.targets.python.imports import IMPORTABLE
from sessionstream_codegen.targets.python.spelling import (
    CLASS_SUFFIXES,
    message_constant,
    payload_alias,
    ui_class,
    unnameable,
    words,
)

PARTS = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), st.sampled_from(keyword.kwlist)
)
SCOPES = st.lists(PARTS, min_size=1, max_size=3).map(tuple)


def message(*scope: str) -> MessageDecl:
    return MessageDecl(
        full_name=".".join(scope),
        scope=scope,
        comment="",
        position=Position("a.proto"),
        positions={},
    )


class TestWords:
    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            (("TokensDelta",), "tokens_delta"),
            (("Order", "Created"), "created"),
            (("Order", "_7"), "order_7"),
            (("__Private",), "private"),
            (("_", "X"), "x"),
        ],
    )
    def test_they_are_those_of_the_simple_name(self, scope: tuple[str, ...], expected: str) -> None:
        assert words(message(*scope)) == expected

    @pytest.mark.parametrize(
        ("scope", "expected"), [(("Created",), "created"), (("Order", "Created"), "order_created")]
    )
    def test_the_messages_around_come_first_where_the_file_has_others_of_the_name(
        self, scope: tuple[str, ...], expected: str
    ) -> None:
        assert words(replace(message(*scope), homonym=True)) == expected


class TestMessageConstant:
    @pytest.mark.parametrize(
        ("name", "prefix", "expected"),
        [
            ("Opened", "Chat", "OPENED"),
            ("ABC", "Chat", "ABC_"),
            ("TypeChecking", "Chat", "TYPE_CHECKING_"),
            ("Schemas", "Chat", "SCHEMAS_"),
            ("AUI", "A", "AUI_"),
            ("AUI", "B", "AUI"),
        ],
    )
    def test_it_hides_nothing_that_the_module_has(
        self, name: str, prefix: str, expected: str
    ) -> None:
        assert message_constant(message(name), prefix) == expected

    @given(SCOPES, st.from_regex(r"[A-Z][A-Za-z0-9]{0,3}", fullmatch=True))
    def test_it_is_none_of_the_modules_other_names(
        self, scope: tuple[str, ...], prefix: str
    ) -> None:
        found = message(*scope)
        if not unnameable(found):
            constant = message_constant(found, prefix)
            assert constant.isidentifier()
            assert constant not in IMPORTABLE | {f"{prefix}{suffix}" for suffix in CLASS_SUFFIXES}


class TestUIClass:
    @pytest.mark.parametrize(
        ("wire", "expected"),
        [
            ("chat.opened", "ChatOpened"),
            ("Warning", "WarningUI"),
            ("PythonFinalizationError", "PythonFinalizationErrorUI"),
            ("none", "NoneUI"),
            ("Session", "SessionUI"),
            ("str", "Str"),
        ],
    )
    def test_it_hides_nothing_of_pythons(self, wire: str, expected: str) -> None:
        assert ui_class(wire, "Chat") == expected

    @pytest.mark.parametrize(
        ("wire", "expected"),
        [("OK", "OKUI"), ("Q3", "Q3UI"), ("a", "AUI"), ("OK.now", "OKNow"), ("UI", "UIUI")],
    )
    def test_in_capitals_it_leaves_the_name_to_constants(self, wire: str, expected: str) -> None:
        assert ui_class(wire, "Chat") == expected

    @pytest.mark.parametrize(
        ("wire", "prefix", "expected"),
        [("OK", "OK", "OKEventUI"), ("Warning", "Warning", "WarningEventUI")],
    )
    def test_it_makes_room_for_the_classes_of_the_module(
        self, wire: str, prefix: str, expected: str
    ) -> None:
        assert ui_class(wire, prefix) == expected

    @given(st.from_regex(r"[A-Z][A-Z0-9]{0,3}", fullmatch=True))
    def test_a_message_and_its_ui_event_never_meet(self, name: str) -> None:
        assert ui_class(name, name) != message_constant(message(name), name)


class TestPayloadAlias:
    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            (("TokensDelta",), ""),
            (("match",), ""),
            (("_Private",), "PrivatePayload"),
            (("Tool", "_Inner"), "ToolInnerPayload"),
            (("_2", "Call"), "Payload2Call"),
            (("None",), "NonePayload"),
            (("Tool", "class"), "ToolClassPayload"),
            (("class", "Call"), "ClassCallPayload"),
            (("Tool", "__Deep"), "ToolDeepPayload"),
        ],
    )
    def test_a_name_that_code_can_spell_needs_none(
        self, scope: tuple[str, ...], expected: str
    ) -> None:
        assert payload_alias(message(*scope)) == expected

    @given(SCOPES)
    def test_every_message_has_a_name_in_code(self, scope: tuple[str, ...]) -> None:
        """Or a reason why not."""
        found = message(*scope)
        if not unnameable(found):
            code = payload_alias(found) or ".".join(scope)
            assert all(map(str.isidentifier, code.split(".")))
            assert not any(map(keyword.iskeyword, code.split(".")))
