"""The lots of a fund: which rupees of which tranche lie where, and for the how-manieth time they are out.

The money of a fund is a queue. What comes in goes to its end, a loan is paid out from its front: first in, first out,
by the day. Principal that is repaid comes back in the order in which the loan drew it, as cash of the next turn.
Principal written off is lost. What the fund earns is `surplus`, and expenses are paid from it first; expenses beyond it
eat the oldest cash there is. Borrowers' credit is not the fund's: it is lent only when nothing else is left.

Within a day, what comes in stands before what goes out, and loans follow each other by their ids. `fold` needs nothing
but the flows of the fund, which are the same in whatever order the facts were recorded (law 3).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay
from cif_engine.fund.pieces import (
    CREDIT,
    SAME_DAY,
    SURPLUS,
    Piece,
    Source,
    SourceKind,
    at_once,
    put,
    take,
    take_of,
    total_minor,
)


class Ending(StrEnum):
    """What ended a stay. TAKEN_OVER: money of another source came in its place."""

    LENT = "lent"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"
    SPENT = "spent"
    RETURNED = "returned"
    TAKEN_OVER = "taken_over"


class Stay(NamedTuple):
    """Rupees of one source that lay in one place, cash (`loan_id` None) or a loan, from a day until another.

    `until` and `ending` are None while they lie there. A stay that begins and ends on one day is one too.
    """

    source: Source
    start: int
    end: int
    turn: int
    loan_id: str | None
    since: date
    until: date | None = None
    ending: Ending | None = None

    @property
    def amount_minor(self) -> int:
        """How much it is."""
        return self.end - self.start


class Lots(NamedTuple):
    """All stays of a fund's money until the end of a day, those that ended first, and what entered from each source."""

    as_of: date
    stays: tuple[Stay, ...]
    entered: dict[Source, int]

    @property
    def total_minor(self) -> int:
        """What lies in cash and in loans: the fund's cash and its outstanding principal, always."""
        return sum(stay.amount_minor for stay in self.stays if stay.ending is None)


def fold(flows: Flows, as_of: date) -> Lots:
    """Return where the rupees of a fund lay until the end of a day, from its flows up to it."""
    money = _Money()
    for on, funds, loans in flows.by_day():
        if on > as_of:
            break
        money.take_day(on, funds, loans)
    return Lots(as_of, tuple(money.all_stays()), dict(money.entered))


