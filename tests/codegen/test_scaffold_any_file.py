"""Any file of a user's may be added to: it grows, it runs, and then it lacks nothing."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.codegen.random_user_files import user_files
from tests.codegen.scaffolding import added


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
