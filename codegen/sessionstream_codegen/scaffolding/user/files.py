"""An existing file of the user's: which classes it has, what they lack, how it gets that.

The file is parsed for names and positions only. Text is inserted; not a
character of what was there changes.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from sessionstream_codegen.scaffolding.stubs import StubClass, StubFile, StubMethod
from sessionstream_codegen.scaffolding.user.classes import Found, UserClasses
from sessionstream_codegen.scaffolding.user.imports import Imports, bound_names
from sessionstream_codegen.scaffolding.user.names import AddedNames
from sessionstream_codegen.scaffolding.user.order import IsFirstParty
from sessionstream_codegen.scaffolding.user.places import Places
from sessionstream_codegen.scaffolding.user.text import UserText


class UserFile:
    """The text of a file that lies in ``folder``, parsed.

    Raises:
        SyntaxError: It is no Python.
        ValueError: It holds what Python can't read at all.
    """

    def __init__(self, text: str, folder: Path) -> None:
        with warnings.catch_warnings():
            # What Python has to say about the user's code is for another time.
            warnings.simplefilter("ignore")
            self._tree = ast.parse(text.removeprefix("\ufeff"))
        self._text = UserText(text)
        self._folder = folder
        self._imports = Imports(self._tree, folder)
        self._classes = UserClasses(self._tree, self._imports)

    def find(self, stub: StubFile, cls: StubClass) -> list[Found]:
        """Returns the user's classes for a stub, whatever their names."""
        return list(self._classes.find(cls, stub.symbols))

    def derived(self) -> Iterator[tuple[str, str]]:
        """Yields its classes that are handlers or projections, each with its generated module."""
        return self._classes.derived()

    def unwritten(self) -> Iterator[str]:
        """Yields the methods that still raise what a skeleton raises, in the order of the file."""
        return self._classes.unwritten()

    def is_taken(self, name: str) -> bool:
        """Says whether the file has something of this name at its top level."""
        return name in bound_names(self._tree.body)

    def extended(
        self,
        stub: StubFile,
        found: Sequence[Found],
        new: Sequence[StubClass],
        is_first_party: IsFirstParty,
    ) -> str:
        """Returns the text with the methods that classes lack, new classes, and their imports.

        Raises:
            ValueError: A class has its body on the line of its name, or no
                import statement reaches a module.
        """
        places = Places(self._tree, self._text)
        before = min([places.end + 1, *(one.node.lineno for one in found)])
        lacking = (method for one in found for method in one.lacking)
        added: list[StubMethod | StubClass] = [*lacking, *new]
        hidden = [*(one.local_names for one in added), *(bound_names(f.node.body) for f in found)]
        names = AddedNames(
            self._imports,
            stub.symbols,
            self._folder,
            before=before,
            hidden=frozenset().union(*hidden),
        )
        named = names.resolve(
            frozenset().union(*(one.imported for one in added)),
            frozenset().union(*(one.evaluated for one in added)),
        )
        insertions = places.imports(names.modules(), before, is_first_party)
        # A class in another one comes to its end no later.
        for one in sorted(found, key=lambda one: one.node.lineno, reverse=True):
            code = [method.code(named) for method in one.lacking]
            insertions.append(places.methods(one.node, code))
        if new:
            insertions.append(places.classes([cls.code(named) for cls in new]))
        return self._text.with_insertions(insertions)
