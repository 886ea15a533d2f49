"""The golden trees: generated code as it is committed, and as linters see it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sessionstream_codegen.names import module_path

from sessionstream.protos import include_dir
from tests.codegen import pyright_runs
from tests.codegen.golden_trees import REPOSITORY, ROOT, modules, proto_files, run
from tests.codegen.made_trees import made_trees

BUF_YAML = """\
version: v2
modules:
  - path: golden
  - path: annotations
"""
BUF_GEN_YAML = """\
version: v2
plugins:
  - local: protoc-gen-sessionstream
    out: out
    opt: version=false
    strategy: all
inputs:
  - directory: golden
"""


def kept(built: Path) -> dict[str, str]:
    """The modules that are committed: those made of the trees that are."""
    made = {module_path(path, "_sessionstream") for path in made_trees()}
    return {path: code for path, code in modules(built).items() if path not in made}


class TestGolden:
    def test_the_plugin_writes_what_is_committed(
        self, built: Path, request: pytest.FixtureRequest
    ) -> None:
        """`make golden` writes it anew; the diff is reviewed as code."""
        written = kept(built)
        if request.config.getoption("--update-golden", default=False):
            for stale in modules(ROOT).keys() - written.keys():
                (ROOT / stale).unlink()
            for path, content in written.items():
                (ROOT / path).write_text(content, encoding="utf-8")
        committed = modules(ROOT)
        assert written.keys() == committed.keys()
        for path in sorted(written):
            assert written[path] == committed[path], f"{path} changed; see `make golden`"

    def test_a_file_without_roles_gives_nothing(self, built: Path) -> None:
        assert "no_roles/v1/plain.proto" in proto_files()
        assert not (built / "no_roles/v1/plain_sessionstream.py").exists()

    def test_buf_gives_the_same_bytes(self, built: Path, tmp_path: Path) -> None:
        """In one call of the plugin; that one for each folder changes nothing is held elsewhere.

        See `TestAModule` in test_determinism.py.
        """
        shutil.copytree(ROOT, tmp_path / "golden", ignore=shutil.ignore_patterns("*.py"))
        shutil.copytree(include_dir(), tmp_path / "annotations")
        (tmp_path / "buf.yaml").write_text(BUF_YAML)
        (tmp_path / "buf.gen.yaml").write_text(BUF_GEN_YAML)
        done = run("buf", "generate", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert modules(tmp_path / "out") == kept(built)


class TestLinters:
    """The settings are the project's own; none is relaxed for generated code."""

    def test_ruff_has_nothing_to_say(self, built: Path) -> None:
        settings = f"--config={REPOSITORY / 'pyproject.toml'}"
        done = run("ruff", "check", settings, "--no-cache", built)
        assert done.returncode == 0, done.stdout

    def test_ruff_would_lay_nothing_out_differently(self, built: Path) -> None:
        settings = f"--config={REPOSITORY / 'pyproject.toml'}"
        done = run("ruff", "format", settings, "--no-cache", "--diff", built)
        assert done.returncode == 0, done.stdout

    def test_mypy_is_content(self, built: Path, request: pytest.FixtureRequest) -> None:
        """Also where a project asks for `@override`, or not to use what is deprecated.

        mypy-protobuf's stubs do neither.
        """
        cache = request.config.cache
        assert cache is not None
        where = f"--cache-dir={cache.mkdir('mypy-golden')}"
        strict = ["--strict", "--warn-unreachable", "--explicit-package-bases", "--config-file="]
        more = [f"--enable-error-code={code}" for code in ("explicit-override", "deprecated")]
        done = run("mypy", *strict, *more, where, ".", cwd=built)
        errors = [line for line in done.stdout.splitlines() if ": error: " in line]
        assert done.returncode == bool(errors), done.stderr
        stubs = re.compile(r"\S+_pb2\.pyi:.*\[(explicit-override|deprecated)\]")
        assert [error for error in errors if not stubs.fullmatch(error)] == []

    def test_pyright_is_content_with_its_strictest_settings(
        self, built: Path, tmp_path: Path
    ) -> None:
        """What protoc and mypy-protobuf write is not asked about; the longest module takes long."""
        shutil.copytree(built, tmp_path / "project")
        said = pyright_runs.check(
            tmp_path / "project",
            typeCheckingMode="strict",
            include=["**/*_sessionstream.py"],
            exclude=["many"],
        )
        assert [str(report) for report in said] == []
