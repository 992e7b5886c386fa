"""From a figure to its loans, from a loan to its facts, and from what was reported to what is known, over HTTP."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.api.world import AUDITOR, FINANCE, MANAGER, OTHER, OTHER_RSP, World

PORTFOLIO = "/v1/lsos/DAS/portfolio"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_RISK = "figure=par_n&days=30&as_of=2021-08-31"


@pytest.fixture(scope="module")
def loans(world: World) -> list[str]:
    """Three loans of 1 June, of which one was paid up to August; no other of the module is lent before October."""
    return lend_three(world)


def lend_three(world: World) -> list[str]:
    lent = [world.lends(amount) for amount in ("12000.00", "6000.00", "2400.00")]
    for day in ("2021-07-01", "2021-08-01"):
        world.records("/repayments", {"loan": lent[0], "amount": "1000.00", "effective_on": day})
    return lent


def pages(world: World, path: str) -> Iterator[dict[str, Any]]:
    """Give what is on all pages of a list, one item to each."""
    after = ""
    while True:
        page = world.reads(f"{path}&limit=1{after}")
        yield from page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_pages_of_a_figure_have_its_loans_and_sum_to_it(world: World, loans: list[str]) -> None:
    par = world.reads(f"{PORTFOLIO}?as_of=2021-08-31")["total"]["par"]
    (told,) = (figure for figure in par if figure["days"] == 30)
    listed = list(pages(world, f"{PORTFOLIO}/loans?{AT_RISK}"))
    assert [loan["loan"] for loan in listed] == loans[1:]
    assert sum(Decimal(loan["numerator"]) for loan in listed) == Decimal(told["numerator"])
    assert {(loan["days_late"], loan["band"], loan["status"]) for loan in listed} == {(61, "61-90", "open")}
    below = list(pages(world, f"{PORTFOLIO}/loans?{AT_RISK}&side=denominator"))
    assert [loan["loan"] for loan in below] == loans
    assert sum(Decimal(loan["denominator"]) for loan in below) == Decimal(told["denominator"])


def queries(told: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Give the query of each figure's loans, with what they sum to; those of a cover are what it covers."""
    if isinstance(told, dict):
        if "loans_query" in told:
            of_loans = "denominator" if told.get("definition") == "risk_coverage" else "numerator"
            yield told["loans_query"], str(told.get(of_loans, told.get("amount")))
        for inner in told.values():
            yield from queries(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from queries(inner)


@pytest.mark.parametrize("path", ["?by=vo,gender&", "/maturity?by=tranche&", "/provisioning?rule_set=sbp&"])
def test_every_figure_says_how_to_ask_for_its_loans(world: World, loans: list[str], path: str) -> None:
    assert loans
    asked = list(queries(world.reads(f"{PORTFOLIO}{path}as_of=2021-08-31")))
    assert len(asked) > 4
    for query, amount in asked:
        listed = world.reads(f"{PORTFOLIO}/loans?{query}&limit=200")["items"]
        side = "denominator" if "side=denominator" in query else "numerator"
        assert sum(Decimal(loan[side]) for loan in listed) == Decimal(amount), query


@pytest.mark.parametrize(("address", "by"), [("/v1/portfolio", AUDITOR), ("/v1/rsps/SRSO/portfolio", FINANCE)])
def test_the_same_loans_are_behind_the_figure_of_all_and_of_the_rsp(
    world: World, loans: list[str], address: str, by: str
) -> None:
    listed = world.reads(f"{address}/loans?{AT_RISK}&vo=VO-1&gender=female", by=by)
    assert [loan["loan"] for loan in listed["items"]] == loans[1:]
    assert listed["only"] == {"vo": ["VO-1"], "gender": ["female"]}


def test_other_tenants_see_nothing_of_it(world: World, loans: list[str]) -> None:
    assert loans
    assert world.reads(f"/v1/portfolio/loans?{AT_RISK}", by=OTHER)["items"] == []
    assert world.reads(f"/v1/portfolio/loans?{AT_RISK}", by=OTHER_RSP)["items"] == []
    assert world.call("GET", f"{PORTFOLIO}/loans?{AT_RISK}", by=OTHER).status_code == 404


@pytest.mark.parametrize("how", ["&format=csv", ""], ids=["by parameter", "by header"])
def test_the_loans_are_sent_as_csv_with_exact_amounts(world: World, loans: list[str], how: str) -> None:
    headers = {} if how else {"Accept": "application/json;q=0.1, text/csv"}
    sent = world.call("GET", f"{PORTFOLIO}/loans?{AT_RISK}{how}", headers=headers)
    assert sent.headers["content-type"] == "text/csv; charset=utf-8"
    assert sent.headers["content-disposition"] == 'attachment; filename="loans-par-n-2021-08-31.csv"'
    rows = rows_of(sent.text)
    assert [(row["loan"], row["numerator"]) for row in rows] == [(loans[1], "6000.00"), (loans[2], "2400.00")]
    assert rows[0]["oldest_unpaid_due_on"] == "2021-07-01"


def test_the_loans_are_sent_as_a_workbook_with_its_definition(world: World, loans: list[str]) -> None:
    sent = world.call("GET", f"{PORTFOLIO}/loans?{AT_RISK}&format=xlsx")
    assert sent.headers["content-type"] == XLSX
    book = load_workbook(io.BytesIO(sent.content))
    assert book.sheetnames == ["About", "Loans", "Definitions"]
    cells = [[cell.value for cell in row] for row in book["Loans"].iter_rows()]
    assert {loans[1], loans[2]} <= {cell for row in cells for cell in row}
    assert any("DAS" in str(cell.value) for row in book["About"].iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("figure=turns", "figure"),
        ("figure=par_n", "days"),
        ("figure=ageing&part=40-50", "part"),
        ("figure=gross_portfolio&days=3", "days"),
        ("figure=gross_portfolio&from=2021-01-01", "from"),
        ("figure=cleanup&as_of=2021-08-31", "as_of"),
        ("figure=gross_portfolio&by=vo", "by"),
        ("figure=gross_portfolio&side=denominator", "side"),
        ("figure=vintage&days=30&cohort=2021-06&part=early", "part"),
        ("figure=maturity&part=2021-13", "part"),
        ("figure=migration&came_from=new&went_to=nowhere", "went_to"),
    ],
)
def test_a_figure_is_asked_for_with_what_it_needs_and_nothing_else(world: World, query: str, name: str) -> None:
    refused = world.call("GET", f"{PORTFOLIO}/loans?{query}")
    assert refused.status_code == 422
    assert {error["parameter"] for error in refused.json()["errors"]} == {name}, refused.text


