"""The engine's reports as the tally writes its figures, so that the two can be compared whole."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cif_engine.demonstration.plan import Plan
from cif_engine.demonstration.tally import Tally
from cif_engine.demonstration.truths import CUTS, LoanTruth, Money, Portfolio, When
from cif_engine.operations.asking import Question
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.loan_reports import LoanFilter, loans_list
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.reporting import Page
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.figures import Figure

OF_OPEN_LOANS = (Figure.PAR, Figure.AGEING, Figure.ARREARS, Figure.PEOPLE)


def check_figures(databases: Databases, plan: Plan, tally: Tally, when: When) -> None:
    """Compare every figure of a day, in all and by every cut."""
    scope = Within((plan.lso.id,))
    for cut in CUTS:
        question = Question(scope, Cutting((Cut(cut),)), when.known_at)
        report = portfolio_report(databases, question, when.as_of, OF_OPEN_LOANS)
        assert _portfolio(report["total"]) == tally.portfolio(when), (cut, when)
        rows = {row["key"][cut]: _portfolio(row) for row in report["rows"]}
        assert rows == tally.portfolio_by(cut, when), (cut, when)
        check_rates(report["total"], tally.portfolio(when))
    position = fund_position_report(databases, plan.lso.id, plan.fund.code, when.as_of, when.known_at)
    check_position(position, tally.money(when))


def check_rates(view: dict[str, Any], truth: Portfolio) -> None:
    rates = {par["days"]: par["rate"] for par in view["par"]}
    assert rates == {days: _six_decimals(truth.par_rate(days)) for days in truth.par}
    assert view["arrears_rate"]["rate"] == _six_decimals(truth.arrears_rate)


def check_position(view: dict[str, Any], truth: Money) -> None:
    said = {
        "cash": view["cash_in_hand"],
        "bank": view["bank"],
        "in_transit": view["in_transit"],
        "capital": view["capital"]["amount"],
        "income": view["income"],
        "expense": view["expense"],
        "allowance": view["allowance"],
        "outstanding": view["outstanding_principal"],
        "credits": view["borrower_credit_balances"],
        "committed": view["available"]["committed"],
        "available": view["available"]["amount"],
    }
    assert {name: minor(amount) for name, amount in said.items()} == {
        "cash": truth.cash,
        "bank": truth.bank,
        "in_transit": truth.in_transit,
        "capital": truth.capital,
        "income": truth.bank_profit + truth.charge_income + truth.recovered,
        "expense": truth.expenses + truth.losses,
        "allowance": truth.allowance,
        "outstanding": truth.outstanding,
        "credits": truth.credits,
        "committed": truth.committed,
        "available": truth.cash + truth.bank - truth.committed,
    }
    assert view["identity"]["holds"]


def check_loans(databases: Databases, plan: Plan, tally: Tally, as_of: date, known_at: int | None) -> None:
    """Compare every disbursed loan of a day, one by one."""
    report = loans_list(databases, plan.lso.id, LoanFilter(), as_of, known_at, Page(10_000))
    said = {
        loan["loan_id"]: _loan(loan) for loan in report["items"] if loan["status"] in {"open", "repaid", "written_off"}
    }
    assert said == {loan.loan_id: _facts(loan) for loan in tally.loans(When(as_of, known_at))}


def minor(amount: str) -> int:
    exact = Decimal(amount) * 100
    assert exact == int(exact)
    return int(exact)


def _portfolio(view: dict[str, Any]) -> Portfolio:
    return Portfolio(
        gross=minor(view["gross_portfolio"]["amount"]),
        overdue=minor(view["arrears_rate"]["numerator"]),
        loans=view["loans"],
        borrowers=view["borrowers"],
        households=view["households"],
        par={par["days"]: (minor(par["numerator"]), par["loans"]) for par in view["par"]},
        ageing={band["band"]: (minor(band["amount"]), band["loans"]) for band in view["ageing"]["bands"]},
    )


def _six_decimals(rate: Fraction | None) -> str | None:
    return None if rate is None else f"{Decimal(round(rate * 10**6)).scaleb(-6):.6f}"


def _loan(view: dict[str, Any]) -> tuple[object, ...]:
    owed = (view[name] for name in ("outstanding_principal", "outstanding_charge", "overdue_principal"))
    who = (view["member"], view["product"], view["status"])
    return (*who, *map(minor, owed), minor(view["credit_balance"]), minor(view["written_off"]), view["days_late"])


def _facts(loan: LoanTruth) -> tuple[object, ...]:
    who = (loan.member, loan.cuts["product"], loan.status)
    return (*who, loan.principal, loan.charge, loan.overdue, loan.credit, loan.written_off, loan.days_late)
