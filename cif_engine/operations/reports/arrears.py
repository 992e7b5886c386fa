"""Who to visit this week: loans in arrears, and those that fall due within seven days, in the order of a round.

By VO, CO and settlement, then by member: whoever goes there finds her list in the order of her way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final, NamedTuple

import sqlalchemy as sa

from cif_engine.documents.report import Cell, Column, Unit
from cif_engine.operations.reports.registers import Listing, Place, Register, Row, Rows
from cif_engine.persistence.arrears import (
    LastPayment,
    OwingLoan,
    last_payments,
    owing_loans_of,
    schedules_in_force,
)
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.register_loans import CalledLoan, called_loans
from cif_engine.portfolio.visiting import Due, ToPay, to_pay

DAYS_AHEAD: Final = 7
"""Instalments that fall due on the day or in so many days after it are called for on the round."""

ARREARS, FALLING_DUE = "Arrears", "Falling due"

_WHO: Final = (
    Column("vo", "VO", width=8, aside=True),
    Column("vo_name", "Name of VO", width=18),
    Column("co", "CO", width=8, aside=True),
    Column("co_name", "Name of CO", width=18),
    Column("settlement", "Settlement", width=16),
    Column("member", "Member", width=10, aside=True),
    Column("member_name", "Member", width=18),
    Column("relation_name", "Daughter, wife or son of", width=18),
    Column("cnic", "CNIC ends in", width=9),
    Column("loan", "Loan", width=16),
)
_ARREARS: Final = (
    Column("days_late", "Days late", Unit.COUNT, width=7, definition="days_late"),
    Column("since", "Unpaid since", Unit.DAY, width=12),
    Column("overdue", "Overdue principal", Unit.MONEY, width=13, totalled=True, definition="overdue"),
    Column("overdue_charge", "Overdue charge", Unit.MONEY, width=12, totalled=True, aside=True),
    Column("fees_and_penalties", "Fees and penalties", Unit.MONEY, width=12, totalled=True, aside=True),
    Column("to_collect", "To collect", Unit.MONEY, width=13, totalled=True),
    Column("outstanding", "Outstanding principal", Unit.MONEY, width=14, totalled=True, definition="gross_portfolio"),
    Column("next_due_on", "Next due", Unit.DAY, width=12),
    Column("next_due", "Next amount", Unit.MONEY, width=12, aside=True),
    Column("last_paid_on", "Last paid", Unit.DAY, width=12),
    Column("last_paid", "Last amount", Unit.MONEY, width=12, aside=True),
    Column("disbursed_on", "Disbursed on", Unit.DAY, width=12, aside=True),
    Column("disbursed", "Disbursed", Unit.MONEY, width=14, totalled=True, aside=True),
    Column("renegotiated", "Renegotiated", width=12, aside=True),
)
_FALLING_DUE: Final = (
    Column("due_on", "Due on", Unit.DAY, width=12),
    Column("principal", "Principal", Unit.MONEY, width=13, totalled=True),
    Column("charge", "Charge", Unit.MONEY, width=12, totalled=True),
    Column("due", "To pay", Unit.MONEY, width=13, totalled=True),
    Column("overdue_besides", "Overdue besides", Unit.MONEY, width=13),
    Column("last_paid_on", "Last paid", Unit.DAY, width=12),
)


def arrears_register(as_of: date) -> Register:
    """Return the register of who is to be visited as of a day."""
    late = Listing(ARREARS, "Loans in arrears", (*_WHO, *_ARREARS), (str,) * 5, partial(_arrears, as_of))
    title = f"Falling due in the next {DAYS_AHEAD} days"
    soon = Listing(FALLING_DUE, title, (*_WHO, *_FALLING_DUE), (str,) * 6, partial(_falling_due, as_of))
    return Register("arrears", "Who to visit this week", {"as_of": as_of.isoformat()}, as_of, (late, soon))


class Visit(NamedTuple):
    """A loan with all that the list says of it."""

    called: CalledLoan
    owing: OwingLoan
    to_pay: ToPay
    paid: LastPayment | None

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands on the round."""
        called = self.called
        return (called.vo, called.co, called.settlement or "", called.member_name, called.number)


def _arrears(as_of: date, connection: sa.Connection, asked: Asked, after: Place | None) -> Rows:
    """Return the loans of an LSO that are late."""
    late = [loan for loan in owing_loans_of(connection, asked, as_of, as_of) if loan.oldest_due_on < as_of]
    visits = _visits(connection, asked, late, as_of)
    return _rows(
        (visit.place, (*_who(visit.called), *_late(visit, as_of))) for visit in visits if visit.place > (after or ())
    )


def _falling_due(as_of: date, connection: sa.Connection, asked: Asked, after: Place | None) -> Rows:
    """Return the instalments of an LSO that fall due soon."""
    horizon = as_of + timedelta(days=DAYS_AHEAD)
    owing = owing_loans_of(connection, asked, as_of, horizon)
    visits = _visits(connection, asked, owing, as_of)
    found = (
        ((*visit.place, due.due_on.isoformat()), (*_who(visit.called), *_due(visit, due)))
        for visit in visits
        for due in visit.to_pay.due_by(horizon)
        if due.due_on is not None
    )
    return _rows((place, cells) for place, cells in found if place > (after or ()))


def _visits(connection: sa.Connection, asked: Asked, loans: list[OwingLoan], as_of: date) -> list[Visit]:
    """Return what the list says of some loans, in the order of the round."""
    ids = [loan.loan_id for loan in loans]
    called = called_loans(connection, asked, ids)
    schedules = schedules_in_force(connection, asked, loans)
    paid = last_payments(connection, asked, ids, as_of)
    visits = (
        Visit(
            called[loan.loan_id],
            loan,
            to_pay(schedules[loan.loan_id], loan.principal_paid_minor, loan.charge_outstanding_minor, as_of),
            paid.get(loan.loan_id),
        )
        for loan in loans
    )
    return sorted(visits, key=lambda visit: visit.place)


def _rows(found: Iterable[tuple[Place, tuple[Cell, ...]]]) -> Rows:
    return Rows([Row(place, cells) for place, cells in found])


def _who(called: CalledLoan) -> Iterator[Cell]:
    yield from (called.vo, called.vo_name, called.co, called.co_name, called.settlement)
    yield from (called.member, called.member_name, called.relation_name, masked(called.cnic), called.number)


def masked(cnic: str | None) -> str | None:
    """Return the end of an identity number: enough to tell two of one name apart, not enough to misuse."""
    return None if cnic is None else f"…{cnic[-5:]}"


def _late(visit: Visit, as_of: date) -> Iterator[Cell]:
    owing, overdue, following = visit.owing, visit.to_pay.overdue, visit.to_pay.next_due
    besides = owing.fee_outstanding_minor + owing.penalty_outstanding_minor
    yield (as_of - owing.oldest_due_on).days
    yield owing.oldest_due_on
    yield overdue.principal_minor
    yield overdue.charge_minor
    yield besides
    yield overdue.amount_minor + besides
    yield owing.outstanding_minor
    yield following.due_on
    yield following.amount_minor if following.due_on else None
    yield visit.paid.on if visit.paid else None
    yield visit.paid.amount_minor if visit.paid else None
    yield owing.disbursed_on
    yield owing.disbursed_minor
    yield "yes" if owing.renegotiated else None


def _due(visit: Visit, due: Due) -> Iterator[Cell]:
    yield due.due_on
    yield due.principal_minor
    yield due.charge_minor
    yield due.amount_minor
    yield visit.to_pay.overdue.amount_minor or None
    yield visit.paid.on if visit.paid else None
