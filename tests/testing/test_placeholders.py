"""Texts that an application makes up, and the comparison of messages around them."""

from __future__ import annotations

from functools import cache

import pytest
from google.protobuf.api_pb2 import Api, Method, Mixin
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.testing import any_text
from sessionstream.testing.comparing.comparison import Comparison, Item
from sessionstream.testing.comparing.placeholders import texts_of
from sessionstream.v1 import options_pb2
from tests.testing.conftest import failure
from tests.testing.lines import LinesScenario, gone, line, removed, shown, write, written

ID = any_text("id")
OTHER = any_text("other")


def compare(comparison: Comparison, expected: Message, got: Message) -> None:
    comparison.check("", [Item(name="", payload=expected)], [Item(name="", payload=got)])


class TestAPlaceholder:
    async def test_stands_for_the_same_text_in_every_later_step(self, lines: LinesScenario) -> None:
        await lines.when(write("a"))
        await lines.then_published(written(ID))
        await lines.then_shown(shown(ID))
        await lines.then_timeline(line(ID))
        assert lines.text_of(ID) == "a"
        await lines.when(write("b"))
        with failure() as failed:
            await lines.then_published(written(ID))
        assert failed.text.splitlines()[1:] == [
            "  Written    # event 2",
            '-     name: "⟨id⟩"',
            '+     name: "b"',
        ]

    async def test_is_replaced_by_its_text_in_what_is_given(self, lines: LinesScenario) -> None:
        await lines.when(write("a b"))
        await lines.then_timeline(line(ID), line(OTHER))
        await lines.when(removed(ID))
        await lines.then_changed(gone(ID))
        await lines.then_timeline(line("b"))
        await lines.given(written(OTHER, "again"))
        await lines.then_timeline(line("b", "again"))

    async def test_that_has_met_no_text_can_not_be_given(self, lines: LinesScenario) -> None:
        with failure() as failed:
            await lines.when(removed(ID))
        assert failed.text.startswith("⟨id⟩ stands for no text yet")
        assert await lines.published() == []

    async def test_stands_for_another_text_than_another_placeholder(
        self, lines: LinesScenario
    ) -> None:
        await lines.when(write("a a"))
        with failure():
            await lines.then_published(written(ID), written(OTHER))
        await lines.then_published(written(ID), written(ID))

    async def test_is_shown_in_place_of_its_text(self, lines: LinesScenario) -> None:
        await lines.when(write("a b"))
        with failure() as failed:
            await lines.then_timeline(line(ID))
        assert "+ Line 'b'" in failed.text
        assert '      name: "⟨id⟩"' in failed.text

    async def test_stays_free_after_a_comparison_that_failed(self, lines: LinesScenario) -> None:
        await lines.when(write("a b"))
        with failure():
            await lines.then_published(written(ID))
        await lines.until_shown(shown("b"))
        await lines.then_published(written(OTHER), written(ID))
        assert lines.text_of(ID) == "b"

    def test_may_stand_anywhere_in_a_message(self) -> None:
        comparison = Comparison()
        got = Api(name="a", methods=[Method(name="m"), Method(name="b")], mixins=[Mixin(root="c")])
        third = any_text("third")
        expected = Api(
            name=ID, methods=[Method(name="m"), Method(name=OTHER)], mixins=[Mixin(root=third)]
        )
        compare(comparison, expected, got)
        assert [comparison.text_of(each) for each in (ID, OTHER, third)] == ["a", "b", "c"]

    def test_may_stand_in_lists_and_maps(self) -> None:
        comparison = Comparison()
        got = options_pb2.MessageOptions()
        got.ui_event.names.extend(["a", "b"])
        expected = options_pb2.MessageOptions()
        expected.ui_event.names.extend([ID, "b"])
        compare(comparison, expected, got)
        compare(
            comparison,
            Struct(fields={"k": Value(string_value=ID), "l": Value(string_value=OTHER)}),
            Struct(fields={"k": Value(string_value="a"), "l": Value(string_value="c")}),
        )
        assert comparison.resolved(expected) == got

    def test_needs_a_name(self) -> None:
        for name in ("", "a⟩"):
            with pytest.raises(ValueError, match="needs a name"):
                any_text(name)

    def test_may_stand_in_extensions(self) -> None:
        comparison = Comparison()
        expected, got = extended(ID), extended("a")
        compare(comparison, expected, got)
        assert comparison.text_of(ID) == "a"
        assert comparison.resolved(expected) == got

    async def test_meets_its_text_while_a_ui_event_is_waited_for(
        self, lines: LinesScenario
    ) -> None:
        await lines.when(write("a"))
        await lines.until_shown(shown(ID))
        assert lines.text_of(ID) == "a"


