"""Where the rupees of a tranche are, over HTTP."""

import csv
import io
from typing import Any

import pytest

from api.models.turns import TurnsReport
from tests.api.world import ACCOUNTANT, AUDITOR, FINANCE, OTHER, World

OF_FUND = "/v1/lsos/DAS/funds/CIF"
REPAYMENT = {"amount": "3000.00", "effective_on": "2021-07-01"}


@pytest.fixture(scope="module")
def loan(world: World) -> str:
    """A loan of 12,000 of 1 June 2021, of which 3,000 came back on 1 July."""
    number = world.lends()
    world.records("/repayments", {"loan": number, **REPAYMENT})
    return number


def test_lots_sum_to_the_cash_and_the_loans(world: World, loan: str) -> None:
    lots = world.reads(f"{OF_FUND}/lots")
    assert (lots["amount"], lots["cash"], lots["outstanding_principal"]) == ("500000.00", "491000.00", "9000.00")
    assert lots["holds"] is True
    (tranche,) = lots["sources"]
    assert _amounts(tranche, "entered", "in_cash", "in_loans", "returned") == (500_000, 491_000, 9_000, 0)
    assert [turn["turn"] for turn in tranche["turns"]] == [1, 2]
    first, second = tranche["turns"]
    assert _amounts(first, "disbursed", "repaid", "in_loans", "in_cash") == (12_000, 3_000, 9_000, 488_000)
    assert _amounts(second, "disbursed", "in_cash") == (0, 3_000)
    assert (first["loans"], first["households"], second["households"]) == (1, 1, 0)
    assert loan


def test_a_turn_says_how_long_its_money_waited(world: World, loan: str) -> None:
    (tranche,) = world.reads(f"{OF_FUND}/lots?as_of=2021-07-11")["sources"]
    first, second = (turn["idle"] for turn in tranche["turns"])
    # 12,000 waited from 20 January 2020 to 1 June 2021, 498 days; 488,000 until 11 July, 538 days.
    assert first["numerator"] == f"{12_000 * 498 + 488_000 * 538}.00"
    assert (first["denominator"], first["days"]) == ("500000.00", "537.0")
    assert (second["numerator"], second["days"]) == ("30000.00", "10.0")
    assert loan


def test_a_loan_says_which_tranche_and_turn_it_was_made_of(world: World, loan: str) -> None:
    lineage = world.reads(f"/v1/lsos/DAS/loans/{loan}/lineage")
    (made_of,) = lineage["made_of"]
    assert (made_of["source"], made_of["number"], made_of["turn"]) == ("tranche", 1, 1)
    assert _amounts(made_of, "amount", "repaid", "in_loans", "taken_over") == (12_000, 3_000, 9_000, 0)
    assert [(one["from"], one["to"], one["ending"]) for one in lineage["rupees"]] == [
        ("0.00", "3000.00", "repaid"),
        ("3000.00", "12000.00", None),
    ]


def test_rupees_tell_the_way_they_went(world: World, loan: str) -> None:
    told = world.reads(f"{OF_FUND}/tranches/1/rupees?rupees_from=2999.50&rupees_to=12500.00")
    assert [(item["from"], item["to"]) for item in told["items"]] == [
        ("2999.50", "3000.00"),
        ("3000.00", "12000.00"),
        ("12000.00", "12500.00"),
    ]
    back, out, never = ([_stay(stay) for stay in item["stays"]] for item in told["items"])
    assert back == [
        ("cash", None, 1, "2020-01-20", "2021-06-01", "lent"),
        ("loan", loan, 1, "2021-06-01", "2021-07-01", "repaid"),
        ("cash", None, 2, "2021-07-01", None, None),
    ]
    assert out[-1] == ("loan", loan, 1, "2021-06-01", None, None)
    assert never == [("cash", None, 1, "2020-01-20", None, None)]


def test_the_ways_of_rupees_are_read_page_by_page(world: World, loan: str) -> None:
    address, read = f"{OF_FUND}/tranches/1/rupees?limit=1", []
    page = world.reads(address)
    while page["next"]:
        read += page["items"]
        page = world.reads(f"{address}&rupees_from={page['next']}")
    assert [item["to"] for item in (*read, *page["items"])] == ["3000.00", "12000.00", "500000.00"]
    assert loan


