"""Rupees that keep their place of birth: which source they came from, and which of its rupees they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple


class SourceKind(StrEnum):
    """Where a fund's money comes from. CREDIT is borrowers' own money that the fund holds for them.

    SAME_DAY is money that was handed out on a day before the fund had it; by the end of that day there is none of it.
    """

    TRANCHE = "tranche"
    CONTRIBUTIONS = "contributions"
    SURPLUS = "surplus"
    CREDIT = "borrower_credit"
    SAME_DAY = "same_day"

    __hash__ = str.__hash__  # that of enumerations is slow, and rupees are counted by their source


class Source(NamedTuple):
    """A tranche by its number, or one of the others."""

    kind: SourceKind
    number: int = 0


CONTRIBUTIONS: Final = Source(SourceKind.CONTRIBUTIONS)
SURPLUS: Final = Source(SourceKind.SURPLUS)
CREDIT: Final = Source(SourceKind.CREDIT)
SAME_DAY: Final = Source(SourceKind.SAME_DAY)


class Piece(NamedTuple):
    """The minor units of a source from `start` up to but not including `end`, numbered from 0 as they came in.

    They lie together since a day; `turn` counts how often they went out as a loan, the next or present one included.
    """

    source: Source
    start: int
    end: int
    turn: int
    since: date

    @property
    def amount_minor(self) -> int:
        """How much it is."""
        return self.end - self.start


at_once: Final = tuple.__new__
"""Makes a named tuple without its own constructor: a third of the time, and a fold makes tens of thousands."""


def total_minor(pieces: Iterable[Piece]) -> int:
    """Return what pieces come to."""
    return sum(piece.end - piece.start for piece in pieces)


def take(pieces: deque[Piece], amount_minor: int) -> Iterator[Piece]:
    """Take so much from the front; less where there is less. The last piece taken may be cut off a larger one."""
    while amount_minor and pieces:
        piece = pieces.popleft()
        source, start, end, turn, since = piece
        if end - start > amount_minor:
            end = start + amount_minor
            pieces.appendleft(at_once(Piece, (source, end, piece.end, turn, since)))
            piece = at_once(Piece, (source, start, end, turn, since))
        amount_minor -= end - start
        yield piece


def take_of(pieces: deque[Piece], source: Source, amount_minor: int) -> list[Piece]:
    """Take so much of one source, the frontmost of it; less where there is less. The others keep their places."""
    taken: list[Piece] = []
    kept: deque[Piece] = deque()
    while pieces:
        piece = pieces.popleft()
        if amount_minor and piece.source == source:
            one = deque((piece,))
            taken += take(one, amount_minor)
            amount_minor -= taken[-1].amount_minor
            kept += one
        else:
            kept.append(piece)
    pieces += kept
    return taken


def put(pieces: deque[Piece], piece: Piece) -> None:
    """Put a piece at the end; one that goes on where the last one ends becomes one with it."""
    if pieces:
        source, start, end, turn, since = pieces[-1]
        if end == piece.start and turn == piece.turn and since == piece.since and source == piece.source:
            pieces[-1] = at_once(Piece, (source, start, piece.end, turn, since))
            return
    pieces.append(piece)