class TestIgnoredFields:
    def test_are_left_out_at_any_depth(self) -> None:
        comparison = Comparison(["root"])
        compare(comparison, Api(mixins=[Mixin(root="a")]), Api(mixins=[Mixin(root="b")]))
        compare(comparison, Mixin(), Mixin(root="b"))
        with failure():
            compare(comparison, Mixin(name="a"), Mixin(name="b"))

    def test_may_be_extensions(self) -> None:
        compare(Comparison(["nick"]), extended("a"), extended("b"))


@cache
def pool() -> DescriptorPool:
    """Returns the descriptors of a message and an extension of it."""
    file = FileDescriptorProto(name="extended.proto", package="extended", syntax="proto2")
    person = file.message_type.add(name="Person")
    person.extension_range.add(start=100, end=101)
    optional, string = FieldDescriptorProto.LABEL_OPTIONAL, FieldDescriptorProto.TYPE_STRING
    file.extension.add(
        name="nick", number=100, type=string, label=optional, extendee=".extended.Person"
    )
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def extended(nick: str) -> Message:
    """Returns a message with a text in an extension."""
    message = GetMessageClass(pool().FindMessageTypeByName("extended.Person"))()
    extension = pool().FindExtensionByName("extended.nick")
    message.Extensions[extension] = nick  # type: ignore[index]  # stubs want a generated one
    return message


values = st.recursive(
    st.one_of(
        st.builds(Value, string_value=st.text()),
        # protobuf's implementations do not agree on whether -0.0 equals 0.0.
        st.builds(Value, number_value=st.floats(allow_nan=False).map(lambda x: x + 0.0)),
        st.builds(Value, bool_value=st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(lambda parts: Value(list_value=ListValue(values=parts)), st.lists(inner)),
        st.builds(
            lambda parts: Value(struct_value=Struct(fields=parts)),
            st.dictionaries(st.text(), inner, max_size=3),
        ),
    ),
    max_leaves=5,
)


class TestComparing:
    @given(one=values, other=values)
    def test_messages_pass_if_and_only_if_they_are_equal(self, one: Value, other: Value) -> None:
        if one == other:
            compare(Comparison(), one, other)
        else:
            with pytest.raises(AssertionError):
                compare(Comparison(), one, other)

    @given(message=values)
    def test_a_message_equals_itself_with_a_placeholder_for_each_of_its_texts(
        self, message: Value
    ) -> None:
        comparison = Comparison()
        names: dict[str, str] = {}
        for _, text in texts_of(message):
            names.setdefault(text, any_text(f"text {len(names)}"))
        expected = Value.FromString(message.SerializeToString())
        _replace(expected, names)
        compare(comparison, expected, message)
        assert comparison.resolved(expected) == message


def _replace(value: Value, names: dict[str, str]) -> None:
    """Written out for this one type, so that it shares nothing with what is tested."""
    match value.WhichOneof("kind"):
        case "string_value":
            value.string_value = names.get(value.string_value, value.string_value)
        case "list_value":
            for part in value.list_value.values:
                _replace(part, names)
        case "struct_value":
            for part in value.struct_value.fields.values():
                _replace(part, names)
