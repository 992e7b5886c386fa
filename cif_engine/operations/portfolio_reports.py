"""The portfolio and the fund on any day, as it was known at any moment."""

from __future__ import annotations

from datetime import date

from cif_engine.errors import TooManyCutsError
from cif_engine.fund.position import Books, FundPosition
from cif_engine.ledger.accounts import CHART, AccountClass, Role
from cif_engine.money import PKR, format_amount
from cif_engine.operations.reporting import known_view, moments_view, open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.ledger_reports import AccountSums, account_sums
from cif_engine.persistence.portfolio_reports import count_portfolio, key_names, lent_by_fund
from cif_engine.persistence.standings import Within, find_known
from cif_engine.portfolio.cuts import Cut
from cif_engine.portfolio.par import (
    COMPARATOR,
    PAR_DAYS,
    Band,
    Rate,
    Tally,
    ageing,
    arrears_rate,
    portfolio_at_risk,
)

MOST_CUTS = 2


def portfolio_report(
    databases: Databases, scope: Within, by: tuple[Cut, ...], as_of: date, known_at: int | None = None
) -> View:
    """Return the figures of a portfolio in all, and for each row of a cut; raises TooManyCutsError.

    Over several books `known_at` is the last moment of any of them.
    """
    if len(by) > MOST_CUTS or len(set(by)) < len(by):
        raise TooManyCutsError(f"Name at most {MOST_CUTS} cuts, each once.", pointer="/by")
    with databases.reading(_one_lso(scope)) as connection:
        known = find_known(connection, scope, known_at)
        portfolio = count_portfolio(connection, scope, by, as_of, known)
    names = key_names(by)
    behind = f"as_of={as_of.isoformat()}" + (f"&known_at={known_view(known.at)}" if known.at else "")
    return {
        **moments_view(as_of, known.at),
        "currency": PKR.code,
        "by": [cut.value for cut in by],
        "total": portfolio_view(portfolio.total, behind),
        "rows": [_row_view(dict(zip(names, key, strict=True)), tally, behind) for key, tally in portfolio.rows.items()],
    }


def fund_position_report(
    databases: Databases, lso_id: str, fund: str, as_of: date, known_at: int | None = None
) -> View:
    """Return where a fund stands; raises NotFoundError. The reserve floor is the one its rules state today."""
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, known_at)
        file = open_fund(connection, lso_id, fund)
        sums = account_sums(connection, book, as_of, file.id)
        known = find_known(connection, Within((lso_id,)), known_at)
        lent = lent_by_fund(connection, lso_id, file.id, as_of, known)
    position = FundPosition(fund_books(sums), lent, file.reserve_floor_minor)
    return {
        "lso": book.lso_code,
        "fund": file.code,
        **moments_view(as_of, book.at),
        "currency": PKR.code,
        **position_view(position),
    }


def portfolio_view(portfolio: Tally, behind: str) -> View:
    """Return the figures of one portfolio; `behind` is how the loans list is asked for its day."""
    open_loans = f"{behind}&status=open"
    return {
        "gross_portfolio": {
            "definition": "gross_portfolio",
            "amount": format_amount(portfolio.outstanding_minor),
            "loans_query": open_loans,
        },
        "loans": portfolio.loans,
        "borrowers": portfolio.borrowers,
        "households": portfolio.households,
        "par": [_par_view(portfolio, days, open_loans) for days in PAR_DAYS],
        "arrears_rate": {**_rate_view(arrears_rate(portfolio)), "loans_query": f"{open_loans}&days_late_over=0"},
        "ageing": {"definition": "ageing", "bands": [_band_view(band) for band in ageing(portfolio)]},
    }


