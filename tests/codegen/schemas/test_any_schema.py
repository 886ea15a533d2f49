"""What is generated from any legal schema can be imported, and drives a Hub."""

from __future__ import annotations

import asyncio

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from hypothesis import HealthCheck, assume, given, settings
from sessionstream_codegen import names
from sessionstream_codegen.generate import generate

from sessionstream import Hub, SchemaRegistry
from sessionstream.v1 import options_pb2
from tests.codegen.driver import Driver
from tests.codegen.loading import importable, module_name
from tests.codegen.schemas.random_requests import tame_requests

RUNS = settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def prefixes(request: CodeGeneratorRequest) -> dict[str, str]:
    """Returns what the classes of each module begin with."""
    return {
        names.module(file.name, "_sessionstream"): (
            file.options.Extensions[options_pb2.file].name or names.camel(names.stem(file.name))
        )
        for file in request.proto_file
    }


class TestAnySchema:
    @given(tame_requests())
    @RUNS
    def test_its_modules_drive_a_hub(self, request: CodeGeneratorRequest) -> None:
        response = generate(request)
        sources = {file.name: file.content for file in response.file}
        assume(sources)
        named = prefixes(request)

        async def drive(driver: Driver, hub: Hub) -> None:
            driver.install()
            await driver.run()
            await hub.aclose()

        with importable(sources, request.proto_file) as load:
            for module in map(module_name, sources):
                hub = Hub(SchemaRegistry())
                driver = Driver(load(module), named[module], hub)
                asyncio.run(drive(driver, hub))
