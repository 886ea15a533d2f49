"""Files that cover a whole run, whatever strategy buf has; `test_app` has protoc's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sessionstream.protos import include_dir
from tests.codegen.app_trees import ROOT
from tests.codegen.golden_trees import run

BUF_YAML = """\
version: v2
modules:
  - path: proto
  - path: annotations
"""
TEMPLATE = """\
version: v2
plugins:
  - local: protoc-gen-sessionstream
    out: out
    strategy: {strategy}
    opt: [version=false, {option}]
inputs:
  - directory: proto
"""
FILES = [
    pytest.param("app=acme/desk", "acme/desk.py", id="app"),
    pytest.param("app=acme/desk,target=markdown", "acme/desk.md", id="catalogue"),
]

Generate = Callable[[str, str], str]


@pytest.fixture
def generate(tmp_path: Path) -> Generate:
    """Runs buf in a project with these options and this strategy; returns what it says."""
    shutil.copytree(ROOT, tmp_path / "proto", ignore=shutil.ignore_patterns("*.py", "*.md"))
    shutil.copytree(include_dir(), tmp_path / "annotations")
    (tmp_path / "buf.yaml").write_text(BUF_YAML)

    def buf(option: str, strategy: str) -> str:
        option = option.replace(",", ", ")
        text = TEMPLATE.format(option=option, strategy=strategy)
        (tmp_path / "buf.gen.yaml").write_text(text)
        done = run("buf", "generate", cwd=tmp_path)
        assert bool(done.returncode) == bool(done.stderr)
        return done.stderr

    return buf


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").rglob("*") if path.is_file())


class TestBuf:
    @pytest.mark.parametrize(("option", "path"), FILES)
    def test_the_strategy_all_gives_what_protoc_does(
        self, generate: Generate, option: str, path: str, tmp_path: Path
    ) -> None:
        assert generate(option, "all") == ""
        assert (tmp_path / "out" / path).read_text() == (ROOT / path).read_text()

    @pytest.mark.parametrize(("option", "path"), FILES)
    def test_one_call_for_each_folder_is_an_error_that_names_the_strategy(
        self, generate: Generate, option: str, path: str, tmp_path: Path
    ) -> None:
        """Directory is buf's default; it would keep the file of the first folder only."""
        said = generate(option, "directory")
        assert "could not find insertion point" in said
        assert "set strategy: all in buf.gen.yaml, since this call of" in said
        assert path in said
        assert written(tmp_path) == []

    @pytest.mark.parametrize(("option", "path"), FILES)
    def test_one_folder_with_roles_needs_no_strategy(
        self, generate: Generate, option: str, path: str, tmp_path: Path
    ) -> None:
        """The file is the same as with the strategy all: folders without roles do not count."""
        for folder in ("audit", "billing", "tickets"):
            shutil.rmtree(tmp_path / "proto" / "acme" / folder)
        plain = tmp_path / "proto" / "acme" / "plain" / "v1" / "plain.proto"
        plain.parent.mkdir(parents=True)
        plain.write_text('syntax = "proto3";\npackage acme.plain.v1;\nmessage Plain {}\n')
        assert generate(option, "directory") == ""
        alone = (tmp_path / "out" / path).read_text()
        assert generate(option, "all") == ""
        assert (tmp_path / "out" / path).read_text() == alone
        assert "acme/people/v1/common.proto" in alone
