"""Law 7: a report for (as_of, known_at) is the same for ever, whatever is recorded later."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.moments import to_micros
from cif_engine.operations.ledger_reports import account_statement_report, cash_book_report, trial_balance_report
from cif_engine.operations.loan_reports import (
    LoanFilter,
    loan_report,
    loan_schedule_report,
    loan_statement_report,
    loans_list,
    repayments_list,
)
from cif_engine.operations.portfolio_reports import fund_position_report, portfolio_report
from cif_engine.operations.reporting import Period
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut
from tests.laws.settings import some_histories
from tests.reports.histories import FIRST_DAY, Step, Told, days, histories
from tests.reports.village import Village

Report = Callable[[int | None], dict[str, Any]]


def reports(told: Told, as_of: date) -> dict[str, Report]:
    """Return every report of a village as a function of what was known."""
    village = told.village
    databases, lso_id = village.databases, village.lso_id
    scope, period = Within((lso_id,)), Period(FIRST_DAY, max(as_of, FIRST_DAY))
    asked: dict[str, Report] = {
        "portfolio": lambda known: portfolio_report(databases, scope, (Cut.CO, Cut.PRODUCT), as_of, known),
        "position": lambda known: fund_position_report(databases, lso_id, "CIF", as_of, known),
        "trial balance": lambda known: trial_balance_report(databases, lso_id, as_of, known),
        "loans outstanding": lambda known: account_statement_report(databases, lso_id, "SHOP.1100", period, known),
        "cash book": lambda known: cash_book_report(databases, lso_id, period, known),
        "loans": lambda known: loans_list(databases, lso_id, LoanFilter(), as_of, known),
        "repayments": lambda known: repayments_list(databases, lso_id, period, known),
    }
    if told.loans:
        loan = told.loans[0]
        day = max(as_of, date(2022, 6, 30))
        asked["loan"] = lambda known: loan_report(databases, lso_id, loan, day, known)
        asked["schedule"] = lambda known: loan_schedule_report(databases, lso_id, loan, day, known)
        asked["statement"] = lambda known: loan_statement_report(databases, lso_id, loan, day, known)
    return asked


def known_at(report: dict[str, Any]) -> int | None:
    """Return the moment that a report names, to ask for it again."""
    said = report["known_at"]
    if said is None:
        return None
    return to_micros(datetime.fromisoformat(said))


@some_histories(10)
@given(histories, days, st.integers(0, 20))
def test_a_report_is_byte_for_byte_the_same_however_much_is_recorded_later(
    shared_databases: Databases, steps: list[Step], as_of: date, after: int
) -> None:
    told = Told(Village.founded(shared_databases))
    printed: dict[str, tuple[int | None, bytes]] = {}
    asked: dict[str, Report] = {}
    for number, _ in enumerate(told.tell(steps)):
        if number == after % len(steps):
            asked = reports(told, as_of)
            for name, ask in asked.items():
                report = ask(None)
                printed[name] = (known_at(report), orjson.dumps(report))
    for name, (known, text) in printed.items():
        assert orjson.dumps(asked[name](known)) == text, name


def test_a_report_names_the_moment_of_the_last_event_it_counted(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    village.lend(10_000_00, date(2021, 1, 1))
    last = village.now
    told = Told(village)
    for name, ask in reports(told, date(2021, 6, 30)).items():
        assert known_at(ask(None)) == last, name
        assert known_at(ask(last + 500)) == last, name
        assert known_at(ask(last - 1)) == last - 1_000_000, name
        assert ask(1)["known_at"] is None, name
