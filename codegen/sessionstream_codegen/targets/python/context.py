"""What the templates of the Python target see.

Lists of names, a few facts about them, and the functions that lay out code.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping

from sessionstream_codegen.model import CommandRole, EventRole, MessageDecl
from sessionstream_codegen.targets.python import docstrings
from sessionstream_codegen.targets.python.deprecation import deprecation_notes
from sessionstream_codegen.targets.python.layout import (
    LINE_LENGTH,
    Bracket,
    Item,
    assign,
    give,
    hint,
    lay_out,
    one_per_line,
    tuple_of,
)
from sessionstream_codegen.targets.python.names import ModuleNames, Named
from sessionstream_codegen.targets.python.spelling import payload_alias, ui_class

_EPHEMERAL = "Ephemeral: shown live, never stored; its ordinal is 0."
_IDEMPOTENT = "Idempotent: it may run again after a crash in the middle of it."

# A constant, its type, and what the type is called with.
_Declaration = tuple[str, str, list[Item]]


def template_context(module: ModuleNames) -> Mapping[str, object]:
    """Returns the variables of the templates for one module."""
    declared = list(_declared(module))
    return {
        **_FUNCTIONS,
        "cls": module.cls,
        "own": _own,
        "events": module.events,
        "commands": module.commands,
        "published": module.published,
        "ui_events": module.ui_events,
        "entities": module.entities,
        "built_entities": module.built_entities,
        "entity_types": [
            Bracket("TimelineEntity[", [named.payload], "]") for named in module.built_entities
        ],
        "declared": declared,
        "constants": [constant for group in declared for constant, _, _ in group],
        "publisher_type": module.cls("Publisher") if module.published else "EventPublisher",
        "publisher_factory": module.cls("Publisher") if module.published else "typed.as_is",
        "view_type": module.cls("TimelineView") if module.entities else "TimelineView",
        "view_factory": module.cls("TimelineView") if module.entities else "typed.as_is",
        "ui_projected": module.ui_projected,
        "ui_abstract": module.ui_abstract,
        "ignored": _ignored(module),
        "ui_class": lambda wire: ui_class(wire, module.prefix),
        "ui_doc": lambda named, indent: _ui_doc(named, module.prefix, indent),
        "aliased": [_alias(message) for message in module.aliased],
        "timeline_projected": module.timeline_projected,
        "install_parameters": _install_parameters(module),
        "installed": _installed(module),
        "lacking": _lacking(module),
        "schemas": ["*SCHEMAS", *(f"*{schemas}" for schemas in module.schemas)],
    }


def _own(found: Iterable[Named]) -> list[Named]:
    return [named for named in found if named.own]


def _declared(module: ModuleNames) -> Iterator[list[_Declaration]]:
    """Yields the constants of each role that the file has."""
    for type_name, group, arguments in (
        ("CommandType", module.commands, _command_arguments),
        ("EventType", module.events, _event_arguments),
        ("UIEventType", _own(module.ui_events), lambda _: []),
        ("EntityType", _own(module.entities), _entity_arguments),
    ):
        if group:
            yield [
                (
                    named.constant,
                    type_name,
                    [_quote(named.wire), named.payload, *arguments(named.message)],
                )
                for named in group
            ]


def _alias(message: MessageDecl) -> tuple[str, str, list[Item]]:
    """Returns a payload's alias, what mypy-protobuf's stub calls it, and how it is found."""
    stub = [f"_r_{part}" if keyword.iskeyword(part) else part for part in message.scope]
    return payload_alias(message), ".".join(["pb", *stub]), ["pb", *map(_quote, message.scope)]


def _install_parameters(module: ModuleNames) -> list[str]:
    parameters = []
    if module.commands:
        parameters.append(f"handlers: {module.cls('Handlers')}")
    if module.ui_projected:
        parameters.append(f"ui: {module.cls('UIProjection')} | None = None")
    if module.timeline_projected:
        parameters.append(f"timeline: {module.cls('TimelineProjection')} | None = None")
    return ["hub: Hub", *(["*", *parameters] if parameters else [])]


def _installed(module: ModuleNames) -> str:
    projects = module.ui_projected or module.timeline_projected
    match bool(module.commands), bool(projects):
        case True, True:
            return "the payloads, the handlers and the projections"
        case True, False:
            return "the payloads and the handlers"
        case False, True:
            return "the payloads and the projections"
    return "the payloads"


def _ignored(module: ModuleNames) -> str:
    """Says what a partial UI projection does with the events that it does not override."""
    if len(module.ui_abstract) == len(module.ui_projected):
        return "give no UI events"
    return "pass through or give no UI events" if module.ui_abstract else "pass through"


def _lacking(module: ModuleNames) -> list[tuple[str, str]]:
    """Returns the parameters of ``install`` and the errors where they lack a method."""
    found = [("HandlerError", "handlers")] if module.commands else []
    roles = {"ui": module.ui_projected, "timeline": module.timeline_projected}
    projections = " or ".join(role for role, events in roles.items() if events)
    return [*found, *([("SchemaError", projections)] if projections else [])]


def _command_arguments(message: MessageDecl) -> list[Item]:
    role = message.command
    return [*_aliases(role), *(["idempotent=True"] if role and role.idempotent else [])]


def _event_arguments(message: MessageDecl) -> list[Item]:
    role = message.event
    return [*_aliases(role), *(["ephemeral=True"] if role and role.ephemeral else [])]


def _entity_arguments(message: MessageDecl) -> list[Item]:
    return [f"key={_quote(message.keys[0].name)}"]


def _aliases(role: CommandRole | EventRole | None) -> list[Item]:
    quoted = [_quote(alias) for alias in role.aliases] if role else []
    return [Bracket("aliases=(", quoted, ",)" if len(quoted) == 1 else ")")] if quoted else []


def _event_note(named: Named) -> str:
    return _EPHEMERAL if named.message.event and named.message.event.ephemeral else ""


def _command_note(named: Named) -> str:
    return _IDEMPOTENT if named.message.command and named.message.command.idempotent else ""


def _key_type(named: Named) -> str:
    return "str" if named.message.keys[0].type == "string" else "int"


def _quote(text: str) -> str:
    # Names are checked: letters, digits and a few signs, never a quote or a backslash.
    return f'"{text}"'


def _fit(head: str, items: list[Item], tail: str, indent: int = 0) -> str:
    return lay_out(Bracket(head, items, tail), indent)


def _let(target: Item, head: str, items: list[Item], indent: int = 0) -> str:
    return assign(target, Bracket(head, items, ")"), indent)


def _let_name(target: str, value: str, indent: int) -> str:
    margin = " " * indent
    whole = f"{margin}{target} = {value}"
    inside = f"{margin}{target} = (\n{margin}    {value}\n{margin})"
    # ruff leaves a line that is too long where parentheses would not help.
    helps = len(whole) > LINE_LENGTH and max(map(len, inside.split("\n"))) <= LINE_LENGTH
    return inside if helps else whole


def _row_tuple(head: str, items: list[Item], indent: int = 0) -> str:
    return lay_out(tuple_of(head, items), indent)


def _rows(head: str, items: Iterable[Item], tail: str) -> str:
    return lay_out(one_per_line(head, list(items), tail))


def _doc(named: Named, default: str, indent: int, note: str = "") -> str:
    """The docstring where a message is documented first: all of its comment, and where it is."""
    message = named.message
    notes = [note, *deprecation_notes(message), _source(message)]
    return docstrings.docstring(message.comment, default, indent, notes)


def _submits(named: Named, indent: int) -> str:
    """The docstring of a client's method; what the command does stands at its handler."""
    title = f"Submits ``{named.wire}``."
    return docstrings.literal(title, deprecation_notes(named.message), indent)