class _Money:
    """The money of a fund while its days are taken in order; lives within one fold only."""

    def __init__(self) -> None:
        self.on = date.min
        self.cash: deque[Piece] = deque()
        self.credit: deque[Piece] = deque()
        self.loans: defaultdict[str, deque[Piece]] = defaultdict(deque)
        self.lost: defaultdict[tuple[str, date], deque[Piece]] = defaultdict(deque)
        self.spent: defaultdict[date, deque[Piece]] = defaultdict(deque)
        self.entered: Counter[Source] = Counter()
        self.short: Counter[str] = Counter()
        """What loans were paid out this day before there was money for it."""
        self.stays: list[Stay] = []

    def take_day(self, on: date, funds: list[FundDay], loans: list[LoanDay]) -> None:
        """Take all that happened on the next day: money in, the principal of loans, money out."""
        self.on = on
        self._take_in(funds, loans)
        self._take_principal(loans)
        self._give_out(funds, loans)

    def _take_in(self, funds: list[FundDay], loans: list[LoanDay]) -> None:
        for day in funds:
            if day.entry in _COMES_FROM:
                self._enter(Source(_COMES_FROM[day.entry], day.tranche or 0), day.amount_minor)
        for loan in loans:
            self._enter(SURPLUS, loan.income_minor)
            self._enter(CREDIT, max(loan.credit_minor, 0))

    def _take_principal(self, loans: list[LoanDay]) -> None:
        lent_today = [(loan.loan_id, left) for loan in loans if (left := self._repay(loan.loan_id, loan.repaid_minor))]
        for loan in loans:
            self._lend(loan.loan_id, loan.disbursed_minor)
        for loan_id, left in lent_today:
            self._repay(loan_id, left)
        for loan in loans:
            self._write_off(loan.loan_id, loan.written_off_minor)

    def _give_out(self, funds: list[FundDay], loans: list[LoanDay]) -> None:
        for loan in loans:
            self._pay(CREDIT, max(-loan.credit_minor, 0))
        for day in funds:
            if day.entry is Entry.EXPENSE:
                self._spend(day.amount_minor)
            elif day.entry is Entry.RETURN:
                self._pay(Source(SourceKind.TRANCHE, day.tranche or 0), day.amount_minor)

    # In -------------------------------------------------------------------------------------------------------

    def _enter(self, source: Source, amount_minor: int) -> None:
        if amount_minor:
            start = self.entered[source]
            self.entered[source] += amount_minor
            self._hold(Piece(source, start, start + amount_minor, 1, self.on))

    def _hold(self, piece: Piece) -> None:
        """Put a piece to the cash; what was lent this day before there was money for it takes it first."""
        held = self.credit if piece.source is CREDIT else self.cash
        if not self.short:
            put(held, piece)
            return
        coming = deque((piece,))
        for loan_id in list(self.short):
            self._make_good(loan_id, coming)
        held += coming

    def _repay(self, loan_id: str, amount_minor: int) -> int:
        """Take principal back in the order in which it was drawn; return what is of money drawn later this day."""
        for source, start, end, turn, since in take(self.loans[loan_id], amount_minor):
            amount_minor -= end - start
            self.stays.append(at_once(Stay, (source, start, end, turn, loan_id, since, self.on, Ending.REPAID)))
            if source is SAME_DAY:
                self.short -= Counter({loan_id: end - start})
            else:
                self._hold(at_once(Piece, (source, start, end, turn + 1, self.on)))
        return amount_minor

    # Out ------------------------------------------------------------------------------------------------------

    def _lend(self, loan_id: str, amount_minor: int) -> None:
        if not amount_minor:
            return
        drawn = self.loans[loan_id]
        for piece in self._front(amount_minor):
            amount_minor -= piece.end - piece.start
            self._draw(piece, drawn)
        if amount_minor:
            drawn.append(Piece(SAME_DAY, 0, amount_minor, 1, self.on))
            self.short[loan_id] = amount_minor

    def _draw(self, piece: Piece, drawn: deque[Piece]) -> None:
        """Let a piece go out of the cash to a loan."""
        source, start, end, turn, since = piece
        self.stays.append(at_once(Stay, (source, start, end, turn, None, since, self.on, Ending.LENT)))
        put(drawn, at_once(Piece, (source, start, end, turn, self.on)))

    def _make_good(self, loan_id: str, coming: deque[Piece]) -> None:
        """Give a loan that was paid out of nothing this day the money that comes in."""
        for piece in list(take(coming, self.short[loan_id])):
            take_of(self.loans[loan_id], SAME_DAY, piece.amount_minor)
            self._draw(piece, self.loans[loan_id])
            self.short -= Counter({loan_id: piece.amount_minor})

    def _write_off(self, loan_id: str, amount_minor: int) -> None:
        if amount_minor:
            self.lost[loan_id, self.on] += take(self.loans[loan_id], amount_minor)

    def _spend(self, amount_minor: int) -> None:
        """Pay an expense: out of surplus first, then from the front of the cash."""
        surplus = take_of(self.cash, SURPLUS, amount_minor)
        self.spent[self.on] += [*surplus, *self._front(amount_minor - total_minor(surplus))]

    def _pay(self, source: Source, amount_minor: int) -> None:
        """Give money back to where it came from: out of its own cash, else in exchange for what it lent."""
        if not amount_minor:
            return
        own = take_of(self.credit if source is CREDIT else self.cash, source, amount_minor)
        others = deque(self._front(amount_minor - total_minor(own)))
        for piece in [*own, *self._exchange(source, others)]:
            self.stays.append(Stay(*piece[:4], None, piece.since, self.on, Ending.RETURNED))

    def _front(self, amount_minor: int) -> Iterator[Piece]:
        """Take so much cash, the fund's own before that of borrowers."""
        for piece in take(self.cash, amount_minor):
            amount_minor -= piece.end - piece.start
            yield piece
        yield from take(self.credit, amount_minor)

    # In the place of others -----------------------------------------------------------------------------------

    def _exchange(self, source: Source, others: deque[Piece]) -> Iterator[Piece]:
        """Let cash of others take the place of what a source lent, oldest first, then lost, then spent.

        Gives what had that place, as cash.
        """
        for loan_id, amount_minor in self._lent_of(source):
            lent = self.loans[loan_id]
            for own, piece in _in_place_of(lent, source, others, amount_minor):
                yield self._freed(own, loan_id, self.on)
                self._draw(piece, lent)
        for (loan_id, on), lost in sorted(self.lost.items(), key=lambda place: place[0][::-1]):
            for own, piece in _in_place_of(lost, source, others, total_minor(lost)):
                yield self._freed(own, loan_id, on)
                self._draw(piece, self.lost[loan_id, self.on])
        for on, spent in list(self.spent.items()):
            for own, piece in _in_place_of(spent, source, others, total_minor(spent)):
                yield self._freed(own, None, on)
                self.spent[self.on].append(piece)

    def _lent_of(self, source: Source) -> list[tuple[str, int]]:
        """Return what loans have of a source, oldest first, of one day by the ids of the loans."""
        lent = [
            (piece.since, loan_id, piece.amount_minor)
            for loan_id, pieces in self.loans.items()
            for piece in pieces
            if piece.source == source
        ]
        return [(loan_id, amount_minor) for _, loan_id, amount_minor in sorted(lent, key=itemgetter(0, 1))]

    def _freed(self, own: Piece, loan_id: str | None, until: date) -> Piece:
        """End the stay of money whose place was taken over, and return it as cash of today."""
        self.stays.append(Stay(*own[:4], loan_id, own.since, until, Ending.TAKEN_OVER))
        return own._replace(since=self.on)

    # At the end -----------------------------------------------------------------------------------------------

    def all_stays(self) -> Iterator[Stay]:
        """Give the stays that ended, then those that go on."""
        yield from self.stays
        for (loan_id, on), pieces in self.lost.items():
            yield from (Stay(*piece[:4], loan_id, piece.since, on, Ending.WRITTEN_OFF) for piece in pieces)
        for on, pieces in self.spent.items():
            yield from (Stay(*piece[:4], None, piece.since, on, Ending.SPENT) for piece in pieces)
        for lent_to, pieces in self.loans.items():
            yield from (Stay(*piece[:4], lent_to, piece.since) for piece in pieces)
        for piece in [*self.cash, *self.credit]:
            yield Stay(*piece[:4], None, piece.since)


def _in_place_of(
    place: deque[Piece], source: Source, others: deque[Piece], most_minor: int
) -> list[tuple[Piece, Piece]]:
    """Take what a source has in a place, as far as there is money of others for it; return pairs of equal amounts."""
    pairs: list[tuple[Piece, Piece]] = []
    for own in take_of(place, source, min(most_minor, total_minor(others))):
        left = deque((own,))
        for piece in list(take(others, own.amount_minor)):
            pairs += [(part, piece) for part in take(left, piece.amount_minor)]
    return pairs


_COMES_FROM = {
    Entry.TRANCHE: SourceKind.TRANCHE,
    Entry.CONTRIBUTION: SourceKind.CONTRIBUTIONS,
    Entry.INCOME: SourceKind.SURPLUS,
}
