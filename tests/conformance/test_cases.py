"""The cases of the wire, against every door of the server and in every dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor

from sessionstream.transport.codes import CloseCode, ErrorCode
from sessionstream.v1 import transport_pb2 as pb
from tests.conformance.case import Case, cases
from tests.conformance.doors import DOORS
from tests.conformance.matching import Tree
from tests.conformance.playing import Play

CASES = [
    pytest.param(case, dialect, door, id=f"{door}-{dialect}: {case.name}")
    for case in cases("server")
    for dialect in case.dialects
    for door in case.doors
]


@pytest.mark.parametrize(("case", "dialect", "door"), CASES)
async def test_conformance(case: Case, dialect: str, door: str, tmp_path: Path) -> None:
    await Play(case, DOORS[door], dialect, tmp_path).run()


class TestTheCases:
    """They speak of all that there is: what is new on the wire needs a case."""

    # The answer to a client's own close; what a defect of the server makes of a
    # connection; a field of the original's that this server leaves empty.
    UNSPOKEN = frozenset(
        {str(CloseCode.NORMAL.value), str(CloseCode.INTERNAL_ERROR.value), "detail"}
    )

    def test_have_every_frame_every_code_and_every_value_of_the_wire(self) -> None:
        spoken = {word for case in cases("server") for step in case.steps for word in _words(step)}
        frames = (*_names(pb.ClientFrame.DESCRIPTOR), *_names(pb.ServerFrame.DESCRIPTOR))
        codes = (*ErrorCode, *(str(code.value) for code in CloseCode))
        assert {*frames, *codes} - spoken - self.UNSPOKEN == set()

    @pytest.mark.parametrize("side", ["server", "python", "browser"])
    def test_have_names_of_their_own(self, side: str) -> None:
        named = Counter(case.name for case in cases(side))
        assert [name for name, times in named.items() if times > 1] == []


def _words(tree: Tree) -> Iterator[str]:
    """Everything that a step says, keys and values."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield key
            yield from _words(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from _words(each)
    else:
        yield str(tree)


def _names(frame: Descriptor) -> Iterator[str]:
    """The fields of all frames of one side, and the values of their enums."""
    for kind in frame.fields:
        yield kind.json_name
        message = kind.message_type
        assert message is not None
        yield from (field.json_name for field in message.fields)
        for enum in message.enum_types:
            yield from (value.name for value in enum.values if "UNSPECIFIED" not in value.name)
