"""Frames as they go over the wire, encoded once for everybody who gets them."""

from __future__ import annotations

from functools import cached_property


class Encoded:
    """Frames that go out one after the other, with nothing between them.

    ``payloads`` are text in UTF-8, or binary; ``size`` is theirs together, in bytes.
    """

    def __init__(self, payloads: tuple[bytes, ...], *, is_text: bool) -> None:
        self.payloads = payloads
        self.is_text = is_text
        self.size = sum(map(len, payloads))

    def __len__(self) -> int:
        return len(self.payloads)

    @cached_property
    def messages(self) -> tuple[str | bytes, ...]:
        """The frames as messages: str where they are text."""
        return tuple(each.decode() for each in self.payloads) if self.is_text else self.payloads

    @cached_property
    def raw(self) -> bytes:
        """The frames as a server writes them to the network: RFC 6455 section 5.2, unmasked."""
        opcode = 0x81 if self.is_text else 0x82
        return b"".join([part for each in self.payloads for part in (_head(opcode, each), each)])


def _head(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((opcode, size))
    if size < 2**16:
        return bytes((opcode, 126)) + size.to_bytes(2, "big")
    return bytes((opcode, 127)) + size.to_bytes(8, "big")
