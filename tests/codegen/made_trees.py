"""Trees that are made and not kept: long lists say more than the files that they make.

They are generated, linted and driven together with the golden trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# What generated classes have, or their bases: `object`, `ABC`, `EntityFactory`, `UIEvent`; what
# their bodies and signatures refer to; what the module defines.
_MEMBERS = (
    *("Mro", "Register", "Publish", "Ordinal", "Get", "List", "Entity", "Tombstone", "Submit"),
    *("Name", "Payload", "Kind", "Id", "Project", "View", "Session", "Command", "Event", "Hub"),
    *("Publisher", "Handlers", "Ui", "Timeline", "Install", "RegisterSchemas", "Class"),
    *("str", "int", "property", "staticmethod", "abstractmethod", "override", "field"),
    *("dataclass", "pb", "typed", "self", "print", "object", "super", "async", "ABC", "Union"),
    *("Final", "Iterable", "Type_Checking", "Schemas", "Literal", "EventsUi", "entities_pb2"),
)
# Letters that are hardly told from digits.
_LETTERS = ("l", "I", "O", "A")
_MANY = 260
_KEY = "string id = 1 [(sessionstream.v1.field).key = true];"


def made_trees() -> Mapping[str, str]:
    """Returns the .proto files by their paths."""
    return {
        "members/commands.proto": _file("members.commands", _messages("command", _MEMBERS)),
        "members/entities.proto": _file("members.entities", _messages("entity", _MEMBERS)),
        "members/shown.proto": _file("members.shown", [_shown(_MEMBERS)]),
        "members/events.proto": _file(
            "members.events",
            _messages("event", _MEMBERS),
            imports=("members/entities.proto", "members/shown.proto"),
        ),
        "letters/commands.proto": _file("letters.commands", _messages("command", _LETTERS)),
        "letters/l.proto": _file(
            "letters.l",
            [*_messages("entity", _LETTERS), *_messages("event", ["B"]), _shown(_LETTERS)],
        ),
        "many/v1/many.proto": _file("many.v1", _many()),
    }


def _file(package: str, messages: Iterable[str], imports: Sequence[str] = ()) -> str:
    imported = "\n".join(
        f'import "{path}";' for path in (*imports, "sessionstream/v1/options.proto")
    )
    head = f'syntax = "proto3";\npackage {package};\n{imported}\n'
    return "\n".join([head, *messages])


def _messages(role: str, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        key = _KEY if role == "entity" else ""
        mark = f"option (sessionstream.v1.message).{role} = {{}};"
        yield f"// What {name} is for.\nmessage {name} {{ {mark} {key} }}\n"


def _shown(names: Iterable[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"message Change {{ option (sessionstream.v1.message).ui_event = {{names: [{listed}]}}; }}"
    )


def _many() -> Iterable[str]:
    roles = ("command", "event", "ui_event", "entity")
    for number in range(_MANY):
        role = roles[number % len(roles)]
        yield from _messages(role, [f"{role.title().replace('_', '')}Number{number}"])
