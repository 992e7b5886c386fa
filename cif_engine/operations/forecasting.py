"""The forecast of a fund: what will come in, what can be lent of it, and when the fund lies idle or runs dry.

Every assumption is in the answer, with where it comes from: measured in the months before, given with the question, or
what the engine takes where there is nothing else. The same books and the same question have the same answer.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from cif_engine.dates import MonthEnd, add_months
from cif_engine.errors import NumberOutOfRangeError
from cif_engine.fund.collection_curve import curve_of, measure, months_over
from cif_engine.fund.forecast import Opening, look_ahead
from cif_engine.ledger.accounts import CASH_ROLES, Role
from cif_engine.money import PKR
from cif_engine.operations.forecast_basis import Found, WhatIf, assumptions, assumptions_view
from cif_engine.operations.forecast_views import (
    first_view,
    history_view,
    month_view,
    opening_view,
    plan_view,
    totals_view,
)
from cif_engine.operations.fund_reports import fund_books
from cif_engine.operations.reporting import moments_view, open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.forecast import OfFund, collection_history, lending_between, unpaid_by_month
from cif_engine.persistence.fund_reports import lent_by_fund
from cif_engine.persistence.ledger_reports import AccountSums, KnownBook, account_sums, first_days
from cif_engine.persistence.placements import reserve_floor_on
from cif_engine.persistence.standings import Within, find_known


def forecast_report(
    databases: Databases, lso_id: str, fund: str, as_of: date, asked: WhatIf, known_at: int | None = None
) -> View:
    """Return what a fund can expect after a day, month by month.

    Raises NotFoundError, and NumberOutOfRangeError where capital would come after the months that are asked for.
    """
    if asked.capital_month > asked.months:
        words = f"Month {asked.capital_month} is beyond the {asked.months} that are looked ahead."
        raise NumberOutOfRangeError(words, pointer="/capital_month")
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, known_at)
        file = open_fund(connection, lso_id, fund)
        known = find_known(connection, Within((lso_id,)), known_at)
        of_fund = OfFund(lso_id, file.id, known)
        found = _read(connection, book, of_fund, as_of, asked)
    assumed = assumptions(found, asked)
    forecast = look_ahead(found.opening, assumed, as_of)
    return {
        "lso": book.lso_code,
        "fund": file.code,
        **moments_view(as_of, known.at),
        "currency": PKR.code,
        "definition": "cash_forecast",
        "assumptions": assumptions_view(found, asked, assumed),
        "collection_history": history_view(found.curve, found.months),
        "repayment_plan": plan_view(assumed.plan),
        "opening": opening_view(found.opening, found.books),
        "months": [month_view(month) for month in forecast.months],
        "totals": totals_view(forecast),
        "idle_month": first_view(forecast.idle),
        "dry_month": first_view(forecast.dry),
    }


def _read(connection: sa.Connection, book: KnownBook, of_fund: OfFund, as_of: date, asked: WhatIf) -> Found:
    months = months_over(as_of, asked.history_months)
    from_on = months[0].replace(day=1)
    history = collection_history(connection, of_fund, from_on, months[-1])
    known, lso_id, fund_id = of_fund.known, of_fund.lso_id, of_fund.fund_id
    lent = lent_by_fund(connection, lso_id, fund_id, as_of, known)
    reserve = reserve_floor_on(connection, lso_id, fund_id, as_of, None if known.now else known.at)
    books, before, after = (
        account_sums(connection, book, day, fund_id) for day in (as_of, from_on - date.resolution, months[-1])
    )
    held = fund_books(books)
    cash = held.cash_in_hand_minor + held.bank_minor + held.in_transit_minor
    unpaid = unpaid_by_month(connection, of_fund, as_of)
    lending_from = add_months(as_of, -asked.history_months, MonthEnd.LAST_DAY) + date.resolution
    return Found(
        opening=Opening(cash, lent.outstanding_minor, lent.committed_minor, reserve, unpaid),
        books=held,
        curve=curve_of(measure(history, months), _exact(asked.collection_rate), _exact(asked.cleanup_rate)),
        months=months,
        lending=lending_between(connection, of_fund, lending_from, as_of),
        lending_from=lending_from,
        months_with_money=_months_with_money(connection, book, books, months),
        spent_minor=max(_spent(after) - _spent(before), 0),
    )


def _months_with_money(
    connection: sa.Connection, book: KnownBook, sums: list[AccountSums], months: tuple[date, ...]
) -> int:
    """Return how many of the months ended after the fund first had money."""
    began = first_days(connection, book)
    first = [began[found.account.code] for found in sums if found.account.role in CASH_ROLES]
    return sum(min(first) <= end for end in months) if first else 0


def _spent(sums: list[AccountSums]) -> int:
    return sum(
        found.debits_minor - found.credits_minor for found in sums if found.account.role is Role.OPERATING_EXPENSE
    )


def _exact(rate: Decimal | None) -> Fraction | None:
    return None if rate is None else Fraction(rate)
