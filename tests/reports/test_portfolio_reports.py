"""The portfolio as the database counts it, against the same portfolio counted loan by loan from the events."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import TooManyCutsError
from cif_engine.loans.standing import Status
from cif_engine.moments import to_micros
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.explaining import Inquiry, loans_behind_report
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.loan_reports import LoanFilter, loans_list
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.portfolio_views import portfolio_view
from cif_engine.operations.reporting import Page
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.cuts import WHOLE, Cut, Cutting
from cif_engine.portfolio.figures import ALL_FIGURES, Figure
from cif_engine.portfolio.subjects import Sought
from tests import strategies as whole_lives
from tests.books import a_book
from tests.laws.settings import some_histories
from tests.reports.counting import Held, Ledger, by_row, counted
from tests.reports.histories import Step, days, histories, tell
from tests.reports.village import Village

A_FEW = some_histories(12)
JANUARY, APRIL = date(2021, 1, 1), date(2021, 4, 30)
OPEN_LOANS = frozenset({Figure.PAR, Figure.AGEING, Figure.ARREARS, Figure.PEOPLE})

cuts = st.lists(st.sampled_from(list(Cut)), max_size=2, unique=True).map(tuple)
filters = st.sampled_from(
    [
        (),
        ((Cut.GENDER, ("female",)),),
        ((Cut.CYCLE, ("1", "3")),),
        ((Cut.TRANCHE, ("1", "-")), (Cut.CHANNEL, ("cash", "bank"))),
        ((Cut.PURPOSE, ("a goat",)), (Cut.FUND, ("CIF",))),
        ((Cut.FUNDER, ("EU", "another, Inc.")),),
        ((Cut.TEHSIL, ("-",)), (Cut.POVERTY_BAND, ("0-11", "none"))),
        ((Cut.PRODUCT, ("FREE", "PERCENT")),),
        ((Cut.VO, ("VO-1",)), (Cut.CO, ("CO-1",))),
        ((Cut.GENDER, ("male",)),),
    ]
)
cuttings = st.builds(Cutting, cuts, filters)


def bare(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return figures without the way to the loans behind them."""
    if isinstance(value, dict):
        return {name: bare(part) for name, part in value.items() if name not in ("loans_query", "key")}
    return [bare(part) for part in value] if isinstance(value, list) else value


def told(loans: list[Held], as_of: date, comparator: Comparator, allowance_minor: int | None) -> Any:  # noqa: ANN401 - as above
    """Return the figures of these loans, counted in Python alone."""
    return bare(portfolio_view(counted(loans, as_of, allowance_minor), ALL_FIGURES, comparator, ""))


def keys(report: Any) -> dict[tuple[str | None, ...], Any]:  # noqa: ANN401 - as above
    return {tuple(row["key"].values()): bare(row) for row in report["rows"]}


@some_histories(40)
@given(whole_lives.histories(), whole_lives.days, cuttings, st.sampled_from(["community", "sbp"]), st.data())
def test_the_database_counts_what_the_events_say(
    shared_databases: Databases,
    history: whole_lives.History,
    as_of: date,
    cutting: Cutting,
    rule_set: str,
    data: st.DataObject,
) -> None:
    book = a_book(shared_databases, products=whole_lives.PRODUCTS)
    whole_lives.tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    later = as_of + timedelta(days=data.draw(st.sampled_from([0, 30, 90, 400])))
    question = Question(Within((book.lso_id,)), cutting, known_at, rule_set)
    report = portfolio_report(shared_databases, question, later)

    ledger = Ledger(shared_databases, book.lso_id, known_at)
    comparator = Comparator(report["comparator"])
    rows = by_row(ledger.loans(), cutting)
    narrowed_by_loan = any(not cut.of_fund for cut, _ in cutting.only)
    allowance = None if narrowed_by_loan else ledger.allowance(later)
    whole = [loan for of_row in rows.values() for loan in of_row]
    assert bare(report["total"]) == told(whole, later, comparator, allowance)
    if cutting.by:
        of_row = allowance if all(cut.of_fund for cut in cutting.by) else None
        expected = {
            tuple(None if code is None else str(code) for code in key): told(loans, later, comparator, of_row)
            for key, loans in rows.items()
        }
        found = keys(report)
        assert found == {key: figures for key, figures in expected.items() if key in found}
        left_out = [figures for key, figures in expected.items() if key not in found]
        assert all(figures["loans"] == 0 for figures in left_out)
        assert all(figures["recovery_rate"]["denominator"] == "0.00" for figures in left_out)


