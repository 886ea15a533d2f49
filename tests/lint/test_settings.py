"""Which codes are reported where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessionstream.lint.settings import Settings, SettingsError, load


def loaded(folder: Path, lines: str) -> Settings:
    (folder / "pyproject.toml").write_text(f"[tool.sessionstream.lint]\n{lines}\n")
    return load(folder)


class TestReports:
    def test_without_settings_every_code_is_told(self, tmp_path: Path) -> None:
        assert load(tmp_path).reports("a.py", "SV101")

    def test_the_nearest_file_above_counts(self, tmp_path: Path) -> None:
        (tmp_path / "app").mkdir()
        loaded(tmp_path, 'ignore = ["SV102"]')
        assert not load(tmp_path / "app").reports("a.py", "SV102")

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            ('select = ["SV1"]', {"SV101", "SV102"}),
            ('select = ["SV101", "SV3"]', {"SV101", "SV301"}),
            ('ignore = ["SV1"]', {"SV301"}),
            ('select = ["SV1"]\nignore = ["SV101"]', {"SV102"}),
            ('per-file-ignores = { "tests/**" = ["SV101"] }', {"SV102", "SV301"}),
            ('per-file-ignores = { "other/**" = ["SV101"] }', {"SV101", "SV102", "SV301"}),
        ],
    )
    def test_they_say_which_codes_are_told(
        self, tmp_path: Path, lines: str, told: set[str]
    ) -> None:
        settings = loaded(tmp_path, lines)
        path = str(tmp_path / "tests" / "lint" / "a.py")
        assert {
            code for code in ("SV101", "SV102", "SV301") if settings.reports(path, code)
        } == told


class TestMistakes:
    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ('ignore = "SV101"', "ignore takes a list of codes"),
            ("select = [1]", "select takes a list of codes"),
            ('ignore = ["E501"]', "ignore: no rule has the code 'E501'; there are SV001"),
            ('ignore = [""]', "ignore: no rule has the code ''"),
            ('ignores = ["SV1"]', "no setting 'ignores'; there are select, ignore"),
            ('per-file-ignores = ["SV1"]', "per-file-ignores takes a table of lists"),
            ('per-file-ignores = { "a" = "SV1" }', "per-file-ignores of a takes a list"),
            ("select = [", "can't be read"),
        ],
    )
    def test_each_is_told_with_its_file(self, tmp_path: Path, lines: str, said: str) -> None:
        with pytest.raises(SettingsError) as raised:
            loaded(tmp_path, lines)
        assert said in str(raised.value)
        assert str(tmp_path / "pyproject.toml") in str(raised.value)

    def test_a_value_instead_of_the_table_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.sessionstream]\nlint = 3\n")
        with pytest.raises(SettingsError, match="must be a table"):
            load(tmp_path)
