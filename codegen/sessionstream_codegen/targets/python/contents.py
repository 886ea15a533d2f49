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
    yield "a constant for each name of this file, `SCHEMAS`: all of them, and `register_schemas`"
    if module.published:
        yield f"`{cls('Event')}`: any event; `{cls('Publisher')}` publishes them"
    if module.commands:
        handled = f"`{cls('Handlers')}`: yours to implement, one method for each"
        yield f"`{cls('Command')}`: any command; {handled}"
    if module.ui_events:
        declares = any(named.own for named in module.ui_events)
        classes = "a class for each UI event of this file; " if declares else ""
        built = f"{classes}`{cls('UIEvent')}`: any UI event; `{cls('UI')}` builds them"
        yield built if module.ui_projected else f"{built}, {_UNUSED}"
    if module.built_entities:
        built = (
            f"`{cls('Entity')}`: any entity; `{cls('Entities')}` builds them, "
            f"`{cls('TimelineView')}` reads them"
        )
        yield built if module.events else f"{built}, {_UNUSED}"
    elif module.entities:
        yield f"`{cls('TimelineView')}`: reads the entities"
    if module.ui_projected:
        yield f"`{cls('UIProjection')}`: yours to implement, what clients see of an event"
    if module.timeline_projected:
        yield f"`{cls('TimelineProjection')}`: yours to implement, what is kept of an event"
    if module.has_client:
        does = ["submits the commands"] * bool(module.commands)
        does += ["watches sessions"] * module.is_watched
        yield f"`{cls('Client')}`: {' and '.join(does)}"
    yield "`install`: registers all of it with a Hub"