def _projected(named: Named, gives: str, indent: int, note: str = "") -> str:
    """The docstring of a projection's method: what it gives, and what the event is."""
    event = docstrings.first_sentence(named.message.comment, indent)
    return docstrings.literal(gives, [*filter(None, [event, note])], indent)


def _ui_doc(named: Named, prefix: str, indent: int) -> str:
    """The docstring of a UI event's class; a comment stands at one class only.

    That of an event stands at the publisher and the projection. Of several
    classes with one payload the first has it, and the others point there.
    """
    message, title = named.message, f"UI event ``{named.wire}``"
    if message.passed_through_as:
        return docstrings.literal(f"{title}: the event as it is.", [_source(message)], indent)
    if message.event:
        return docstrings.literal(f"{title}.", [_source(message)], indent)
    first, *others = message.ui_names
    if not others:
        return _doc(named, f"{title}.", indent)
    if named.wire != first:
        other = ui_class(first, prefix)
        return docstrings.literal(f"{title}, with the payload of `{other}`.", [], indent)
    blocks = docstrings.split_blocks(message.comment)
    notes = [*deprecation_notes(message), _source(message)]
    return docstrings.literal(f"{title}.", [*blocks, *notes], indent)


def _source(message: MessageDecl) -> str:
    # Without its line, which changes with every edit above it.
    return f"Source: ``{message.full_name}`` in ``{message.position.path}``."


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "fit": _fit,
    "let": _let,
    "give": lambda head, items, indent: give(Bracket(head, items, ")"), indent),
    "let_name": _let_name,
    "hint": hint,
    "rows": _rows,
    "row_tuple": _row_tuple,
    "bracket": Bracket,
    "literal": docstrings.literal,
    "doc": _doc,
    "submits": _submits,
    "projected": _projected,
    "quote": _quote,
    "key_type": _key_type,
    "event_note": _event_note,
    "command_note": _command_note,
}
