"""Whether a frame is the one that a case expects, in any dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from google.protobuf import json_format

from sessionstream.v1 import transport_pb2 as pb

# What YAML and JSON hold.
Tree: TypeAlias = Mapping[str, "Tree"] | list["Tree"] | str | int | bool | None

_ZEROS: tuple[Tree, ...] = ("0", 0, "", False, "SNAPSHOT", "SNAPSHOT_SENT", "AS_REQUESTED", [])
Frame: TypeAlias = pb.ClientFrame | pb.ServerFrame


class Placeholders:
    """What texts that begin with ``$`` stand for: each for one text, ``$any`` for all."""

    def __init__(self) -> None:
        self.values: dict[str, Tree] = {}

    def matches(self, expected: Tree, got: Tree) -> bool:
        """Whether they are the same; takes note of what a new placeholder stands for."""
        if isinstance(expected, str) and expected.startswith("$"):
            return expected == "$any" or self.values.setdefault(expected, got) == got
        if isinstance(expected, Mapping) and isinstance(got, Mapping):
            return expected.keys() == got.keys() and all(
                self.matches(expected[key], got[key]) for key in expected
            )
        if isinstance(expected, list) and isinstance(got, list):
            return len(expected) == len(got) and all(map(self.matches, expected, got))
        return type(expected) is type(got) and expected == got

    def filled(self, tree: Tree) -> Tree:
        """Returns the tree with what its placeholders stand for."""
        if isinstance(tree, str):
            return self.values.get(tree, tree)
        if isinstance(tree, Mapping):
            return {key: self.filled(value) for key, value in tree.items()}
        return [self.filled(each) for each in tree] if isinstance(tree, list) else tree

    def concrete(self, tree: Tree) -> Tree:
        """Returns the tree as a sender may write it: filled, and ``$any`` is not there.

        A frame of which ``$any`` is all that is said is there, and empty.
        """
        filled = self.filled(tree)
        if isinstance(filled, Mapping):
            return {
                kind: {} if value == "$any" else _given(value) for kind, value in filled.items()
            }
        return filled


def _given(tree: Tree) -> Tree:
    if isinstance(tree, Mapping):
        return {key: _given(value) for key, value in tree.items() if value != "$any"}
    if isinstance(tree, list):
        return [_given(each) for each in tree if each != "$any"]
    return tree


def written(frame: Tree, *, is_text: bool, as_type: type[Frame] = pb.ClientFrame) -> str | bytes:
    """Returns a frame as a message; a text goes as it is."""
    if isinstance(frame, str):
        return frame if is_text else frame.encode()
    text = json.dumps(frame)
    return text if is_text else json_format.Parse(text, as_type()).SerializeToString()


def read(message: str | bytes) -> Tree:
    """Returns a server's frame as a tree; a binary one has no zeros in it."""
    if isinstance(message, bytes):
        return _tree(pb.ServerFrame.FromString(message))
    read: Tree = json.loads(message)
    return read


def read_of_client(message: str | bytes) -> Tree:
    """Returns a client's frame as a tree without zeros: whether it writes them is its choice."""
    if isinstance(message, bytes):
        return without_zeros(_tree(pb.ClientFrame.FromString(message)))
    return without_zeros(_tree(json_format.Parse(message, pb.ClientFrame())))


def _tree(frame: Frame) -> Tree:
    read: Tree = json.loads(json_format.MessageToJson(frame))
    return read


def without_zeros(tree: Tree) -> Tree:
    """Returns the tree without what the binary form can't tell from what is not there."""
    if not isinstance(tree, Mapping):
        return [without_zeros(each) for each in tree] if isinstance(tree, list) else tree
    kept = {key: value if key == "payload" else without_zeros(value) for key, value in tree.items()}
    return {
        key: value
        for key, value in kept.items()
        if isinstance(value, Mapping) or value not in _ZEROS
    }
