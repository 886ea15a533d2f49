"""What the templates of the Python target see.

Lists of names, a few facts about them, and the functions that lay out code.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping

from sessionstream_codegen.model import MessageDecl
from sessionstream_codegen.targets.python import docstrings, texts
from sessionstream_codegen.targets.python.declarations import declared, own, quote
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


def template_context(module: ModuleNames) -> Mapping[str, object]:
    """Returns the variables of the templates for one module."""
    return {**_FUNCTIONS, **_names(module), **_types(module), **_texts(module)}


def _names(module: ModuleNames) -> Mapping[str, object]:
    groups = list(declared(module))
    return {
        "cls": module.cls,
        "own": own,
        "aliased": [_alias(message) for message in module.aliased],
        "commands": module.commands,
        "has_client": module.has_client,
        "events": module.events,
        "published": module.published,
        "ui_events": module.ui_events,
        "ui_projected": module.ui_projected,
        "ui_abstract": module.ui_abstract,
        "entities": module.entities,
        "built_entities": module.built_entities,
        "timeline_projected": module.timeline_projected,
        "declared": groups,
        "constants": [constant for group in groups for constant, _, _ in group],
        "schemas": ["*SCHEMAS", *(f"*{schemas}" for schemas in module.schemas)],
    }


def _types(module: ModuleNames) -> Mapping[str, object]:
    """Returns what stands for a class of the module where it has none to stand there."""
    publisher = module.cls("Publisher") if module.published else ""
    view = module.cls("TimelineView") if module.entities else ""
    entities = module.built_entities
    return {
        "publisher_type": publisher or "EventPublisher",
        "publisher_factory": publisher or "typed.as_is",
        "view_type": view or "TimelineView",
        "view_factory": view or "typed.as_is",
        "entity_types": [Bracket("TimelineEntity[", [named.payload], "]") for named in entities],
        "watched": _watched(module),
        "kinds": [f"{named.constant}.kind" for named in entities],
        "ui_class": lambda wire: ui_class(wire, module.prefix),
    }


def _watched(module: ModuleNames) -> str:
    """Returns the type of what a client of the module gives of a session; empty where nothing."""
    if not module.is_watched:
        return ""
    ui_event = module.cls("UIEvent") if module.ui_events else "Never"
    entity = module.cls("Entity") if module.built_entities else "Never"
    return f"typed.Watch[{ui_event}, {entity}]"


def _texts(module: ModuleNames) -> Mapping[str, object]:
    return {
        "ignored": _ignored(module),
        "ui_doc": lambda named, indent: texts.ui_doc(named, module.prefix, indent),
        "install_parameters": _install_parameters(module),
        "installed": _installed(module),
        "lacking": _lacking(module),
    }


def _alias(message: MessageDecl) -> tuple[str, str, list[Item]]:
    """Returns a payload's alias, what mypy-protobuf's stub calls it, and how it is found."""
    stub = [f"_r_{part}" if keyword.iskeyword(part) else part for part in message.scope]
    return payload_alias(message), ".".join(["pb", *stub]), ["pb", *map(quote, message.scope)]


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


def _key_type(named: Named) -> str:
    return "str" if named.message.keys[0].type == "string" else "int"


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


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "fit": _fit,
    "let": _let,
    "give": lambda head, items, indent: give(Bracket(head, items, ")"), indent),
    "let_name": _let_name,
    "hint": hint,
    "rows": _rows,
    "row_tuple": _row_tuple,
    "tuple_of": lambda head, items: tuple_of(head, list(items)),
    "bracket": Bracket,
    "literal": docstrings.literal,
    "doc": texts.doc,
    "submits": texts.submits,
    "projected": texts.projected,
    "quote": quote,
    "key_type": _key_type,
    "event_note": texts.event_note,
    "command_note": texts.command_note,
}
