from __future__ import annotations

from typing import cast

import pytest
from google.protobuf import any_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.message import Message

from sessionstream import (
    CommandType,
    DuplicateNameError,
    EntityType,
    EventType,
    PayloadDecodeError,
    SchemaError,
    SchemaRegistry,
    UIEventType,
    UnknownNameError,
)
from sessionstream.namespaces import DeclaredType

StringValue = wrappers_pb2.StringValue
BytesValue = wrappers_pb2.BytesValue
Timestamp = timestamp_pb2.Timestamp
REGISTER = ["register_command", "register_event", "register_ui_event", "register_timeline_entity"]


@pytest.fixture
def registry() -> SchemaRegistry:
    return SchemaRegistry()


class TestRegistering:
    def test_a_name_answers_its_message_type(self, registry: SchemaRegistry) -> None:
        registry.register_command("A", StringValue)
        registry.register_event("B", StringValue)
        registry.register_ui_event("C", StringValue)
        registry.register_timeline_entity("D", StringValue)
        assert registry.command_type("A") == CommandType("A", StringValue)
        assert registry.event_type("B") == EventType("B", StringValue)
        assert registry.ui_event_type("C") == UIEventType("C", StringValue)
        assert registry.entity_type("D") == EntityType("D", StringValue)

    def test_each_role_has_names_of_its_own(self, registry: SchemaRegistry) -> None:
        for register in REGISTER:
            getattr(registry, register)("Same", StringValue)
        assert registry.command_names() == registry.event_names() == ("Same",)

    @pytest.mark.parametrize("add", ["add", "ensure"])
    def test_an_error_takes_back_what_came_before_it(
        self, registry: SchemaRegistry, add: str
    ) -> None:
        registry.register_event("Taken", StringValue)
        before = (
            CommandType("A", StringValue, aliases=("B",)),
            EventType("C", StringValue, aliases=("D",)),
            UIEventType("E", StringValue),
            EntityType("F", StringValue),
        )
        with pytest.raises(DuplicateNameError):
            getattr(registry, add)(*before, EventType("Taken", Timestamp))
        registry.add(*before)
        assert registry.event_type("Taken").message_type is StringValue

    def test_a_refused_registration_leaves_no_alias_behind(self, registry: SchemaRegistry) -> None:
        registry.register_event("Taken", StringValue)
        with pytest.raises(DuplicateNameError):
            registry.add(EventType("New", StringValue, aliases=("Older", "Taken")))
        with pytest.raises(UnknownNameError):
            registry.event_type("Older")

    @pytest.mark.parametrize("name", ["", " ", " A", "A\n", cast(str, None), cast(str, 7)])
    def test_a_name_is_a_string_without_outer_spaces(
        self, registry: SchemaRegistry, name: str
    ) -> None:
        with pytest.raises(SchemaError, match="needs a name"):
            registry.register_event(name, StringValue)

    def test_only_the_four_declared_types_can_be_added(self, registry: SchemaRegistry) -> None:
        with pytest.raises(SchemaError, match="add takes CommandType"):
            registry.add(cast("EventType[Message]", StringValue))


WRAPPERS = "google/protobuf/wrappers.proto"


class TestDuplicates:
    @pytest.mark.parametrize(
        ("role", "taken", "refused"),
        [
            ("command", CommandType("Same", StringValue), CommandType("Same", Timestamp)),
            ("event", EventType("Same", StringValue), EventType("Same", Timestamp)),
            ("UI event", UIEventType("Same", StringValue), UIEventType("Same", Timestamp)),
            ("entity", EntityType("Same", StringValue), EntityType("Same", Timestamp)),
        ],
    )
    def test_a_name_that_is_taken_names_both_origins(
        self, registry: SchemaRegistry, role: str, taken: DeclaredType, refused: DeclaredType
    ) -> None:
        registry.add(taken)
        with pytest.raises(DuplicateNameError) as caught:
            registry.add(refused)
        assert str(caught.value) == (
            f"{role} 'Same' is registered already, as google.protobuf.StringValue ({WRAPPERS}); "
            "refused: google.protobuf.Timestamp (google/protobuf/timestamp.proto). "
            "Give one of them another name"
        )

    @pytest.mark.parametrize(
        ("taken", "refused", "said"),
        [
            (
                EventType("New", StringValue, aliases=("Old",)),
                EventType("Old", BytesValue),
                f"as an alias of 'New', google.protobuf.StringValue ({WRAPPERS}); "
                f"refused: google.protobuf.BytesValue ({WRAPPERS})",
            ),
            (
                EventType("Old", StringValue),
                EventType("New", BytesValue, aliases=("Old",)),
                f"as google.protobuf.StringValue ({WRAPPERS}); "
                f"refused: an alias of 'New', google.protobuf.BytesValue ({WRAPPERS})",
            ),
        ],
    )
    def test_an_alias_is_told_from_a_name(
        self,
        registry: SchemaRegistry,
        taken: EventType[Message],
        refused: EventType[Message],
        said: str,
    ) -> None:
        registry.add(taken)
        with pytest.raises(DuplicateNameError) as caught:
            registry.add(refused)
        assert f"event 'Old' is registered already, {said}." in str(caught.value)

    @pytest.mark.parametrize("aliases", [(), ("Older",)])
    def test_the_same_message_twice_is_told_to_be_registered_once(
        self, registry: SchemaRegistry, aliases: tuple[str, ...]
    ) -> None:
        """Both origins are one then: another name is not what is wanted."""
        registry.register_event("Same", StringValue)
        with pytest.raises(DuplicateNameError, match="Register one message once"):
            registry.add(EventType("Same", StringValue, aliases=aliases))


