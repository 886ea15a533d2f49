"""From the spelling of .proto files to that of Python."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sessionstream_codegen import names

IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
WIRE_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.:/-]{0,20}", fullmatch=True)


class TestSnake:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("TokensDelta", "tokens_delta"),
            ("HTTPServer", "http_server"),
            ("UIEvent", "ui_event"),
            ("Sha256Sum", "sha256_sum"),
            ("TokensV2Delta", "tokens_v2_delta"),
            ("snake_case", "snake_case"),
            ("Foo__Bar_", "foo_bar"),
            ("_Private", "private"),
            ("chat.message-started", "chat_message_started"),
            ("A", "a"),
            ("_", ""),
        ],
    )
    def test_words_begin_where_a_reader_sees_them(self, name: str, expected: str) -> None:
        assert names.snake(name) == expected

    @given(st.text())
    def test_it_gives_lower_case_words(self, name: str) -> None:
        words = names.snake(name)
        assert all(word.isalnum() and word.isascii() for word in words.split("_") if words)
        assert words == words.lower()

    @given(st.text())
    @example("ABcDE")
    def test_again_it_changes_nothing(self, name: str) -> None:
        assert names.snake(names.snake(name)) == names.snake(name)

    @given(st.lists(st.from_regex(r"[A-Z][a-z]+", fullmatch=True), min_size=1))
    def test_camel_case_and_back_is_the_same(self, words: list[str]) -> None:
        assert names.camel(names.snake("".join(words))) == "".join(words)


class TestCamel:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("chat", "Chat"),
            ("chat-demo.v1", "ChatDemoV1"),
            ("chatDemo", "ChatDemo"),
            ("HTTPServer", "HTTPServer"),
            ("9lives", "9lives"),
            ("__", ""),
        ],
    )
    def test_every_word_gets_a_capital(self, name: str, expected: str) -> None:
        assert names.camel(name) == expected

    @given(st.text())
    def test_again_it_changes_nothing(self, name: str) -> None:
        assert names.camel(names.camel(name)) == names.camel(name)


class TestWireNames:
    @given(WIRE_NAMES)
    def test_one_gives_an_identifier_and_a_class(self, name: str) -> None:
        assert names.is_wire_name(name)
        assert names.snake(name).isidentifier()
        assert names.camel(name).isidentifier()

    @given(st.text().filter(lambda name: not name.isascii() or not name[:1].isalpha()))
    def test_other_letters_and_other_beginnings_are_refused(self, name: str) -> None:
        assert not names.is_wire_name(name)

    @given(WIRE_NAMES, st.sampled_from([" ", "\n", '"', "\\", "{", "é", "\x00"]))
    def test_nothing_in_one_could_end_a_string(self, name: str, sign: str) -> None:
        """They are written into generated code between quotes."""
        assert not names.is_wire_name(name + sign)


class TestFree:
    @given(st.sampled_from(keyword.kwlist))
    def test_a_keyword_gets_an_underscore(self, name: str) -> None:
        assert names.is_identifier(names.free(name, frozenset()))

    @given(IDENTIFIERS, st.frozensets(IDENTIFIERS))
    def test_what_is_returned_is_not_taken(self, name: str, taken: frozenset[str]) -> None:
        if f"{name}_" not in taken:
            assert names.free(name, taken) not in taken


class TestModules:
    """As protoc's own Python generator names them."""

    @pytest.mark.parametrize(
        ("path", "module", "written"),
        [
            ("chat.proto", "chat_pb2", "chat_pb2.py"),
            ("chat/v1/chat.proto", "chat.v1.chat_pb2", "chat/v1/chat_pb2.py"),
            ("chat-demo/a-b.proto", "chat_demo.a_b_pb2", "chat_demo/a_b_pb2.py"),
            ("a.b.proto", "a.b_pb2", "a/b_pb2.py"),
            ("old.protodevel", "old_pb2", "old_pb2.py"),
        ],
    )
    def test_a_path_gives_a_module(self, path: str, module: str, written: str) -> None:
        assert names.module(path, "_pb2") == module
        assert names.module_path(path, "_pb2") == written

    def test_a_stem_is_the_name_alone(self) -> None:
        assert names.stem("chat/v1/chat-demo.proto") == "chat-demo"


class TestTellApart:
    def test_those_that_share_a_name_all_get_another(self) -> None:
        candidates = {"a": ["t", "a_t"], "b": ["t", "b_t"], "c": ["u", "c_u"]}
        assert names.tell_apart(candidates) == {"a": "a_t", "b": "b_t", "c": "u"}

    def test_so_does_the_one_that_a_longer_name_meets(self) -> None:
        candidates = {"a": ["t", "u", "a_t"], "b": ["t", "b_t"], "c": ["u", "c_u"]}
        assert names.tell_apart(candidates) == {"a": "a_t", "b": "b_t", "c": "c_u"}

    def test_the_last_is_kept_where_nothing_tells_them_apart(self) -> None:
        assert names.tell_apart({"a": ["t", "x"], "b": ["t", "x"]}) == {"a": "x", "b": "x"}

    def test_names_are_alike_that_are_spelled_so(self) -> None:
        candidates = {"a": ["HTTPRoom", "a"], "b": ["HttpRoom", "b"]}
        assert names.tell_apart(candidates, names.snake) == {"a": "a", "b": "b"}

    @given(st.dictionaries(st.text(), st.lists(st.text(max_size=2), min_size=1), max_size=5))
    def test_the_order_changes_nothing(self, candidates: dict[str, list[str]]) -> None:
        turned = dict(reversed(candidates.items()))
        assert names.tell_apart(candidates) == names.tell_apart(turned)
