"""The forecast of a fund over HTTP: who may ask, what may be asked, and what is refused."""

from typing import Any

import pytest

from api.models.forecasting import FundForecast
from cif_engine.operations.keys import Scope
from tests.api.world import ACCOUNTANT, AUDITOR, FINANCE, OTHER, OTHER_RSP, World, add_key

CIF, ENT = "/v1/lsos/DAS/funds/CIF/forecast", "/v1/lsos/DAS/funds/ENT/forecast"
NARROW = "records repayments"


@pytest.fixture(scope="module", autouse=True)
def _lent(world: World) -> None:
    """12,000 of the fund CIF on 1 June 2021, nothing of it repaid; 6,000 of ENT on 1 May with 720 of charge."""
    world.lends()
    world.lends_with_charge()
    add_key(world.databases, NARROW, frozenset({Scope.REPAYMENTS_WRITE}), lso="DAS")


def values(told: dict[str, Any]) -> dict[str, str | None]:
    return {item["name"]: item["value"] for item in told["assumptions"]}


def sources(told: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["source"] for item in told["assumptions"]}


def test_a_forecast_is_told_with_all_that_it_rests_on(world: World) -> None:
    told = world.reads(CIF)
    FundForecast.model_validate(told)
    assert (told["as_of"], told["currency"], len(told["months"])) == ("2021-11-02", "PKR", 12)
    assert (told["months"][0]["from"], told["months"][0]["to"]) == ("2021-11-03", "2021-11-30")
    assert told["months"][11]["month"] == "2022-10"
    assert set(sources(told)) == {
        *("collection_rate", "cleanup_rate", "loan_amount", "term_months", "loans_per_month"),
        *("monthly_expenses", "capital", "idle_above", "left_out"),
    }
    assert world.reads(CIF, by=AUDITOR) == world.reads(CIF, by=FINANCE) == told


def test_every_assumption_but_what_is_left_out_can_be_given_by_its_name(world: World) -> None:
    given = {
        "collection_rate": "0.9",
        "cleanup_rate": "0.25",
        "loan_amount": "15000.00",
        "term_months": "6",
        "loans_per_month": "2",
        "monthly_expenses": "0",
        "capital": "1000000",
        "idle_above": "0.8",
    }
    query = "&".join(f"{name}={value}" for name, value in given.items())
    told = world.reads(f"{CIF}?{query}&capital_month=2&months=3&history_months=24")
    FundForecast.model_validate(told)
    assert sources(told) == dict.fromkeys(given, "given") | {"left_out": "assumed"}
    assert values(told) == {
        "collection_rate": "0.900000",
        "cleanup_rate": "0.250000",
        "loan_amount": "15000.00",
        "term_months": "6",
        "loans_per_month": "2",
        "monthly_expenses": "0.00",
        "capital": "1000000.00",
        "idle_above": "0.800000",
        "left_out": None,
    }
    assert [month["loans"] for month in told["months"]] == [2, 2, 2]
    assert [month["cash"]["capital"] for month in told["months"]] == ["0.00", "1000000.00", "0.00"]
    assert told["collection_history"]["from"] == "2019-11"


def test_each_fund_has_its_own_dues_and_charge_is_among_them(world: World) -> None:
    """On 30 April 2021 nothing was lent; on 31 May 6,720 are due in six parts of 1,120."""
    before, after = (world.reads(f"{ENT}?as_of={day}&months=8") for day in ("2021-04-30", "2021-05-31"))
    assert before["totals"]["falling_due"] == "0.00"
    falling_due = [month["loans_made"]["falling_due"] for month in after["months"]]
    assert falling_due == ["1120.00"] * 6 + ["0.00"] * 2
    assert after["opening"]["outstanding_principal"] == "6000.00"
    assert world.reads(f"{CIF}?as_of=2021-05-31")["totals"]["falling_due"] == "0.00"


def test_a_forecast_of_the_past_is_made_of_what_was_known(world: World) -> None:
    """Before the first fact nothing was known; at the moment that a forecast names it is the same again."""
    nothing = world.reads(f"{CIF}?known_at=2019-01-01T00:00:00Z")
    assert (nothing["known_at"], nothing["opening"]["cash"]) == (None, "0.00")
    told = world.reads(CIF)
    assert world.reads(f"{CIF}?known_at={told['known_at']}") == told


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        pytest.param("months=0", "months", "number_out_of_range", id="no months"),
        pytest.param("months=61", "months", "number_out_of_range", id="too many months"),
        pytest.param("history_months=0", "history_months", "number_out_of_range", id="no history"),
        pytest.param("loan_amount=0", "loan_amount", "amount_zero", id="loans of nothing"),
        pytest.param("loan_amount=1.005", "loan_amount", "amount_too_precise", id="a loan of half a paisa"),
        pytest.param("monthly_expenses=-1", "monthly_expenses", "amount_negative", id="expenses below zero"),
        pytest.param("monthly_expenses=x", "monthly_expenses", "amount_unreadable", id="no amount"),
        pytest.param("collection_rate=1.1", "collection_rate", "rate_unreadable", id="more than all"),
        pytest.param("cleanup_rate=-0.1", "cleanup_rate", "rate_unreadable", id="less than nothing"),
        pytest.param("loans_per_month=-1", "loans_per_month", "number_out_of_range", id="fewer than no loans"),
        pytest.param("term_months=0", "term_months", "number_out_of_range", id="no term"),
        pytest.param("capital_month=0", "capital_month", "number_out_of_range", id="capital before the day"),
        pytest.param("capital=100&capital_month=13", "capital_month", "number_out_of_range", id="capital after"),
        pytest.param("idle_above=50%25", "idle_above", "rate_unreadable", id="per cent"),
        pytest.param("loan=5", "loan", "parameter_unknown", id="unknown"),
        pytest.param("as_of=2021-13-01", "as_of", "date_unreadable", id="no day"),
    ],
)
def test_what_cannot_be_asked_is_refused(world: World, query: str, name: str, code: str) -> None:
    refused = world.call("GET", f"{CIF}?{query}")
    assert refused.status_code == 422, refused.text
    assert [(error["parameter"], error["code"]) for error in refused.json()["errors"]] == [(name, code)]


@pytest.mark.parametrize(
    ("path", "by", "status"),
    [
        pytest.param("/v1/lsos/DAS/funds/NONE/forecast", ACCOUNTANT, 404, id="no such fund"),
        pytest.param(CIF, OTHER, 404, id="another LSO"),
        pytest.param(CIF, OTHER_RSP, 404, id="another RSP"),
        pytest.param(CIF, NARROW, 403, id="no scope"),
        pytest.param(CIF, None, 401, id="no key"),
    ],
)
def test_only_who_may_read_the_portfolio_is_answered(world: World, path: str, by: str | None, status: int) -> None:
    assert world.call("GET", path, by=by).status_code == status