class TestMessageTypes:
    @pytest.mark.parametrize("register", REGISTER)
    @pytest.mark.parametrize(
        "shapeless",
        [
            struct_pb2.Struct,
            struct_pb2.Value,
            struct_pb2.ListValue,
            any_pb2.Any,
            empty_pb2.Empty,
        ],
    )
    def test_a_shapeless_type_is_refused_at_the_top_level(
        self, registry: SchemaRegistry, register: str, shapeless: type[Message]
    ) -> None:
        with pytest.raises(SchemaError, match="wrap it in a concrete message"):
            getattr(registry, register)("Name", shapeless)

    @pytest.mark.parametrize("concrete", [StringValue, BytesValue, Timestamp])
    def test_wrappers_and_other_concrete_types_are_allowed(
        self, registry: SchemaRegistry, concrete: type[Message]
    ) -> None:
        registry.register_event("Name", concrete)
        assert registry.event_type("Name").message_type is concrete

    @pytest.mark.parametrize("wrong", [StringValue(), str, Message, None, "StringValue"])
    def test_what_is_no_concrete_message_class_is_refused(
        self, registry: SchemaRegistry, wrong: object
    ) -> None:
        with pytest.raises(SchemaError, match="needs a protobuf message class"):
            registry.register_event("Name", cast(type[Message], wrong))


class TestAliases:
    def test_an_alias_answers_the_type_under_its_current_name(
        self, registry: SchemaRegistry
    ) -> None:
        registry.add(EventType("New", StringValue, aliases=("Old", "Older")))
        assert registry.event_type("Older").name == "New"

    def test_an_alias_takes_the_name_for_others(self, registry: SchemaRegistry) -> None:
        registry.add(CommandType("New", StringValue, aliases=("Old",)))
        with pytest.raises(DuplicateNameError):
            registry.register_command("Old", StringValue)

    @pytest.mark.parametrize("aliases", [("New",), ("Old", "Old")])
    def test_a_name_is_not_its_own_alias(
        self, registry: SchemaRegistry, aliases: tuple[str, ...]
    ) -> None:
        with pytest.raises(DuplicateNameError):
            registry.add(EventType("New", StringValue, aliases=aliases))

    def test_only_current_names_are_listed(self, registry: SchemaRegistry) -> None:
        registry.add(CommandType("New", StringValue, aliases=("Old",)))
        assert registry.command_names() == ("New",)


class TestUnknownNames:
    def test_an_unknown_name_lists_what_is_registered(self, registry: SchemaRegistry) -> None:
        registry.register_event("Known", StringValue)
        with pytest.raises(UnknownNameError, match="unknown event 'Other'; registered: Known"):
            registry.event_type("Other")

    def test_an_unknown_name_in_an_empty_registry_says_so(self, registry: SchemaRegistry) -> None:
        with pytest.raises(UnknownNameError, match="no UI event is registered"):
            registry.ui_event_type("Other")

    def test_a_long_list_of_names_is_cut(self, registry: SchemaRegistry) -> None:
        for number in range(12):
            registry.register_timeline_entity(f"Kind{number:02}", StringValue)
        with pytest.raises(UnknownNameError, match="Kind09 and 2 more"):
            registry.entity_type("Other")


class TestEnsure:
    def test_what_is_registered_exactly_so_is_left_alone(self, registry: SchemaRegistry) -> None:
        declared = (
            CommandType("A", StringValue),
            EventType("B", StringValue, aliases=("Old",)),
            UIEventType("C", StringValue),
            EntityType("D", StringValue, key="value"),
        )
        registry.ensure(*declared)
        registry.ensure(*declared)
        assert registry.event_type("Old").name == "B"

    def test_a_name_that_is_registered_otherwise_is_a_duplicate(
        self, registry: SchemaRegistry
    ) -> None:
        registry.ensure(EventType("B", StringValue))
        with pytest.raises(DuplicateNameError):
            registry.ensure(EventType("B", StringValue, ephemeral=True))

    def test_what_is_no_declared_type_is_refused(self, registry: SchemaRegistry) -> None:
        with pytest.raises(SchemaError, match="add takes"):
            registry.ensure(cast("EventType[Message]", object()))


class TestDecodeCommandJson:
    def test_a_command_is_decoded_by_its_name(self, registry: SchemaRegistry) -> None:
        registry.register_command("Say", StringValue)
        assert registry.decode_command_json("Say", '"hi"') == StringValue(value="hi")

    def test_a_command_is_decoded_by_its_alias(self, registry: SchemaRegistry) -> None:
        registry.add(CommandType("Say", StringValue, aliases=("Tell",)))
        assert registry.decode_command_json("Tell", b'"hi"') == StringValue(value="hi")

    def test_an_unknown_command_is_an_unknown_name(self, registry: SchemaRegistry) -> None:
        with pytest.raises(UnknownNameError, match="unknown command"):
            registry.decode_command_json("Say", "{}")

    def test_data_of_another_message_are_refused(self, registry: SchemaRegistry) -> None:
        registry.register_command("Say", StringValue)
        with pytest.raises(PayloadDecodeError, match=r"not a google\.protobuf\.StringValue"):
            registry.decode_command_json("Say", '{"seconds": 1}')

    def test_what_is_encoded_is_decoded(self, registry: SchemaRegistry) -> None:
        registry.register_command("Say", StringValue)
        data = registry.encode_json(StringValue(value="hi"))
        assert registry.decode_command_json("Say", data) == StringValue(value="hi")