def test_late_receipts_are_told_act_by_act_with_how_late_they_came(world_of_its_own: World) -> None:
    """On 31 August the third loan is 61 days late; receipts of 5 July and 3 August turn up on 2 November.

    | receipt of | leaves it late by | PAR 30 of 8,400 | gross portfolio of 18,400 | came after |
    |------------|-------------------|-----------------|---------------------------|------------|
    | 3 August   | 30 days           |          -2,400 |                      -200 |    91 days |
    | 5 July     | 0 days            |               0 |                      -200 |   120 days |
    """
    world = world_of_its_own
    loans = lend_three(world)
    reported_at = world.reads(PORTFOLIO)["known_at"]
    world.clock.wait(minutes=1)
    for day in ("2021-08-03", "2021-07-05"):
        world.records("/repayments", {"loan": loans[2], "amount": "200.00", "effective_on": day})
    asked = f"{AT_RISK}&reported_at={reported_at}"
    told = world.reads(f"{PORTFOLIO}/restatement?{asked}")
    assert (told["reported"]["numerator"], told["reported"]["denominator"]) == ("8400.00", "18400.00")
    assert (told["known"]["numerator"], told["known"]["denominator"]) == ("6000.00", "18000.00")
    line = {"cause": "repayments", "acts": 2, "loans": 1, "numerator": "-2400.00", "denominator": "-400.00"}
    assert told["causes"] == [line]

    acts = list(pages(world, f"{PORTFOLIO}/restatement/acts?{asked}"))
    assert [(act["effective_on"], act["days_to_record"], act["numerator"]) for act in acts] == [
        ("2021-08-03", 91, "-2400.00"),
        ("2021-07-05", 120, "0.00"),
    ]
    assert all(act["loan"] == loans[2] and act["denominator"] == "-200.00" for act in acts)

    lines = rows_of(world.call("GET", f"{PORTFOLIO}/restatement?{asked}&format=csv").text)
    assert [(row["line"], row["numerator"]) for row in lines] == [
        ("as reported", "8400.00"),
        ("repayments", "-2400.00"),
        ("as known", "6000.00"),
    ]
    assert len(rows_of(world.call("GET", f"{PORTFOLIO}/restatement/acts?{asked}&format=csv").text)) == 2
    book = load_workbook(io.BytesIO(world.call("GET", f"{PORTFOLIO}/restatement?{asked}&format=xlsx").content))
    assert book.sheetnames == ["About", "Bridge", "Acts", "Definitions"]


