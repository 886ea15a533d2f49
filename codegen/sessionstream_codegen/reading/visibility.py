"""Which messages a file keeps to itself.

From edition 2024 on a message is ``export`` or ``local``, or what the file says
of those that are neither (google/protobuf/descriptor.proto, VisibilityFeature).
The message around it plays no part: an exported one in a local one is exported.
"""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    Edition,
    FeatureSet,
    FileDescriptorProto,
    SymbolVisibility,
)

_Default = FeatureSet.VisibilityFeature.DefaultSymbolVisibility


def is_local(file: FileDescriptorProto, message: DescriptorProto, *, nested: bool) -> bool:
    """Says whether the compilers refuse the message's name in every other file."""
    if message.visibility != SymbolVisibility.VISIBILITY_UNSET:
        return message.visibility == SymbolVisibility.VISIBILITY_LOCAL
    match _default(file):
        case _Default.LOCAL_ALL | _Default.STRICT:
            return True
        case _Default.EXPORT_TOP_LEVEL:
            return nested
    return False


def _default(file: FileDescriptorProto) -> _Default.ValueType:
    features = file.options.features
    if features.HasField("default_symbol_visibility"):
        return features.default_symbol_visibility
    is_of_2024 = file.syntax == "editions" and file.edition >= Edition.EDITION_2024
    return _Default.EXPORT_TOP_LEVEL if is_of_2024 else _Default.EXPORT_ALL
