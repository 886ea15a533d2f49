"""The cases of the wire, against both clients."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from sessionstream import browser
from tests import node
from tests.conformance.case import HERE, Case, cases
from tests.conformance.client_playing import ClientPlay

CASES = [
    pytest.param(case, dialect, id=f"{dialect}: {case.name}")
    for case in cases("python")
    for dialect in case.dialects
]
IN_BROWSERS = [case for case in cases("browser") if "v2.json" in case.dialects]


@pytest.mark.parametrize(("case", "dialect"), CASES)
async def test_python(case: Case, dialect: str) -> None:
    await ClientPlay(case, dialect).run()


@pytest.fixture(scope="module")
def found_in_browser(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """What went wrong with the browser's runtime, by the case's name."""
    path = tmp_path_factory.mktemp("conformance") / "cases.json"
    path.write_text(json.dumps([asdict(case) for case in IN_BROWSERS]), encoding="utf-8")
    done = node.run(HERE / "runner.js", path)
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", [case.name for case in IN_BROWSERS])
def test_browser(name: str, found_in_browser: dict[str, str | None]) -> None:
    assert found_in_browser[name] is None, found_in_browser[name]


def test_the_browsers_runner_is_sound(tmp_path: Path) -> None:
    included = (f"{browser.folder()}/*", f"{HERE}/*.js")
    options = {"allowJs": True, "checkJs": True, "types": ["node"]}
    assert node.tsc(tmp_path, *included, **options) == []
