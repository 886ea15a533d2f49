"""Classes of the user's whose .proto file is gone: it may have been renamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl
from sessionstream_codegen.scaffolding.placing import UserFolder
from sessionstream_codegen.scaffolding.plans import Plan
from sessionstream_codegen.scaffolding.user.imports import ends
from sessionstream_codegen.targets.python.modules import SUFFIX


def left_behind(file: FileDecl, folder: UserFolder, includes: Sequence[Path]) -> Iterator[Plan]:
    """Yields what to say of classes that may be those of ``file``, under its earlier name.

    They derive from a generated module of the same package, and no .proto file
    beside ``file`` gives that module. A file outside of every package is left
    out: code of others can't be told from that of the user.
    """
    parent, name = PurePosixPath(file.path).parent, PurePosixPath(file.path).name
    package = names.module(file.path, SUFFIX).rpartition(".")[0]
    if not package:
        return
    beside = (path for include in includes for path in (include / parent).glob("*.proto*"))
    given = {names.module(str(parent / path.name), SUFFIX) for path in beside}
    own = names.module(file.path, SUFFIX).rpartition(".")[2]
    for path, cls, module in folder.derived():
        is_beside = ends(module.rpartition(".")[0], package)
        if is_beside and not any(ends(module, one) for one in given):
            yield Plan(
                path=path,
                said=(
                    f"{cls} derives from {module.rpartition('.')[2]}, which no .proto file gives "
                    f"any more, so nothing new is written for {name}; if that is its new name, "
                    f"derive {cls} from the class of {own}; else remove {cls}",
                ),
            )
