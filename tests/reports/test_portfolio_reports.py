"""The portfolio as the database counts it, against the same portfolio folded loan by loan from the events."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import TooManyCutsError
from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.standing import Standing, Status
from cif_engine.money import parse_amount
from cif_engine.operations.loan_reports import LoanFilter, loans_list
from cif_engine.operations.portfolio_reports import fund_position_report, portfolio_report, portfolio_view
from cif_engine.operations.reporting import Page
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Cut
from cif_engine.portfolio.par import Position, tally
from tests.laws.settings import some_histories
from tests.reports.histories import Step, days, histories, tell
from tests.reports.village import Village

A_FEW = some_histories(12)
JANUARY, APRIL = date(2021, 1, 1), date(2021, 4, 30)


@dataclass(frozen=True)
class Stood:
    """A loan on a day, with the codes it is cut by."""

    codes: dict[Cut, str]
    standing: Standing
    position: Position


def stood(village: Village, as_of: date, known_at: int | None) -> list[Stood]:
    """Fold every loan from the events that count, in Python alone."""
    facts: defaultdict[str, list[LoanFact]] = defaultdict(list)
    event = TABLES["event"]
    with village.databases.reading(village.lso_id) as connection:
        codes = {
            row.id: row.code
            for name in ("member", "household", "institution", "product", "fund")
            for row in connection.execute(
                sa.select(TABLES[name].c.id, TABLES[name].c.code).where(TABLES[name].c.lso_id == village.lso_id)
            )
        }
        (lso,) = connection.execute(sa.select(TABLES["lso"].c.code).where(TABLES["lso"].c.id == village.lso_id)).one()
        rows = connection.execute(sa.select(event).where(event.c.lso_id == village.lso_id)).all()
    funds = {}
    for row in rows:
        counts = row.effective_on <= as_of and (known_at is None or row.recorded_at <= known_at)
        if row.loan_id and counts:
            facts[row.loan_id].append(LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload)))
            funds[row.loan_id] = codes[row.fund_id]
    return [_stood(of_loan, funds[loan_id], lso, codes, as_of) for loan_id, of_loan in facts.items()]


def _stood(facts: list[LoanFact], fund: str, lso: str, codes: dict[str, str], as_of: date) -> Stood:
    life = live(facts)
    standing = life.standing
    applied = next(fact.says for fact in facts if fact.kind is Kind.LOAN_APPLIED)
    due = sum(row.principal_minor for row in life.schedule if row.due_on < as_of)
    position = Position(
        applied["member_id"],
        applied["household_id"],
        standing.outstanding_minor,
        max(due - standing.principal_paid_minor, 0),
        standing.days_late(as_of),
    )
    cut_by = {
        Cut.LSO: lso,
        Cut.VO: codes[applied["vo_id"]],
        Cut.CO: codes[applied["co_id"]],
        Cut.PRODUCT: codes[applied["product_id"]],
        Cut.FUND: fund,
    }
    return Stood(cut_by, standing, position)


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """Return the figures without the way to the loans behind them."""
    return {name: _bare(value) for name, value in report.items() if name != "key"}


def _bare(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name != "loans_query"}
    return [_bare(part) for part in value] if isinstance(value, list) else value


def expected_figures(loans: list[Stood]) -> dict[str, Any]:
    return figures(portfolio_view(tally(loan.position for loan in loans), ""))


@A_FEW
@given(histories, days, st.data())
def test_the_database_counts_what_the_events_say(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    by = data.draw(st.sampled_from([(), (Cut.VO,), (Cut.CO, Cut.FUND), (Cut.PRODUCT,), (Cut.LSO, Cut.FUND)]))
    loans = [loan for loan in stood(village, as_of, known_at) if loan.standing.status is Status.OPEN]
    report = portfolio_report(shared_databases, Within((village.lso_id,)), by, as_of, known_at)
    assert figures(report["total"]) == expected_figures(loans)
    rows: defaultdict[tuple[str, ...], list[Stood]] = defaultdict(list)
    for loan in loans:
        rows[tuple(loan.codes[cut] for cut in by)].append(loan)
    if by:
        assert {tuple(row["key"][cut] for cut in by): figures(row) for row in report["rows"]} == {
            key: expected_figures(of_row) for key, of_row in rows.items()
        }


@A_FEW
@given(histories, days, st.data())
def test_the_loans_listed_are_those_behind_the_figure(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    late_over = data.draw(st.sampled_from([None, 0, 30, 90]))
    wanted = LoanFilter(status=Status.OPEN, days_late_over=late_over)
    listed: list[dict[str, Any]] = []
    page = Page(limit=2)
    while page.after is not None or not listed:
        view = loans_list(shared_databases, village.lso_id, wanted, as_of, known_at, page)
        listed += view["items"]
        page = Page(2, view["next"])
        if page.after is None:
            break
    report = portfolio_report(shared_databases, Within((village.lso_id,)), (), as_of, known_at)["total"]
    total = next((row for row in report["par"] if row["days"] == late_over), None)
    assert len(listed) == (report["loans"] if total is None else total["loans"])
    amount = report["gross_portfolio"]["amount"] if total is None else total["numerator"]
    assert sum(parse_amount(loan["outstanding_principal"]) for loan in listed) == parse_amount(amount)
    overdue = sum(parse_amount(loan["overdue_principal"]) for loan in listed)
    if late_over is None or late_over == 0:
        assert overdue == parse_amount(report["arrears_rate"]["numerator"])


def test_each_row_of_a_cut_leads_to_the_loans_of_that_row_alone(databases: Databases) -> None:
    village = Village.founded(databases)
    for fund in ("CIF", "SHOP"):
        village.give(100_000_00, fund=fund)
    for member, product in ((1, "GOAT"), (2, "STALL"), (5, "GOAT"), (6, "GOAT")):
        village.lend(10_000_00, JANUARY, member, product)
    for by in ((Cut.VO, Cut.PRODUCT), (Cut.CO, Cut.FUND), (Cut.DISTRICT, Cut.VO)):
        rows = portfolio_report(databases, Within((village.lso_id,)), by, APRIL)["rows"]
        for row in rows:
            asked = dict(parse_qsl(row["par"][0]["loans_query"]))
            del asked["as_of"], asked["known_at"]
            wanted = LoanFilter(Status(asked.pop("status")), days_late_over=int(asked.pop("days_late_over")), **asked)
            assert len(loans_list(databases, village.lso_id, wanted, APRIL)["items"]) == row["loans"]
        assert sum(row["loans"] for row in rows) == 4
        assert len(rows) > 1


@A_FEW
@given(histories, days, st.data())
def test_the_fund_identity_holds_on_every_day_whatever_was_known(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    loans = stood(village, as_of, known_at)
    for fund in ("CIF", "SHOP"):
        report = fund_position_report(shared_databases, village.lso_id, fund, as_of, known_at)
        of_fund = [loan for loan in loans if loan.codes[Cut.FUND] == fund]
        assert report["identity"]["holds"]
        outstanding = sum(loan.standing.outstanding_minor for loan in of_fund)
        assert parse_amount(report["outstanding_principal"]) == outstanding
        credit = sum(loan.standing.credit_minor for loan in of_fund)
        assert parse_amount(report["borrower_credit_balances"]) == credit
        approved = sum(loan.standing.status is Status.APPROVED for loan in of_fund)
        assert parse_amount(report["available"]["committed"]) == approved * 12_000_00
    assert verify(shared_databases, village.lso_id) == []


def test_a_late_payment_changes_the_past_only_for_those_who_know_of_it(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    before = village.now
    village.repay(loan, 3_000_00, date(2021, 4, 1))
    scope = Within((village.lso_id,))
    known_then = portfolio_report(databases, scope, (), APRIL, before)["total"]
    known_now = portfolio_report(databases, scope, (), APRIL)["total"]
    assert known_then["gross_portfolio"]["amount"] == "10000.00"
    assert known_then["par"][0]["rate"] == "1.000000"
    assert known_then["arrears_rate"]["numerator"] == "3000.00"
    assert known_now["gross_portfolio"]["amount"] == "7000.00"
    assert known_now["par"][0]["numerator"] == "0.00"
    assert known_now["arrears_rate"]["rate"] == "0.000000"


def test_a_payment_after_the_day_does_not_touch_the_day(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    village.repay(loan, 10_000_00, date(2021, 5, 1))
    report = portfolio_report(databases, Within((village.lso_id,)), (), APRIL)["total"]
    assert report["gross_portfolio"]["amount"] == "10000.00"
    assert report["loans"] == 1


def test_a_portfolio_without_loans_has_no_rates(databases: Databases) -> None:
    village = Village.founded(databases)
    report = portfolio_report(databases, Within((village.lso_id,)), (Cut.CO,), APRIL)
    assert report["known_at"] is None
    assert report["rows"] == []
    assert report["total"]["gross_portfolio"]["amount"] == "0.00"
    assert [row["rate"] for row in report["total"]["par"]] == [None] * 7
    assert report["total"]["arrears_rate"]["rate"] is None


def test_a_network_is_the_sum_of_its_lsos_and_each_keeps_its_own(databases: Databases) -> None:
    villages = [Village.founded(databases) for _ in range(2)]
    for number, village in enumerate(villages, start=1):
        village.give(100_000_00)
        village.lend(number * 10_000_00, JANUARY)
    both = portfolio_report(databases, Within(), (Cut.LSO,), APRIL)
    assert both["total"]["gross_portfolio"]["amount"] == "30000.00"
    assert sorted(row["gross_portfolio"]["amount"] for row in both["rows"]) == ["10000.00", "20000.00"]
    assert [row["key"]["lso"] for row in both["rows"]] == sorted(row["key"]["lso"] for row in both["rows"])
    named = portfolio_report(databases, Within(tuple(village.lso_id for village in villages)), (Cut.LSO,), APRIL)
    assert named == both
    with databases.reading() as connection:
        lso = TABLES["lso"]
        of_rsp = connection.execute(sa.select(lso.c.rsp_id).where(lso.c.id == villages[0].lso_id)).scalar_one()
    for cut in (Cut.RSP, Cut.DISTRICT):
        alone = portfolio_report(databases, Within(rsp_id=of_rsp), (cut,), APRIL)
        assert alone["total"]["gross_portfolio"]["amount"] == "10000.00"
        assert [row["loans"] for row in alone["rows"]] == [1]
    assert portfolio_report(databases, Within(()), (), APRIL)["total"]["loans"] == 0


def test_two_cuts_within_an_lso_bring_its_code_along(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    village.lend(10_000_00, JANUARY, member=5)
    report = portfolio_report(databases, Within((village.lso_id,)), (Cut.VO, Cut.PRODUCT), APRIL)
    (row,) = report["rows"]
    assert list(row["key"]) == ["lso", "vo", "product"]
    assert (row["key"]["vo"], row["key"]["product"]) == ("V2", "GOAT")


@pytest.mark.parametrize("by", [(Cut.VO, Cut.CO, Cut.FUND), (Cut.VO, Cut.VO)])
def test_more_than_two_cuts_and_the_same_twice_are_refused(databases: Databases, by: tuple[Cut, ...]) -> None:
    with pytest.raises(TooManyCutsError):
        portfolio_report(databases, Within(), by, APRIL)


def test_what_is_approved_and_not_disbursed_cannot_be_lent_again(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    village.contribute(5_000_00, JANUARY)
    village.earn(1_000_00, JANUARY)
    village.spend(200_00, JANUARY)
    village.give_back(10_000_00, JANUARY)
    loan = village.apply(12_000_00, JANUARY)
    village.approve(loan, JANUARY, 11_000_00)
    report = fund_position_report(databases, village.lso_id, "CIF", APRIL)
    assert report["capital"] == {
        "definition": "capital",
        "tranches_received": "100000.00",
        "returned": "10000.00",
        "contributions": "5000.00",
        "amount": "95000.00",
    }
    assert report["available"] == {
        "definition": "available",
        "cash_and_bank": "95800.00",
        "committed": "11000.00",
        "reserve_floor": "0.00",
        "amount": "84800.00",
    }
    assert (report["income"], report["expense"]) == ("1000.00", "200.00")
    assert report["identity"] == {
        "capital_plus_income_less_expense": "95800.00",
        "money_plus_loans_less_liabilities": "95800.00",
        "holds": True,
    }
