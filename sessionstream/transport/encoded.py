"""Frames as they go over the wire, encoded once for everybody who gets them."""

from __future__ import annotations


class Encoded:
    """Frames that go out one after the other, with nothing between them.

    ``payloads`` are text in UTF-8, or binary; ``size`` is theirs together, in bytes.
    """

    __slots__ = ("__weakref__", "_messages", "_raw", "is_text", "payloads", "size")

    def __init__(self, payloads: tuple[bytes, ...], *, is_text: bool) -> None:
        self.payloads = payloads
        self.is_text = is_text
        self.size = sum(map(len, payloads))
        # Made when they are first asked for: each way of sending needs one of them.
        self._messages: tuple[str | bytes, ...] | None = None
        self._raw: bytes | None = None

    def __len__(self) -> int:
        return len(self.payloads)

    @property
    def messages(self) -> tuple[str | bytes, ...]:
        """The frames as messages: str where they are text."""
        if self._messages is None:
            payloads = self.payloads
            self._messages = tuple(map(bytes.decode, payloads)) if self.is_text else payloads
        return self._messages

    @property
    def raw(self) -> bytes:
        """The frames as a server writes them to the network: RFC 6455 section 5.2, unmasked."""
        if self._raw is None:
            opcode = 0x81 if self.is_text else 0x82
            parts = [part for each in self.payloads for part in (_head(opcode, each), each)]
            self._raw = b"".join(parts)
        return self._raw


def _head(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((opcode, size))
    if size < 2**16:
        return bytes((opcode, 126)) + size.to_bytes(2, "big")
    return bytes((opcode, 127)) + size.to_bytes(8, "big")
