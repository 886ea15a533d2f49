"""Payloads that generated code finds by their names."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2

from sessionstream import typed


class TestPayload:
    def test_it_is_found_from_its_module_on(self) -> None:
        found = typed.payload(descriptor_pb2, "DescriptorProto", "ExtensionRange")
        assert found is descriptor_pb2.DescriptorProto.ExtensionRange

    def test_one_that_is_not_there_is_an_error(self) -> None:
        with pytest.raises(AttributeError, match="None"):
            typed.payload(descriptor_pb2, "None")