def position_view(position: FundPosition) -> View:
    """Return a fund's position with the two sides of its identity."""
    books, lent = position.books, position.lent
    return {
        "capital": {
            "definition": "capital",
            "tranches_received": format_amount(books.tranches_received_minor),
            "returned": format_amount(books.capital_returned_minor),
            "contributions": format_amount(books.contributions_minor),
            "amount": format_amount(position.capital_minor),
        },
        "cash_in_hand": format_amount(books.cash_in_hand_minor),
        "bank": format_amount(books.bank_minor),
        "in_transit": format_amount(books.in_transit_minor),
        "outstanding_principal": format_amount(lent.outstanding_minor),
        "allowance": format_amount(books.allowance_minor),
        "borrower_credit_balances": format_amount(lent.credits_minor),
        "income": format_amount(books.income_minor),
        "expense": format_amount(books.expense_minor),
        "available": {
            "definition": "available",
            "cash_and_bank": format_amount(position.cash_and_bank_minor),
            "committed": format_amount(lent.committed_minor),
            "reserve_floor": format_amount(position.reserve_floor_minor),
            "amount": format_amount(position.available_minor),
        },
        "identity": {
            "capital_plus_income_less_expense": format_amount(position.called_for_minor),
            "money_plus_loans_less_liabilities": format_amount(position.found_minor),
            "holds": position.identity_holds,
        },
    }


def fund_books(sums: list[AccountSums]) -> Books:
    """Return what a fund's accounts say, from their sums."""
    debits = {role: sum(found.debits_minor for found in sums if found.account.role is role) for role in Role}
    credit = {role: sum(found.credits_minor for found in sums if found.account.role is role) for role in Role}

    def owned(*roles: Role) -> int:
        return sum(debits[role] - credit[role] for role in roles)

    return Books(
        tranches_received_minor=credit[Role.TRANCHE_CAPITAL],
        capital_returned_minor=debits[Role.TRANCHE_CAPITAL],
        contributions_minor=-owned(Role.CONTRIBUTIONS),
        cash_in_hand_minor=owned(Role.CASH_IN_HAND),
        bank_minor=owned(Role.BANK),
        in_transit_minor=owned(Role.IN_TRANSIT),
        income_minor=-owned(*_of_class(AccountClass.INCOME)),
        expense_minor=owned(*_of_class(AccountClass.EXPENSE)),
        loans_minor=owned(Role.LOANS_OUTSTANDING),
        allowance_minor=-owned(Role.LOAN_LOSS_ALLOWANCE),
        credits_minor=-owned(Role.BORROWER_CREDIT),
    )


def _of_class(wanted: AccountClass) -> list[Role]:
    return [line.role for line in CHART if line.account_class is wanted]


def _one_lso(scope: Within) -> str | None:
    """Return the LSO that PostgreSQL may narrow the transaction to."""
    return scope.lso_ids[0] if scope.lso_ids and len(scope.lso_ids) == 1 else None


def _row_view(key: dict[str, str], tally: Tally, behind: str) -> View:
    """Return one row of a cut; the loans list of an LSO takes the codes that mean something within it."""
    within_lso = "".join(f"&{name}={code}" for name, code in key.items() if Cut(name).within_lso)
    return {"key": key, **portfolio_view(tally, behind + within_lso)}


def _par_view(portfolio: Tally, days: int, open_loans: str) -> View:
    return {
        **_rate_view(portfolio_at_risk(portfolio, days)),
        "days": days,
        "comparator": COMPARATOR,
        "loans": portfolio.late_over(days).loans,
        "loans_query": f"{open_loans}&days_late_over={days}",
    }


def _rate_view(rate: Rate) -> View:
    return {
        "definition": rate.definition,
        "rate": rate.in_decimals(),
        "numerator": format_amount(rate.numerator_minor),
        "denominator": format_amount(rate.denominator_minor),
    }


def _band_view(band: Band) -> View:
    return {
        "band": band.name,
        "days_from": band.days_from,
        "days_to": band.days_to,
        "amount": format_amount(band.part.outstanding_minor),
        "loans": band.part.loans,
    }
