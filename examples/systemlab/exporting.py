"""What a page has shown, as a file to keep: JSON for programs, Markdown for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from systemlab.checking import JSON

_MARKS = {True: "holds", False: "broken", None: "open"}


def as_json(shown: Mapping[str, JSON]) -> str:
    """Returns everything, with two spaces for each level."""
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def as_markdown(title: str, shown: Mapping[str, JSON]) -> str:
    """Returns a page with the checks as a list, and a table for each list of objects."""
    parts = [f"# {title}\n"]
    for name, value in shown.items():
        match value:
            case [{"name": _, "holds": _, "detail": _}, *_]:
                parts.append(f"## {name}\n\n{_checks(_objects(value))}")
            case list():
                parts.append(f"## {name}\n\n{_table(_objects(value))}")
            case dict():
                entities = value.get("entities")
                line = _line({key: each for key, each in value.items() if key != "entities"})
                if isinstance(entities, list):
                    line = f"## {name}\n\n{line}\n\n{_table(_objects(entities))}".rstrip()
                parts.append(f"{line}\n")
            case _:
                parts.append(f"{name}: {_cell(value)}\n")
    return "\n".join(parts)


def _objects(value: Sequence[JSON]) -> list[Mapping[str, JSON]]:
    return [each for each in value if isinstance(each, dict)]


def _checks(checks: Sequence[Mapping[str, JSON]]) -> str:
    lines = [
        f"- {_MARKS[each['holds'] if isinstance(each['holds'], bool) else None]}: {each['name']}"
        f" ({_cell(each['detail'])})\n"
        for each in checks
    ]
    return "".join(lines)


def _table(rows: Sequence[Mapping[str, JSON]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        return "none\n"
    lines = [columns, ["---"] * len(columns)]
    lines += [[_cell(row.get(name)) for name in columns] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _line(value: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name} {_cell(each)}" for name, each in value.items())


def _cell(value: JSON) -> str:
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    for letter in "\\`*_[]<>|":
        text = text.replace(letter, f"\\{letter}")
    return " ".join(text.split())