def test_lots_are_those_of_the_day_as_known_at_the_moment(world: World) -> None:
    loan = world.lends_with_charge("6000.00", on="2021-05-01")
    of_fund = "/v1/lsos/DAS/funds/ENT/lots"
    before = world.reads(of_fund)
    world.records("/repayments", {"loan": loan, "amount": "1120.00", "effective_on": "2021-06-20"})
    after = world.reads(of_fund)
    # 1,000 of principal is cash of the second turn, 120 of charge is surplus.
    assert (before["outstanding_principal"], after["outstanding_principal"]) == ("6000.00", "5000.00")
    assert [(source["source"], source["in_cash"]) for source in after["sources"]] == [
        ("contributions", "195000.00"),
        ("surplus", "120.00"),
    ]
    assert world.reads(f"{of_fund}?known_at={before['known_at']}&as_of={before['as_of']}") == before
    assert world.reads(f"{of_fund}?as_of=2021-04-30")["outstanding_principal"] == "0.00"


def test_a_fund_without_money_has_no_lots(world: World) -> None:
    lots = world.reads(f"{OF_FUND}/lots?as_of=2020-01-01")
    assert (lots["amount"], lots["sources"], lots["turns"], lots["holds"]) == ("0.00", [], [], True)


@pytest.mark.parametrize(
    ("path", "by", "status"),
    [
        pytest.param("/v1/lsos/DAS/funds/NONE/lots", ACCOUNTANT, 404, id="no such fund"),
        pytest.param("/v1/lsos/DAS/funds/CIF/lots", OTHER, 404, id="another LSO"),
        pytest.param("/v1/lsos/DAS/funds/CIF/tranches/2/rupees", ACCOUNTANT, 404, id="no such tranche"),
        pytest.param("/v1/lsos/DAS/loans/NONE/lineage", ACCOUNTANT, 404, id="no such loan"),
        pytest.param("/v1/lsos/DAS/funds/CIF/tranches/1/rupees?rupees_from=1.234", ACCOUNTANT, 422, id="half a paisa"),
        pytest.param(
            "/v1/lsos/DAS/funds/CIF/tranches/1/rupees?rupees_from=5&rupees_to=1", ACCOUNTANT, 422, id="backwards"
        ),
    ],
)
def test_what_is_not_there_is_refused(world: World, path: str, by: str, status: int) -> None:
    assert world.call("GET", path, by=by).status_code == status


def _amounts(told: dict[str, Any], *names: str) -> tuple[float, ...]:
    return tuple(float(told[name]) for name in names)


def _stay(stay: dict[str, Any]) -> tuple[object, ...]:
    return tuple(stay[name] for name in ("place", "loan", "turn", "since", "until", "ending"))


# Many funds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "by"),
    [("/v1/portfolio", AUDITOR), ("/v1/rsps/SRSO/portfolio", FINANCE), ("/v1/lsos/DAS/portfolio", ACCOUNTANT)],
)
def test_the_turns_of_all_funds_are_told_by_funder_at_three_addresses(
    world: World, loan: str, address: str, by: str
) -> None:
    told = world.reads(f"{address}/lots?as_of=2021-07-11&fund=CIF", by=by)
    TurnsReport.model_validate(told)
    assert (told["by"], told["total"]["funds"], told["total"]["lsos"]) == (["funder"], 1, 1)
    (row,) = told["rows"]
    alone = world.reads(f"{OF_FUND}/lots?as_of=2021-07-11")
    (tranche,) = alone["sources"]
    assert row["sources"] == [{name: said for name, said in tranche.items() if name != "number"}]
    assert (row["amount"], row["turns"]) == (alone["amount"], alone["turns"])
    assert loan


def test_the_turns_of_all_funds_are_a_sheet_too(world: World, loan: str) -> None:
    path = "/v1/rsps/SRSO/portfolio/lots?as_of=2021-07-11&by=fund&fund=CIF&format=csv"
    sent = world.call("GET", path, by=FINANCE)
    assert sent.headers["content-disposition"] == 'attachment; filename="turns-SRSO-2021-07-11.csv"'
    rows = list(csv.DictReader(io.StringIO(sent.text)))
    assert [(row["fund"], row["source"], row["turn"], row["disbursed"]) for row in rows] == [
        ("CIF", "tranche", "1", "12000.00"),
        ("CIF", "tranche", "2", "0.00"),
    ]
    assert loan


def test_turns_are_not_cut_by_what_is_of_loans(world: World) -> None:
    refused = world.call("GET", "/v1/portfolio/lots?by=gender", by=AUDITOR)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_not_cut")
