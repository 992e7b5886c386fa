"""What the profile of an LSO tells, counted: of each fund, and of all of them as one. Amounts in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cif_engine.fund.figures import Growth, Span, growths, year_to
from cif_engine.fund.flows import Flows
from cif_engine.fund.position import Books, FundPosition, Lent
from cif_engine.operations.asking import Opened
from cif_engine.operations.fund_reports import fund_books, net_of_reversals
from cif_engine.operations.portfolio_counts import Counted, count_portfolio
from cif_engine.operations.reporting import open_book
from cif_engine.persistence.demand import count_demand
from cif_engine.persistence.flows import flows_of_fund
from cif_engine.persistence.fund_reports import lent_by_fund
from cif_engine.persistence.ledger_reports import account_sums
from cif_engine.persistence.placements import reserve_floor_on
from cif_engine.persistence.profiles import FundNamed, funds_on
from cif_engine.persistence.to_date import ToDate, handed_out_by
from cif_engine.portfolio.cuts import Cut, Form, Key
from cif_engine.portfolio.demand import PeriodTally, add_up
from cif_engine.portfolio.figures import Figure
from cif_engine.portfolio.par import add_up as add_up_tallies
from cif_engine.portfolio.par import levels

FIGURES: Final = frozenset({Figure.PEOPLE, Figure.PAR, Figure.RECOVERY})
"""Those of a portfolio that a profile tells."""

_WHOLE, _BY_FUND, _BY_PURPOSE = Form(), Form((Cut.FUND,)), Form((Cut.PURPOSE,))


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of a fund, or of all of them as one; the growths of several are in no order.

    `to_date` is what was handed out, `year` what fell due in the twelve months and was collected of it.
    """

    position: FundPosition
    growths: Sequence[Growth]
    to_date: ToDate
    counted: Counted
    year: PeriodTally

    @property
    def written_off_minor(self) -> int:
        """The principal written off to date."""
        return sum(growth.written_off_minor for growth in self.growths)


@dataclass(frozen=True, slots=True)
class FundPart:
    """A fund, and its codes as a row of a cut has them."""

    named: FundNamed
    key: Key
    part: Part


@dataclass(frozen=True, slots=True)
class ProfileCounts:
    """All that is counted for a profile."""

    year: Span
    every: Part
    funds: Sequence[FundPart]
    by_purpose: Mapping[Key, ToDate]


def count_profile(asked: Opened, lso: str, as_of: date, known_at: int | None) -> ProfileCounts:
    """Return what is counted for the profile of an LSO, by its code; the question is cut by fund.

    Counted are the funds in whose ledger anything was posted by the day.
    """
    year = year_to(as_of)
    by_fund, by_purpose, in_all = (
        handed_out_by(asked.connection, asked.asked, as_of, form) for form in (_BY_FUND, _BY_PURPOSE, _WHOLE)
    )
    counted = count_portfolio(asked, as_of, FIGURES)
    tallies = count_demand(asked.connection, asked.asked, *year)
    nothing = Counted(add_up_tallies((), levels(asked.comparator)))
    funds = []
    for named in funds_on(asked.connection, _lso_id(asked), as_of, known_at):
        key: Key = (lso, named.code)
        flows = flows_of_fund(asked.connection, _lso_id(asked), named.id, as_of, asked.asked.known)
        position = _position(asked, named.id, flows, as_of, known_at)
        if position is None:
            continue
        part = Part(
            position,
            growths(flows),
            by_fund.get(key, ToDate()),
            counted.rows.get(key, nothing),
            tallies.get(key, PeriodTally()),
        )
        funds.append(FundPart(named, key, part))
    every = Part(
        _as_one([fund.part.position for fund in funds]),
        [growth for fund in funds for growth in fund.part.growths],
        in_all[()],
        counted.total,
        add_up(tallies.values()),
    )
    return ProfileCounts(year, every, funds, by_purpose)


def _lso_id(asked: Opened) -> str:
    (lso_id,) = asked.asked.scope.lso_ids or ()
    return lso_id


def _position(asked: Opened, fund_id: str, flows: Flows, as_of: date, known_at: int | None) -> FundPosition | None:
    """Return where a fund stands whose flows these are; None where nothing was posted to its accounts by the day."""
    connection, lso_id = asked.connection, _lso_id(asked)
    sums = account_sums(connection, open_book(connection, lso_id, known_at), as_of, fund_id)
    if not sums:
        return None
    lent = lent_by_fund(connection, lso_id, fund_id, as_of, asked.asked.known)
    books, reserve_minor = fund_books(sums), reserve_floor_on(connection, lso_id, fund_id, as_of, known_at)
    return FundPosition(net_of_reversals(books, flows.funds), lent, reserve_minor)


def _as_one(positions: Iterable[FundPosition]) -> FundPosition:
    """Return the positions of all funds as one."""
    held = list(positions)
    books, lent = [position.books for position in held], [position.lent for position in held]
    return FundPosition(
        Books(*(sum(getattr(of, name) for of in books) for name in Books.__dataclass_fields__)),
        Lent(*(sum(getattr(of, name) for of in lent) for name in Lent.__dataclass_fields__)),
        sum(position.reserve_floor_minor for position in held),
    )
