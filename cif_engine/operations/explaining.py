"""From any figure to its loans: which they are, what each is of it, and where it stood. Their sum is the figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from cif_engine.documents.report import Cell, Column, Definition, Report, Table, Unit
from cif_engine.errors import FigurePartError, MalformedCursorError
from cif_engine.loans.standing import Status
from cif_engine.money import format_amount
from cif_engine.operations.asking import Opened, Question, asked_view, opened
from cif_engine.operations.files import FileForm, ReportFile, make_file
from cif_engine.operations.loan_views import day_view
from cif_engine.operations.reporting import FIRST_PAGE, Key, Page, page_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import LoanBehind, Place, Side, every_loan_behind, loans_behind, scope_codes
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.contributions import Subject
from cif_engine.portfolio.definitions import DEFINITIONS
from cif_engine.portfolio.roll_rates import BANDS, band_of
from cif_engine.portfolio.subjects import Days, Sought, is_of_period, subject


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A figure that is asked about: of whose loans, on which day or over which period (`from_on` to `day`).

    Raises FigureUnknownError, and FigurePartError where a figure of a day is asked with a period, or is cut.
    """

    question: Question
    sought: Sought
    day: date
    from_on: date | None = None

    def __post_init__(self) -> None:
        if self.from_on is not None and not is_of_period(self.sought.figure):
            raise FigurePartError(f"{self.sought.figure} is of a day: name as_of, and no period.", pointer="/from")
        if self.from_on is None and is_of_period(self.sought.figure):
            raise FigurePartError(f"{self.sought.figure} is of a period: name from and to, not as_of.", pointer="/from")
        if self.question.cutting.by:
            raise FigurePartError("One figure is told at a time: narrow it, and leave out by.", pointer="/by")


class Opening(NamedTuple):
    """An inquiry that can be answered."""

    asked: Opened
    subject: Subject


@contextmanager
def inquired(databases: Databases, inquiry: Inquiry) -> Iterator[Opening]:
    """Open an inquiry for reading; raises NotFoundError and FigurePartError."""
    with opened(databases, inquiry.question, inquiry.day) as asked:
        yield Opening(asked, subject(inquiry.sought, Days(inquiry.day, asked.rule_set, inquiry.from_on)))


def loans_behind_report(
    databases: Databases, inquiry: Inquiry, side: Side = Side.NUMERATOR, page: Page = FIRST_PAGE
) -> View:
    """Return a page of the loans behind a figure, by LSO and number.

    Raises NotFoundError, FigurePartError and MalformedCursorError. Over all pages, what the loans contribute sums to
    the figure.
    """
    after = _place_after(page.after)
    with inquired(databases, inquiry) as (asked, about):
        _refuse_side(about, side)
        found = loans_behind(asked.connection, asked.asked, about, side, after, page.limit + 1)
    return {
        **inquiry_view(inquiry, asked, about),
        "side": side.value,
        **page_view(found, page.limit, lambda loan: _loan_view(loan, about), lambda loan: list(loan.place)),
    }


def loans_behind_file(databases: Databases, inquiry: Inquiry, side: Side, form: FileForm) -> ReportFile:
    """Return all loans behind a figure as a file; raises what `loans_behind_report` does, and TooManyRowsError."""
    with inquired(databases, inquiry) as (asked, about):
        _refuse_side(about, side)
        rows = (_row(loan, about) for loan in every_loan_behind(asked.connection, asked.asked, about, side))
        table = Table("Loans", f"Loans of {inquiry.sought.figure}: {side}", _columns(about), rows)
        report = report_about(inquiry, asked, about, (table,), "Loans behind a figure")
        return make_file(report, form, f"loans-{inquiry.sought.figure}-{inquiry.day}")


# What every answer about a figure says -------------------------------------------------------------------------


def inquiry_view(inquiry: Inquiry, asked: Opened, about: Subject) -> View:
    """Return which figure was asked about: its definition, its days, whose, by which rules, and what was known."""
    view = asked_view(asked)
    del view["by"]
    return {
        "figure": inquiry.sought.figure,
        "definition": about.definition,
        "qualifiers": {name: str(value) for name, value in inquiry.sought.qualifiers.items()},
        **days_view(inquiry),
        **view,
    }


def days_view(inquiry: Inquiry) -> View:
    """Return the day, or the days of the period."""
    if inquiry.from_on is None:
        return {"as_of": inquiry.day.isoformat(), "from": None, "to": None}
    return {"as_of": None, "from": inquiry.from_on.isoformat(), "to": inquiry.day.isoformat()}


