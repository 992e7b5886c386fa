"""The profile page, drawn. Imported with the first page only (`profile.py`).

What is written as a number is written from the exact value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from cif_engine.documents.paper import FAINT, LEFT, PANEL, POINT, RIGHT, WIDTH, Paper
from cif_engine.documents.profile import Card, Cards, Named, ProfilePage, Rows
from cif_engine.documents.profile_charts import LENT, draw_slices, draw_trend

_ACCENT: Final = "#0B5A7D"
_ROW_COLOURS: Final = ("#0B5A7D", "#B4540A", "#1E7B57")
"""One for each row of figures: what was done, how it is doing, how it revolves."""

_ABOUT_COLUMNS = 4
_NAME_WIDTH = 26.0
"""The least room for the name of a fund."""
_COLUMN = 87.0
"""The width of one of the two columns of small print."""
_FINEST = 4.0
"""Smaller print than this size in points nobody reads."""


def draw(page: ProfilePage) -> bytes:
    """Return the page as a PDF."""
    paper = Paper()
    _draw_head(paper, page)
    _draw_about(paper, page.about, top=38)
    _draw_cards(paper, page.cards, top=72)
    draw_trend(paper, page, top=141)
    draw_slices(paper, page, top=141)
    bottom = _draw_funds(paper, page.funds, top=198)
    bottom = _draw_aside(paper, page.aside, top=bottom + 3)
    _draw_small_print(paper, page.small_print, top=max(bottom + 8, 236), bottom=278)
    _draw_foot(paper, page.foot)
    return paper.print(page.title)


# Head ----------------------------------------------------------------------------------------------------------


def _draw_head(paper: Paper, page: ProfilePage) -> None:
    paper.box(0, 0, WIDTH, 4, _ACCENT)
    paper.text(LEFT, 13.5, "LSO PROFILE  ·  COMMUNITY INVESTMENT FUND", 7.5, colour=_ACCENT, bold=True)
    paper.text(RIGHT, 13.5, "AS OF", 7.5, colour=FAINT, side="right")
    paper.text(RIGHT, 22.5, page.day, 14, colour=_ACCENT, bold=True, side="right")
    paper.text(LEFT, 22.5, page.title, 21, bold=True, width=128)
    paper.text(LEFT, 29, page.subtitle, 9.5, colour=FAINT, width=RIGHT - LEFT)
    paper.rule(33, _ACCENT, 1.2)


def _draw_about(paper: Paper, about: Sequence[Named], top: float) -> None:
    """Draw the facts in columns, row by row."""
    across, down = (RIGHT - LEFT) / _ABOUT_COLUMNS, 9.6
    rows = -(-len(about) // _ABOUT_COLUMNS)
    paper.box(LEFT, top - 2.5, RIGHT - LEFT, rows * down + 1.5, PANEL)
    for place, fact in enumerate(about):
        row, column = divmod(place, _ABOUT_COLUMNS)
        left, line = LEFT + 3 + column * across, top + row * down
        paper.text(left, line + 1.8, fact.name, 6.6, colour=FAINT, width=across - 5)
        paper.text(left, line + 5.9, fact.told, 9.2, width=across - 5)


# Figures -------------------------------------------------------------------------------------------------------


def _draw_cards(paper: Paper, rows: Iterable[Cards], top: float) -> None:
    gap, height = 2.5, 22.0
    for row, (cards, colour) in enumerate(zip(rows, _ROW_COLOURS, strict=True)):
        line = top + row * height
        paper.text(LEFT, line, cards.title.upper(), 6.8, colour=colour, bold=True)
        count = len(cards.cards)
        across = (RIGHT - LEFT - gap * (count - 1)) / count
        for place, card in enumerate(cards.cards):
            _draw_card(paper, card, LEFT + place * (across + gap), line + 1.8, across, colour)


def _draw_card(paper: Paper, card: Card, left: float, top: float, width: float, colour: str) -> None:
    paper.box(left, top, width, 16, PANEL)
    paper.box(left, top, 0.9, 16, colour)
    inner = width - 5
    paper.text(left + 3, top + 4.1, card.name, 7, colour=FAINT, width=inner)
    paper.text(left + 3, top + 10.1, card.told, 13.5, bold=True, width=inner)
    paper.text(left + 3, top + 14, card.note, 6.2, colour=FAINT, width=inner)


# Funds ---------------------------------------------------------------------------------------------------------


def _draw_funds(paper: Paper, funds: Rows, top: float) -> float:
    """Draw the table, and return where it ends; the first column is of names, with the room that the others leave."""
    paper.text(LEFT, top, funds.title, 8.6, bold=True)
    paper.text(RIGHT, top, funds.note, 6.4, colour=FAINT, side="right")
    size, edges = _columns_of(paper, funds)
    head, line, first = top + 5.6, 4.6, edges[0] - LEFT
    for edge, heading in zip(edges[1:], funds.headings[1:], strict=True):
        paper.text(edge, head, heading, min(size, 6.4), colour=FAINT, side="right")
    paper.text(LEFT, head, funds.headings[0], min(size, 6.4), colour=FAINT)
    paper.rule(head + 1.5)
    for place, row in enumerate(funds.rows, start=1):
        is_total = funds.has_total and place == len(funds.rows)
        base = head + 1 + place * line
        if is_total:
            paper.rule(base - 3.3, FAINT)
        paper.text(LEFT, base, row[0], size, bold=is_total, width=first - 1)
        for edge, cell in zip(edges[1:], row[1:], strict=True):
            paper.text(edge, base, cell, size, bold=is_total, side="right")
    return head + 1 + len(funds.rows) * line


def _columns_of(paper: Paper, funds: Rows) -> tuple[float, list[float]]:
    """Return the size of the table, smaller where it is full, and the right edges of its columns."""
    size, gap, room = 7.4, 3.2, RIGHT - LEFT - _NAME_WIDTH
    cells = [(funds.headings, False), *((row, True) for row in funds.rows)]
    columns = range(1, len(funds.headings))
    wide = [max(paper.width_of(row[place], 1, bold=bold) for row, bold in cells) for place in columns]
    size = min(size, (room - gap * len(wide)) / sum(wide))
    edges = [RIGHT]
    for column in reversed(wide):
        edges.insert(0, edges[0] - column * size - gap)
    return size, edges


def _draw_aside(paper: Paper, aside: str, top: float) -> float:
    """Draw what others printed in two lines, behind a bar, and return where it ends; what goes beyond is cut."""
    if not aside:
        return top
    size, room = 6.4, RIGHT - LEFT - 3
    first, *more = paper.lines(aside, size, room)
    lines = [first, " ".join(more)] if more else [first]
    paper.box(LEFT, top, 0.9, 7, LENT)
    for place, line in enumerate(lines):
        paper.text(LEFT + 3, top + 2.6 + place * 3.2, line, size, width=room)
    return top + 7


# Small print ---------------------------------------------------------------------------------------------------


def _draw_small_print(paper: Paper, small_print: Sequence[Named], top: float, bottom: float) -> None:
    """Set the definitions in two columns, smaller where there is much of them."""
    paper.rule(top - 4)
    paper.text(LEFT, top, "What the figures count", 7.4, bold=True)
    size = 5.9
    columns = _columns(paper, small_print, size)
    while size > _FINEST and top + 3.6 + max(map(len, columns)) * _line_height(size) > bottom:
        size -= 0.1
        columns = _columns(paper, small_print, size)
    for place, lines in enumerate(columns):
        left = LEFT + place * (RIGHT - LEFT - _COLUMN)
        for row, (name, words) in enumerate(lines):
            base = top + 3.6 + row * _line_height(size)
            paper.text(left, base, name, size, bold=True)
            gap = paper.width_of(name + " ", size, bold=True) + 0.6 if name else 0
            paper.text(left + gap, base, words, size, colour=FAINT)


Lines = list[tuple[str, str]]
"""Lines of a column: each with the name that it begins with, or none, and its words."""


def _columns(paper: Paper, small_print: Sequence[Named], size: float) -> tuple[Lines, Lines]:
    """Return the lines of both columns, broken between definitions where the longer column is the shortest."""
    blocks = [_wrapped(paper, one, size) for one in small_print]
    breaks = [
        (list(chain.from_iterable(blocks[:at])), list(chain.from_iterable(blocks[at:])))
        for at in range(len(blocks) + 1)
    ]
    return min(breaks, key=lambda columns: max(map(len, columns)))


def _wrapped(paper: Paper, one: Named, size: float) -> Lines:
    """Return a definition in lines, its name before the first of them."""
    indent = paper.width_of(one.name + " ", size, bold=True) + 0.6
    lines = paper.lines(one.told, size, _COLUMN, indent)
    return [(one.name if place == 0 else "", line) for place, line in enumerate(lines)]


def _line_height(size: float) -> float:
    return size * POINT * 1.32


def _draw_foot(paper: Paper, foot: Sequence[str]) -> None:
    paper.rule(280.5)
    for place, line in enumerate(foot):
        paper.text(LEFT, 284 + place * 3, line, 6, colour=FAINT, width=RIGHT - LEFT)