@A_FEW
@given(histories, days, st.data())
def test_a_village_is_counted_by_its_organisations_funds_and_products(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    by = data.draw(st.sampled_from([(), (Cut.VO,), (Cut.CO, Cut.FUND), (Cut.PRODUCT, Cut.FUNDER), (Cut.TRANCHE,)]))
    cutting = Cutting(by)
    question = Question(Within((village.lso_id,)), cutting, known_at)
    report = portfolio_report(shared_databases, question, as_of, OPEN_LOANS)
    loans = [loan for loan in Ledger(shared_databases, village.lso_id, known_at).loans() if loan.position(as_of)]

    def figures(held: list[Held]) -> Any:  # noqa: ANN401 - any JSON value
        return bare(portfolio_view(counted(held, as_of, None), OPEN_LOANS, Comparator.MORE_THAN, ""))

    assert bare(report["total"]) == figures(loans)
    if by:
        assert keys(report) == {tuple(map(str, key)): figures(held) for key, held in by_row(loans, cutting).items()}


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
    report = portfolio_report(shared_databases, Question(Within((village.lso_id,)), WHOLE, known_at), as_of)["total"]
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
        rows = portfolio_report(databases, Question(Within((village.lso_id,)), Cutting(by)), APRIL)["rows"]
        for row in rows:
            behind = loans_behind_report(databases, inquiry(village, row["par"][0]["loans_query"]))
            assert len(behind["items"]) == row["par"][0]["loans"] == row["loans"]
        assert sum(row["loans"] for row in rows) == 4
        assert len(rows) > 1


def inquiry(village: Village, loans_query: str) -> Inquiry:
    """Return what the query of the loans behind a figure asks."""
    said = dict(parse_qsl(loans_query, strict_parsing=True))
    sought = Sought(said.pop("figure"), int(said.pop("days")))
    day, known_at = date.fromisoformat(said.pop("as_of")), to_micros(datetime.fromisoformat(said.pop("known_at")))
    only = tuple((Cut(cut), (value,)) for cut, value in said.items())
    return Inquiry(Question(Within((village.lso_id,)), Cutting(only=only), known_at), sought, day)


@A_FEW
@given(histories, days, st.data())
def test_the_fund_identity_holds_on_every_day_whatever_was_known(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    ledger = Ledger(shared_databases, village.lso_id, known_at)
    loans = [(loan, stood) for loan in ledger.loans() if (stood := loan.life.standing_on(as_of))]
    for fund in ("CIF", "SHOP"):
        report = fund_position_report(shared_databases, village.lso_id, fund, as_of, known_at)
        of_fund = [stood for loan, stood in loans if loan.codes[Cut.FUND] == fund]
        assert report["identity"]["holds"]
        outstanding = sum(stood.outstanding_minor for stood in of_fund)
        assert parse_amount(report["outstanding_principal"]) == outstanding
        credit = sum(stood.credit_minor for stood in of_fund)
        assert parse_amount(report["borrower_credit_balances"]) == credit
        approved = sum(stood.status is Status.APPROVED for stood in of_fund)
        assert parse_amount(report["available"]["committed"]) == approved * 12_000_00
    assert verify(shared_databases, village.lso_id) == []


def test_a_late_payment_changes_the_past_only_for_those_who_know_of_it(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    before = village.now
    village.repay(loan, 3_000_00, date(2021, 4, 1))
    scope = Within((village.lso_id,))
    known_then = portfolio_report(databases, Question(scope, known_at=before), APRIL)["total"]
    known_now = portfolio_report(databases, Question(scope), APRIL)["total"]
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
    report = portfolio_report(databases, Question(Within((village.lso_id,))), APRIL)["total"]
    assert report["gross_portfolio"]["amount"] == "10000.00"
    assert report["loans"] == 1


def test_a_portfolio_without_loans_has_no_rates(databases: Databases) -> None:
    village = Village.founded(databases)
    report = portfolio_report(databases, Question(Within((village.lso_id,)), Cutting((Cut.CO,))), APRIL)
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
    both = portfolio_report(databases, Question(Within(), Cutting((Cut.LSO,))), APRIL)
    assert both["total"]["gross_portfolio"]["amount"] == "30000.00"
    assert sorted(row["gross_portfolio"]["amount"] for row in both["rows"]) == ["10000.00", "20000.00"]
    assert [row["key"]["lso"] for row in both["rows"]] == sorted(row["key"]["lso"] for row in both["rows"])
    named = portfolio_report(
        databases, Question(Within(tuple(village.lso_id for village in villages)), Cutting((Cut.LSO,))), APRIL
    )
    assert named == both
    with databases.reading() as connection:
        lso = TABLES["lso"]
        of_rsp = connection.execute(sa.select(lso.c.rsp_id).where(lso.c.id == villages[0].lso_id)).scalar_one()
    for cut in (Cut.RSP, Cut.DISTRICT):
        alone = portfolio_report(databases, Question(Within(rsp_id=of_rsp), Cutting((cut,))), APRIL)
        assert alone["total"]["gross_portfolio"]["amount"] == "10000.00"
        assert [row["loans"] for row in alone["rows"]] == [1]
    assert portfolio_report(databases, Question(Within(())), APRIL)["total"]["loans"] == 0


def test_two_cuts_within_an_lso_bring_its_code_along(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    village.lend(10_000_00, JANUARY, member=5)
    report = portfolio_report(databases, Question(Within((village.lso_id,)), Cutting((Cut.VO, Cut.PRODUCT))), APRIL)
    (row,) = report["rows"]
    assert list(row["key"]) == ["lso", "vo", "product"]
    assert (row["key"]["vo"], row["key"]["product"]) == ("V2", "GOAT")


@pytest.mark.parametrize("by", [(Cut.VO, Cut.CO, Cut.FUND), (Cut.VO, Cut.VO)])
def test_more_than_two_cuts_and_the_same_twice_are_refused(by: tuple[Cut, ...]) -> None:
    with pytest.raises(TooManyCutsError):
        Cutting(by)


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
