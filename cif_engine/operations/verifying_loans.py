"""Verifying the loans of a book: their rows and their postings are what their facts call for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.bookings import book_life
from cif_engine.money import format_amount
from cif_engine.operations.findings import Finding, Law, differing_rows
from cif_engine.operations.projecting import Rows, ToldLoan, rows_of_loan, told_loans
from cif_engine.persistence.whole_book import (
    OF_LOANS,
    Row,
    StoredHead,
    loans_without_events,
    postings_of_loans,
    rows_of_loans,
)

UNREADABLE = (KeyError, TypeError, ValueError)
"""What reading a payload raises that is not as it was recorded; the chain says so too."""


Net = dict[tuple[date, str], int]
"""What is posted per day and account, debits positive."""


@dataclass(frozen=True, slots=True)
class CalledFor:
    """A loan as its events tell it, with the rows and the postings that it calls for."""

    loan: ToldLoan
    number: str
    rows: Rows
    booked: Net


def read_loans(
    connection: sa.Connection, head: StoredHead, loan_ids: list[str], funds: dict[str, str]
) -> tuple[list[CalledFor], list[Finding]]:
    """Return what these loans call for, and a finding for each that cannot be read. `funds` are codes by id."""
    try:
        loans = told_loans(connection, head, loan_ids)
        return [_called_for(head.lso_id, loan, funds[loan.fund_id]) for loan in loans], []
    except UNREADABLE as error:
        if len(loan_ids) == 1:
            where, what = f"loan {loan_ids[0]}", "its facts cannot be read"
            return [], [Finding(head.lso_code, Law.REBUILD, where, what, "readable events", repr(error))]
    one_by_one = [read_loans(connection, head, [loan_id], funds) for loan_id in loan_ids]
    loans_read = [loan for loans, _ in one_by_one for loan in loans]
    return loans_read, [finding for _, findings in one_by_one for finding in findings]


def _called_for(lso_id: str, loan: ToldLoan, fund_code: str) -> CalledFor:
    bookings = book_life(loan.id, fund_code, loan.life.steps)
    net = net_by_loan((loan.id, row.debit, row.credit, row.effective_on, row.amount_minor) for row in bookings)
    rows = rows_of_loan(lso_id, loan)
    return CalledFor(loan, rows["loan"][0]["number"], rows, net[loan.id])


def verify_loans(connection: sa.Connection, head: StoredHead, loans: list[CalledFor]) -> Iterator[Finding]:
    """Give where the stored rows and the postings of these loans are not what their facts call for (law 8)."""
    ids = [called_for.loan.id for called_for in loans]
    stored = {table: _by_loan(rows_of_loans(connection, table, head.lso_id, ids)) for table in OF_LOANS}
    posted = net_by_loan(postings_of_loans(connection, head.lso_id, ids))
    for called_for in loans:
        loan_id = called_for.loan.id
        where = f"loan {called_for.number}"
        for table in OF_LOANS:
            yield from differing_rows(head.lso_code, table, where, called_for.rows[table], stored[table][loan_id])
        yield from verify_postings(head.lso_code, where, called_for.booked, posted[loan_id])


def net_by_loan(postings: Iterable[tuple[str, str, str, date, int]]) -> defaultdict[str, Net]:
    """Return what each loan's postings (loan, debit, credit, day, amount) come to per day and account."""
    net: defaultdict[str, Net] = defaultdict(dict)
    for loan_id, debit, credit, day, amount in postings:
        of_loan = net[loan_id]
        of_loan[day, debit] = of_loan.get((day, debit), 0) + amount
        of_loan[day, credit] = of_loan.get((day, credit), 0) - amount
    return net


def verify_postings(lso: str, where: str, booked: Net, posted: Net) -> Iterator[Finding]:
    """Give the days and accounts in which a loan's postings are not what its facts call for."""
    for day, account in sorted(booked.keys() | posted.keys()):
        expected, found = booked.get((day, account), 0), posted.get((day, account), 0)
        if expected != found:
            what = f"its postings of {day} to {account} are not what its facts call for"
            yield Finding(lso, Law.REBUILD, where, what, format_amount(expected), format_amount(found))


def _by_loan(rows: list[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row.get("loan_id") or row["id"])].append(row)
    return grouped


def verify_no_strays(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    for table in OF_LOANS:
        for loan_id in loans_without_events(connection, table, head.lso_id):
            where = f"loan {loan_id}, {table}"
            yield Finding(head.lso_code, Law.REBUILD, where, "no event calls for the row", "none", "a row")
