"""The unions of an app: what its modules handle, publish, emit and write, each member once.

A module's own unions hold what it imports as well, so those of several modules
overlap: the app's name their members, not the modules' unions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import Run
from sessionstream_codegen.targets.app.names import AppFile
from sessionstream_codegen.targets.python.declarations import quote
from sessionstream_codegen.targets.python.layout import Bracket, Item
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX, ImportedModule, told_apart
from sessionstream_codegen.targets.python.names import ModuleNames, Named, payload_class
from sessionstream_codegen.targets.python.spelling import ui_class


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUnion:
    """A union. ``suffix`` ends its name, and ``said`` is what it holds, in words."""

    suffix: str
    said: str
    members: Sequence[Item]


class AppUnions:
    """The unions of the app of these files, and the modules that they refer to."""

    def __init__(self, files: Sequence[AppFile], run: Run) -> None:
        self._files = files
        self._run = run
        self._imported = _imported(files, run)

    @property
    def imported(self) -> list[ImportedModule]:
        """The modules that have the members, used or not."""
        return list(self._imported.values())

    def unions(self) -> list[AppUnion]:
        """Returns the unions that have members."""
        found = [
            self._union(
                "Command",
                "Any payload that the app handles as a command.",
                lambda module: module.commands,
                self._payload,
            ),
            self._union(
                "Event",
                "Any payload that the app publishes.",
                lambda module: module.published,
                self._payload,
            ),
            self._union(
                "UIEvent",
                "Any UI event that the app emits; match on its class or on its name.",
                lambda module: module.ui_events,
                self._ui_class,
            ),
            self._union(
                "Entity",
                "Any entity that the app writes.",
                lambda module: module.built_entities,
                self._entity,
            ),
        ]
        return [union for union in found if union.members]

    def kinds(self) -> list[str]:
        """Returns the kinds of the entities that the app writes, as code."""
        entities = (named for file in self._files for named in file.module.built_entities)
        return list(dict.fromkeys(quote(named.wire) for named in entities))

    def _union(
        self,
        suffix: str,
        said: str,
        group: Callable[[ModuleNames], Sequence[Named]],
        spelled: Callable[[Named], Item],
    ) -> AppUnion:
        members = (spelled(named) for file in self._files for named in group(file.module))
        # A dict keeps the order and drops what another module had already.
        once = {str(member): member for member in members}
        return AppUnion(suffix=suffix, said=said, members=tuple(once.values()))

    def _payload(self, named: Named) -> str:
        found = payload_class(self._run.files[_path(named)], named.message)
        return ".".join((self._imported[found.module].alias, *found.attributes))

    def _ui_class(self, named: Named) -> str:
        module = self._imported[names.module(_path(named), SUFFIX)]
        prefix = self._run.files[_path(named)].class_prefix
        return f"{module.alias}.{ui_class(named.wire, prefix)}"

    def _entity(self, named: Named) -> Item:
        return Bracket("TimelineEntity[", [self._payload(named)], "]")


def _path(named: Named) -> str:
    return named.message.position.path


def _imported(files: Sequence[AppFile], run: Run) -> Mapping[str, ImportedModule]:
    """Returns the modules of the files, and of those that they use, by what Python calls them."""
    own = {one.module: one for file in files for one in (file.imported, file.messages)}
    used = [other.path for file in files for other in run.visible_from(file.module.file)]
    modules = {names.module(path, suffix) for path in used for suffix in (PB2, SUFFIX)}
    taken = {file.parameter for file in files} | {one.alias for one in own.values()}
    aliases = told_apart(modules - own.keys(), taken)
    return own | {module: ImportedModule(module, alias) for module, alias in aliases.items()}
