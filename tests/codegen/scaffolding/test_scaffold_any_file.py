"""Any schema has a scaffold; any file of a user's grows, runs, and then lacks nothing."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from hypothesis import HealthCheck, assume, given, settings
from sessionstream_codegen.generate import generate
from sessionstream_codegen.options import with_known_options
from sessionstream_codegen.reader import read
from sessionstream_codegen.scaffolding.new_files import new_source
from sessionstream_codegen.scaffolding.stubs import stub_files
from sessionstream_codegen.scaffolding.user.files import UserFile
from sessionstream_codegen.targets.python.modules import package_of

from tests.codegen.scaffolding.helpers import added
from tests.codegen.scaffolding.random_user_files import user_files
from tests.codegen.schemas.random_requests import requests, tame_requests


@pytest.fixture(scope="module")
def importable(built: Path) -> Iterator[None]:
    """The generated modules can be imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(built)
        yield


def is_python(text: str) -> bool:
    try:
        compile(text.removeprefix("\ufeff"), "handlers.py", "exec")
    except SyntaxError:
        return False
    return True


@pytest.mark.usefixtures("importable")
class TestAnyFile:
    @given(text=user_files())
    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_it_grows_and_runs(self, text: str) -> None:
        """`added` holds the rest: old lines stay, and a second run adds nothing."""
        assume(is_python(text))
        with TemporaryDirectory() as folder:
            after = added(Path(folder) / "everything" / "handlers.py", text)
        module: dict[str, object] = {"__name__": "everything.handlers", "__package__": "everything"}
        exec(compile(after.removeprefix("\ufeff"), "handlers.py", "exec"), module)
        for name in ("Last", "Mine", "Käse", "Handlers"):
            cls = module.get(name)
            if isinstance(cls, type) and cls.__module__ == "everything.handlers":
                for method in vars(cls).values():
                    if getattr(method, "__override__", False):
                        assert typing.get_type_hints(method, module)["command"]


class TestAnySchema:
    @given(request=requests() | tame_requests())
    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
    def test_what_is_written_for_it_lacks_nothing(self, request: CodeGeneratorRequest) -> None:
        assume(not generate(request).error)
        model = read(with_known_options(request))
        for file in model.targets():
            # Inside of the package, where a relative import reaches what lies in a keyword.
            folder = Path("/", *package_of(file).split("."))
            for stub in stub_files(file, model) if file.has_roles else ():
                source = UserFile(new_source(stub, folder, lambda _: True), folder)
                for cls in stub.classes:
                    [found] = source.find(stub, cls)
                    assert (found.lacking, found.stale, found.unknown) == ((), (), "")
