"""`sessionstream check`: are generated files what the .proto files give now?

What would be generated is generated elsewhere and compared. Nothing is
written or deleted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sessionstream_codegen.checking.buf import BufError, BufRun
from sessionstream_codegen.checking.files import Difference, State, compare, excluded
from sessionstream_codegen.checking.orphans import is_of_others, orphans
from sessionstream_codegen.checking.remedies import buf_generate, gen, protoc, remove
from sessionstream_codegen.generate import TARGETS, process
from sessionstream_codegen.parameters import parse
from sessionstream_codegen.protoc import ProtocError, compile_messages, compile_request


class CheckError(Exception):
    """Nothing could be compared; the text says what to put right."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: how many files there should be, which differ, what mends it.

    ``remedies`` are command lines, in the order in which to run them.
    ``warnings`` are those of the generator, a line or more.
    """

    files: int
    differences: Sequence[Difference]
    remedies: Sequence[str]
    warnings: str = ""


def check_buf(templates: Sequence[str], source: str = "", exclude: Sequence[str] = ()) -> Report:
    """Compares with what ``buf generate`` writes, in the current folder.

    Raises:
        CheckError: buf is missing, or failed.
    """
    runs = [BufRun(folder=Path.cwd(), template=template, input=source) for template in templates]
    fresh: dict[Path, bytes] = {}
    folders: list[Path] = []
    programs: set[str] = set()
    try:
        for run in runs:
            fresh.update(run.generate())
            folders += run.folders()
            programs |= run.programs()
    except BufError as error:
        raise CheckError(str(error)) from error
    gone = orphans(folders, fresh.keys(), suffixes={one.suffix for one in TARGETS.values()})
    commands = buf_generate((run.arguments for run in runs), programs)
    return _report(fresh, list(gone), commands, exclude)


def check_protoc(
    protos: Sequence[str],
    *,
    includes: Sequence[Path],
    out: Path,
    options: Sequence[str] = (),
    exclude: Sequence[str] = (),
    messages: bool = False,
) -> Report:
    """Compares with what the plugin writes for the files; with ``messages``, with protoc's own too.

    The modules of other .proto files below the ``includes`` are left alone.
    ``includes`` and ``options`` are those of ``-I`` and ``--sessionstream_opt``.

    Raises:
        CheckError: A .proto file is at fault, or protoc is missing.
    """
    try:
        request = compile_request(protos, includes)
    except ProtocError as error:
        raise CheckError(str(error)) from error
    request.parameter = ",".join(options)
    request.compiler_version.SetInParent()  # as protoc has it: buf names none
    outcome = process(request)
    if outcome.response.error:
        raise CheckError(f"the plugin refuses the .proto files:\n{outcome.response.error}")
    folder = Path(os.path.abspath(out))
    fresh = {
        folder / file.name: file.content.encode()
        for file in outcome.response.file
        if not file.insertion_point
    }
    if messages:
        modules = compile_messages(request.file_to_generate, includes)
        fresh |= {folder / name: content for name, content in modules.items()}
    # Another run may write the files of the other targets into the same folder.
    suffixes = {TARGETS[parse(request.parameter, TARGETS)[0].target].suffix}
    found = orphans([folder], fresh.keys(), suffixes=suffixes, message_modules=False)
    asked = request.file_to_generate
    gone = [path for path in found if not is_of_others(path, folder, asked, includes)]
    mend = gen if any(map(os.path.isdir, protos)) else protoc  # which takes files only
    commands = mend(protos, includes=includes, out=out, options=options)
    report = _report(fresh, gone, commands, exclude)
    return replace(report, warnings=outcome.warnings)


def _report(
    fresh: Mapping[Path, bytes],
    gone: Sequence[Path],
    commands: Sequence[str],
    exclude: Sequence[str],
) -> Report:
    here = Path.cwd()
    wanted = {path: fresh[path] for path in fresh if not excluded(path, here, exclude)}
    found = compare(wanted, [path for path in gone if not excluded(path, here, exclude)])
    remedies = list(commands) if any(one.state is not State.ORPHANED for one in found) else []
    orphaned = [one.path for one in found if one.state is State.ORPHANED]
    if orphaned:
        remedies.append(remove(orphaned))
    return Report(len(wanted), found, remedies)
