"""Payloads as protobuf JSON.

Field names are lowerCamelCase, 64-bit integers are strings, enums go by name
(https://protobuf.dev/programming-guides/json/). What to do for the fields of a
message type is worked out once, when it is first seen.
"""

from sessionstream.codec.decoding import decode_json
from sessionstream.codec.encoding import encode_any_json, encode_json

__all__ = ["decode_json", "encode_any_json", "encode_json"]