def test_what_was_reported_comes_before_what_is_known(world: World) -> None:
    asked = "figure=gross_portfolio&reported_at=2021-08-02T00:00:00Z&known_at=2021-08-01T00:00:00Z"
    refused = world.call("GET", f"{PORTFOLIO}/restatement?{asked}")
    assert (refused.status_code, refused.json()["code"]) == (422, "moments_reversed")


def test_the_facts_of_a_loan_are_told_in_both_orders_with_their_postings(world: World) -> None:
    loan = world.lends("1200.00", on="2021-10-01")
    world.clock.wait(minutes=1)
    late = world.records("/repayments", {"loan": loan, "amount": "100.00", "effective_on": "2021-11-02"})
    early = world.records("/repayments", {"loan": loan, "amount": "300.00", "effective_on": "2021-11-01"})
    wrong = f"/v1/lsos/DAS/events/{late['event']['id']}/reversal"
    reversed_by = world.call("POST", wrong, {"reason": "typed twice"}, by=MANAGER)
    assert reversed_by.status_code == 201, reversed_by.text

    facts = f"/v1/lsos/DAS/loans/{loan}/facts"
    recorded = list(pages(world, f"{facts}?order=recorded"))
    happened = list(pages(world, f"{facts}?order=happened"))
    assert [fact["seq"] for fact in recorded] == sorted(fact["seq"] for fact in recorded)
    assert [fact["effective_on"] for fact in happened] == sorted(fact["effective_on"] for fact in happened)
    assert sorted(happened, key=lambda fact: fact["seq"]) == recorded

    told = {fact["event"]: fact for fact in recorded}
    assert told[early["event"]["id"]]["said"]["amount"] == "300.00"
    assert told[early["event"]["id"]]["balance"]["principal"] == "900.00"
    assert told[early["event"]["id"]]["postings"] == [
        {"effective_on": "2021-11-01", "debit": "CIF.1010", "credit": "CIF.1100", "amount": "300.00"}
    ]
    gone = told[late["event"]["id"]]
    assert (gone["holds"], gone["reversed_by"], gone["balance"]) == (False, reversed_by.json()["event"]["id"], None)

    before = world.reads(f"{facts}?known_at={late['event']['recorded_at']}")["items"]
    assert before[-1]["event"] == late["event"]["id"]
    assert before[-1]["holds"]


def test_the_facts_of_a_loan_are_sent_as_a_file_with_a_row_for_each_posting(world: World) -> None:
    loan = world.lends("1200.00", on="2021-10-01")
    facts = f"/v1/lsos/DAS/loans/{loan}/facts"
    rows = rows_of(world.call("GET", f"{facts}?format=csv").text)
    assert [(row["kind"], row["debit"], row["amount"], row["status"]) for row in rows] == [
        ("loan_applied", "", "", "applied"),
        ("loan_decided", "", "", "approved"),
        ("loan_disbursed", "CIF.1100", "1200.00", "open"),
    ]
    sent = world.call("GET", facts, headers={"Accept": XLSX})
    assert load_workbook(io.BytesIO(sent.content)).sheetnames == ["About", "Facts"]


@pytest.mark.parametrize("after", ["WzFd", "WyJhIl0", "IkEi"], ids=["no such fact", "no number", "a text"])
def test_a_cursor_that_was_not_given_is_refused(world: World, loans: list[str], after: str) -> None:
    asked = f"figure=par_n&days=30&reported_at=2021-08-02T00:00:00Z&after={after}"
    for path in (
        f"/v1/lsos/DAS/loans/{loans[0]}/facts?after={after}",
        f"{PORTFOLIO}/loans?{AT_RISK}&after={after}",
        f"{PORTFOLIO}/restatement/acts?{asked}",
    ):
        refused = world.call("GET", path)
        assert (refused.status_code, refused.json()["code"]) == (422, "cursor_malformed"), path


def test_a_file_of_a_loan_that_is_not_there_is_a_problem_and_no_file(world: World) -> None:
    refused = world.call("GET", "/v1/lsos/DAS/loans/NONE-1/facts?format=csv")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
