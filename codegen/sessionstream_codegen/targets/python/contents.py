"""What stands in a generated module, for those who read it from the top."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.targets.python.names import ModuleNames

_UNUSED = "for code of your own: this file has no events to project"


def contents(module: ModuleNames) -> str:
    """Returns a list of the module's parts in their order, one a line."""
    return "\n".join(f"- {part}" for part in _parts(module))


def _parts(module: ModuleNames) -> Iterator[str]:
    cls = module.cls
    if module.aliased:
        yield "payloads whose names can't stand in code, under names that can"
    yield "a constant for each name of this file, and `register_schemas`"
    if module.published:
        yield f"`{cls('Publisher')}`: publishes the events"
    if module.commands:
        yield f"`{cls('Handlers')}`: yours to implement, one method per command"
    if any(named.own for named in module.ui_events):
        built = f"a class for each UI event of this file; `{cls('UI')}` builds them"
        yield built if module.ui_projected else f"{built}, {_UNUSED}"
    elif module.ui_events:
        yield f"`{cls('UI')}`: builds the UI events"
    if module.built_entities:
        built = f"`{cls('Entities')}`: builds the entities; `{cls('TimelineView')}` reads them"
        yield built if module.events else f"{built}, {_UNUSED}"
    elif module.entities:
        yield f"`{cls('TimelineView')}`: reads the entities"
    if module.ui_projected:
        yield f"`{cls('UIProjection')}`: yours to implement, what clients see of an event"
    if module.timeline_projected:
        yield f"`{cls('TimelineProjection')}`: yours to implement, what is kept of an event"
    if module.commands:
        yield f"`{cls('Client')}`: submits the commands"
    yield "`install`: registers all of it with a Hub"
