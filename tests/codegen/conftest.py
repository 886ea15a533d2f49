"""The golden trees, built once per worker; `--update-golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen import app_trees, golden_trees
from tests.codegen.made_trees import made_trees


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/codegen/golden anew")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that protoc generates from the golden trees and those made here."""
    folder = tmp_path_factory.mktemp("built")
    golden_trees.build(folder, made=made_trees())
    return folder


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that protoc generates for an application of several files."""
    folder = tmp_path_factory.mktemp("desk")
    app_trees.build(folder)
    return folder
