"""Reading the project's own documents: their headings, tables and code spans."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_HEADING = re.compile(r"#{1,6} (.+)")
_FENCE = re.compile(r"\s*(```|~~~)")
_SEPARATOR = re.compile(r":?-+:?")


def documents() -> list[Path]:
    """Return every Markdown file that belongs to the project."""
    top = [path for path in ROOT.iterdir() if path.suffix == ".md"]
    return sorted([*top, *(ROOT / "docs").rglob("*.md")])


def tables_by_heading(path: Path) -> dict[str, list[list[str]]]:
    """Return the rows of the tables below each heading, without the rows that head them; code marks are taken off."""
    tables: dict[str, list[list[str]]] = {}
    heading = ""
    for line in prose(path):
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        elif line.startswith("|"):
            cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            rows = tables.setdefault(heading, [])
            if all(_SEPARATOR.fullmatch(cell) for cell in cells):
                rows.pop()
            else:
                rows.append(cells)
    return tables


def prose(path: Path) -> Iterator[str]:
    """Give the lines of a document that are not within a fenced block."""
    fenced = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield line