def report_about(
    inquiry: Inquiry,
    asked: Opened,
    about: Subject,
    tables: tuple[Table, ...],
    title: str,
    also: tuple[tuple[str, str], ...] = (),
) -> Report:
    """Return a report about a figure: what stands at its head is the same for all of them, and `also`."""
    qualifiers = ", ".join(f"{name} {value}" for name, value in inquiry.sought.qualifiers.items())
    figure = inquiry.sought.figure + (f" ({qualifiers})" if qualifiers else "")
    only = "; ".join(f"{cut} {', '.join(values)}" for cut, values in asked.asked.cutting.only)
    defined = DEFINITIONS[about.definition]
    return Report(
        f"{title}: {figure}",
        _scope_words(asked.connection, asked.asked.scope),
        inquiry.day,
        asked.at,
        tables,
        inquiry.from_on,
        (
            ("Figure", figure),
            ("Only", only or "all loans of the scope"),
            ("Rule set", f"{asked.rule_set.name}, version {asked.rule_set.number} (late over: {asked.comparator})"),
            *also,
        ),
        definitions=(Definition(defined.id, defined.title, defined.words),),
    )


def _scope_words(connection: sa.Connection, scope: Within) -> str:
    if scope.kind == "network":
        return "All LSOs"
    codes = ", ".join(scope_codes(connection, scope))
    return f"RSP {codes}" if scope.kind == "rsp" else f"LSO {codes}"


# How loans are written -----------------------------------------------------------------------------------------


def _refuse_side(about: Subject, side: Side) -> None:
    if side is Side.DENOMINATOR and not about.is_share:
        raise FigurePartError("This figure is an amount, and has no denominator.", pointer="/side")


def _place_after(after: Key | None) -> Place:
    if after is None:
        return Place()
    if not isinstance(after, list) or len(after) != len(Place._fields) or not all(type(part) is str for part in after):
        raise MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after")
    return Place(*map(str, after))


def _loan_view(loan: LoanBehind, about: Subject) -> View:
    return {
        "lso": loan.place.lso,
        "loan": loan.place.number,
        "loan_id": loan.loan_id,
        "member": loan.member,
        "product": loan.product,
        "fund": loan.fund,
        "vo": loan.vo,
        "co": loan.co,
        "status": loan.status,
        "disbursed_on": day_view(loan.disbursed_on),
        "disbursed": format_amount(loan.disbursed_minor),
        "outstanding_principal": format_amount(loan.outstanding_minor),
        "overdue_principal": format_amount(loan.overdue_minor),
        "oldest_unpaid_due_on": day_view(loan.oldest_due_on),
        "days_late": _days_late(loan, about),
        "band": _band(loan, about),
        "renegotiated": bool(loan.renegotiated),
        "numerator": format_amount(loan.contribution.numerator_minor),
        "denominator": format_amount(loan.contribution.denominator_minor) if about.is_share else None,
    }


def _days_late(loan: LoanBehind, about: Subject) -> int:
    return max((about.day - loan.oldest_due_on).days, 0) if loan.oldest_due_on else 0


def _band(loan: LoanBehind, about: Subject) -> str | None:
    """Return the band of the ageing; loans that are not open are in none."""
    return BANDS[band_of(_days_late(loan, about))] if loan.status == Status.OPEN.value else None


def _columns(about: Subject) -> tuple[Column, ...]:
    share = (Column("denominator", "In the denominator", Unit.MONEY, totalled=True),) if about.is_share else ()
    return (
        Column("lso", "LSO"),
        Column("loan", "Loan", width=18),
        Column("member", "Member"),
        Column("product", "Product"),
        Column("fund", "Fund"),
        Column("vo", "VO"),
        Column("co", "CO"),
        Column("status", "Status"),
        Column("disbursed_on", "Disbursed on", Unit.DAY),
        Column("disbursed", "Disbursed", Unit.MONEY, totalled=True),
        Column("outstanding_principal", "Outstanding principal", Unit.MONEY, totalled=True),
        Column("overdue_principal", "Overdue principal", Unit.MONEY, totalled=True),
        Column("oldest_unpaid_due_on", "Oldest unpaid due on", Unit.DAY),
        Column("days_late", "Days late", Unit.COUNT),
        Column("band", "Band"),
        Column("renegotiated", "Renegotiated"),
        Column("numerator", "In the figure", Unit.MONEY, totalled=True),
        *share,
    )


def _row(loan: LoanBehind, about: Subject) -> tuple[Cell, ...]:
    share = (loan.contribution.denominator_minor,) if about.is_share else ()
    return (
        loan.place.lso,
        loan.place.number,
        loan.member,
        loan.product,
        loan.fund,
        loan.vo,
        loan.co,
        loan.status,
        loan.disbursed_on,
        loan.disbursed_minor,
        loan.outstanding_minor,
        loan.overdue_minor,
        loan.oldest_due_on,
        _days_late(loan, about),
        _band(loan, about),
        "yes" if loan.renegotiated else "no",
        loan.contribution.numerator_minor,
        *share,
    )
