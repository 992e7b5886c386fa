"""The figures of funds and their health over HTTP, with worked numbers; and the rules of health."""

import csv
import io
from copy import deepcopy
from typing import Any

import pytest

from api.models.fund_figures import FundFiguresShown, FundSeries, PortfolioFunds
from api.models.health import HealthRuleSaid, HealthRuleShown, HealthShown
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, OTHER, World

FUND = "/v1/lsos/DAS/funds/CIF"
SAID = {**HealthRuleSaid.example, "code": "refused", "number": 1, "effective_from": "2021-07-01"}


@pytest.fixture(scope="module")
def lending(world: World) -> World:
    """12,000 was lent on 1 June 2021 and 1,000 repaid on 1 July, by a custodian; 820 households are eligible."""
    loan = world.lends()
    repaid = {"loan": loan, "amount": "1000.00", "effective_on": "2021-07-01", "receipt_no": "R-1", "custodian": 1}
    world.records("/repayments", repaid)
    say_eligible(world, 820, effective_on="2021-06-01")
    return world


def say_eligible(world: World, households: int, **more: str) -> None:
    version = world.call("GET", "/v1/lsos/DAS", by=EVERYTHING).json()["version"]
    said, known = {"households_eligible": households, **more}, {"If-Match": f'"{version}"'}
    changed = world.call("PATCH", "/v1/lsos/DAS", said, by=EVERYTHING, headers=known)
    assert changed.status_code == 200, changed.text


def rates(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figure["rate"] for name, figure in figures.items() if isinstance(figure, dict) and "rate" in figure}


def without_ways(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures without the queries of the loans behind them, which depend on the address."""
    return {
        name: {part: said for part, said in figure.items() if part != "loans_query"}
        for name, figure in figures.items()
        if isinstance(figure, dict)
    }


# Figures -------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_fund_on_a_day(lending: World) -> None:
    """500,000 since 20 January 2020; 488,000 lay in cash since 1 June 2021, 489,000 since 1 July.

    Of the 31 days of July all had 489,000 in cash; the fund was worth 500,000 throughout.
    """
    found = lending.reads(f"{FUND}/figures?as_of=2021-07-31&from=2021-07-01")
    FundFiguresShown.model_validate(found)
    assert found["capital"] == {"definition": "capital", "amount": "500000.00"}
    assert (found["fund_value"]["cash"], found["fund_value"]["amount"]) == ("489000.00", "500000.00")
    assert rates(found) == {
        "capital_index": "1.000000",
        "utilisation": "0.022000",
        "turns": "0.024000",
        "velocity": "0.024000",
        "idle": "0.978000",
        "reach": "0.001220",
    }
    assert found["available"] == lending.reads(f"{FUND}/position?as_of=2021-07-31")["available"]
    assert found["available"]["cash_and_bank"] == "488000.00", "the custodian has the rest"
    assert (found["idle"]["from"], found["idle"]["days"], found["idle"]["averaged_over"]) == ("2021-07-01", 31, 2)
    assert (found["velocity"]["from"], found["velocity"]["averaged_over"]) == ("2020-08-01", 13)
    assert (found["reach"]["numerator"], found["reach"]["denominator"]) == (1, 820)


def test_the_loans_behind_the_figures_are_found(lending: World) -> None:
    found = lending.reads(f"{FUND}/figures?as_of=2021-07-31")
    for figure, amount in (("fund_value", "11000.00"), ("velocity", "12000.00")):
        behind = lending.reads(f"/v1/lsos/DAS/portfolio/loans?{found[figure]['loans_query']}")
        assert [loan["numerator"] for loan in behind["items"]] == [amount], behind


def test_how_many_are_eligible_is_kept_with_its_past(lending: World) -> None:
    found = lending.reads(f"{FUND}/figures?as_of=2021-07-31")
    reach = {
        day: lending.reads(f"{FUND}/figures?as_of={day}")["reach"]["denominator"]
        for day in ("2021-05-31", "2021-06-01", "2021-10-31")
    }
    assert reach == {"2021-05-31": None, "2021-06-01": 820, "2021-10-31": 820}
    say_eligible(lending, 500)
    assert lending.reads(f"{FUND}/figures")["reach"]["denominator"] == 500
    assert lending.reads(f"{FUND}/figures?as_of=2021-07-31")["reach"]["denominator"] == 820
    assert lending.reads(f"{FUND}/figures?as_of=2021-07-31&known_at={found['known_at']}") == found


def test_a_series_has_a_point_for_each_month_and_the_last_day(lending: World) -> None:
    series = lending.reads(f"{FUND}/figures/series?from=2021-05-15&to=2021-07-31")
    FundSeries.model_validate(series)
    assert [point["as_of"] for point in series["points"]] == ["2021-05-31", "2021-06-30", "2021-07-31"]
    assert [point["utilisation"]["rate"] for point in series["points"]] == ["0.000000", "0.024000", "0.022000"]
    of_day = lending.reads(f"{FUND}/figures?as_of=2021-06-30")
    assert series["points"][1].items() <= of_day.items()
    assert len(lending.reads(f"{FUND}/figures/series")["points"]) == 13, "month-ends, and today"
    refused = lending.call("GET", f"{FUND}/figures/series?from=2021-08-01&to=2021-07-31")
    assert (refused.status_code, refused.json()["code"]) == (422, "period_reversed")


def test_all_funds_as_one_and_by_row(lending: World) -> None:
    found = lending.reads("/v1/rsps/SRSO/portfolio/funds?as_of=2021-07-31&by=fund", by=FINANCE)
    PortfolioFunds.model_validate(found)
    total, (cif, ent) = found["total"], found["rows"]
    assert (total["funds"], total["lsos"], total["capital"]["amount"]) == (2, 1, "700000.00")
    assert (cif["key"], ent["key"]) == ({"lso": "DAS", "fund": "CIF"}, {"lso": "DAS", "fund": "ENT"})
    assert total["turns"]["rate"] == "0.017143"
    assert (cif["reach"]["numerator"], ent["reach"]["numerator"], total["reach"]["numerator"]) == (1, 0, 1)
    assert total["reach"]["denominator"] == cif["reach"]["denominator"] == 820
    alone = lending.reads(f"{FUND}/figures?as_of=2021-07-31")
    assert all(cif[name]["rate"] == rate for name, rate in rates(alone).items())
    behind = lending.reads(f"/v1/rsps/SRSO/portfolio/loans?{cif['velocity']['loans_query']}", by=FINANCE)
    assert [loan["numerator"] for loan in behind["items"]] == ["12000.00"]
    of_lso = lending.reads("/v1/lsos/DAS/portfolio/funds?as_of=2021-07-31&by=fund&fund=CIF")
    assert without_ways(of_lso["rows"][0]) == without_ways(cif)


def test_all_funds_are_a_sheet_too(lending: World) -> None:
    path = "/v1/rsps/SRSO/portfolio/funds?as_of=2021-07-31&by=fund"
    told = lending.reads(path, by=FINANCE)["rows"]
    sent = lending.call("GET", f"{path}&format=csv", by=FINANCE)
    assert sent.headers["content-disposition"] == 'attachment; filename="funds-SRSO-2021-07-31.csv"'
    rows = list(csv.DictReader(io.StringIO(sent.text)))
    assert [row["fund"] for row in rows] == [row["key"]["fund"] for row in told] == ["CIF", "ENT"]
    for row, figures in zip(rows, told, strict=True):
        amounts = ("capital", "fund_value")
        assert [row[name] for name in amounts] == [figures[name]["amount"] for name in amounts]
        shares = ("capital_index", "utilisation", "turns", "velocity", "idle", "reach")
        assert [row[name] for name in shares] == [figures[name]["rate"] for name in shares]
    assert lending.call("GET", f"{path}&format=xlsx", by=FINANCE).status_code == 200


def test_over_many_lsos_reach_is_of_those_that_say(lending: World) -> None:
    total = lending.reads("/v1/portfolio/funds?as_of=2021-07-31", by=AUDITOR)["total"]
    assert (total["lsos"], total["reach"]["lsos_left_out"], total["reach"]["denominator"]) == (1, 0, 820)
    coverage = lending.reads("/v1/portfolio/funds?as_of=2021-07-31", by=AUDITOR)["coverage"]
    assert (coverage["lsos"], coverage["loan_level"]["lsos"], coverage["nothing"]["lsos"]) == (2, 1, 1)
    given = lending.reads("/v1/portfolio/coverage?as_of=2021-05-31", by=AUDITOR)["total"]
    assert (given["loan_level"]["lsos"], given["loan_level"]["loans"]) == (1, 0), "capital, and no loan yet"
    untold = lending.reads("/v1/portfolio/coverage?as_of=2019-12-31", by=AUDITOR)["total"]
    assert (untold["loan_level"]["lsos"], untold["nothing"]["lsos"]) == (0, 2)
    assert lending.reads("/v1/portfolio/funds?fund=CIF", by=AUDITOR)["coverage"] is None
    before = lending.reads("/v1/portfolio/funds?as_of=2021-05-31", by=AUDITOR)["total"]
    assert before["reach"] == {
        "definition": "reach",
        "rate": None,
        "numerator": 0,
        "denominator": None,
        "lsos_left_out": 1,
    }


@pytest.mark.parametrize(
    ("asked", "pointer"), [("by=vo", "by"), ("gender=female", "gender"), ("by=fund,tranche", "by")]
)
def test_funds_are_not_cut_by_what_divides_them(world: World, asked: str, pointer: str) -> None:
    refused = world.call("GET", f"/v1/portfolio/funds?{asked}", by=AUDITOR)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_not_cut")
    assert refused.json()["errors"][0]["parameter"] == pointer


@pytest.mark.parametrize("what", ["figures", "figures/series", "health"])
def test_the_fund_of_another_lso_is_not_found(world: World, what: str) -> None:
    assert world.call("GET", f"{FUND}/{what}", by=OTHER).status_code == 404
    assert world.call("GET", f"/v1/lsos/DAS/funds/NONE/{what}").status_code == 404


# Health --------------------------------------------------------------------------------------------------------


def test_a_fund_is_rated_with_the_formula_shown(lending: World) -> None:
    """On 30 June 488,000 of 500,000 lies in cash, the last loan was made 29 days ago, nothing is late or lost.

    35 x 100 + 35 x 100 + 15 x 0 + 15 x 100 = 8,500 of 100.
    """
    found = lending.reads(f"{FUND}/health?as_of=2021-06-30")
    HealthShown.model_validate(found)
    judged = {one["component"]: (one["level"], one["points"]) for one in found["components"]}
    assert judged == {
        "capital_base": ("good", 100),
        "default_rate": ("good", 100),
        "cash_share": ("poor", 0),
        "dormancy": ("good", 100),
    }
    assert found["formula"] == "(35 x 100 + 35 x 100 + 15 x 0 + 15 x 100) / (35 + 35 + 15 + 15) = 85.00"
    assert (found["points"], found["level"]) == ("85.00", "good")
    figures = {one["component"]: one["figure"] for one in found["components"]}
    assert figures["cash_share"]["rate"] == "0.976000"
    assert figures["dormancy"] == {"definition": "dormancy", "days": 29}


def test_late_loans_are_in_default_by_the_rule(lending: World) -> None:
    """The second instalment fell due on 1 August; on 2 November the loan of 11,000 is 93 days late."""
    usual = lending.reads(f"{FUND}/health")
    rate = next(one["figure"] for one in usual["components"] if one["component"] == "default_rate")
    assert (rate["rate"], rate["numerator"], rate["denominator"]) == ("1.000000", "11000.00", "11000.00")
    said = {**SAID, "code": "lenient", "late_over_days": 180, "effective_from": "2021-11-01"}
    made = lending.call("POST", "/v1/health-rules", said, by=EVERYTHING)
    assert made.status_code == 201, made.text
    lenient = lending.reads(f"{FUND}/health?rule=lenient")
    assert lenient["rule"] == {"code": "lenient", "number": 1, "name": said["name"]}
    assert lenient["components"][1]["figure"]["rate"] == "0.000000"
    assert lenient["known_at"] == made.json()["versions"][0]["recorded_at"]
    assert lending.call("GET", f"{FUND}/health?rule=lenient&as_of=2021-10-31").status_code == 404
    assert lending.call("GET", f"{FUND}/health?rule=none").json()["errors"][0]["parameter"] == "rule"


def test_what_has_no_value_is_left_out_and_said(world: World) -> None:
    found = world.reads(f"{FUND}/health?as_of=2020-01-25")
    left_out = {one["component"]: one["left_out"] for one in found["components"] if one["left_out"]}
    assert left_out == {"default_rate": "Nothing is outstanding, and nothing was written off in the year."}
    assert found["formula"] == "(35 x 100 + 15 x 0 + 15 x 100) / (35 + 15 + 15) = 76.92"
    nothing = world.reads(f"{FUND}/health?as_of=2020-01-09")
    assert (nothing["points"], nothing["level"], nothing["formula"]) == (None, None, None)
    assert all(one["left_out"] for one in nothing["components"])


# Rules of health -----------------------------------------------------------------------------------------------


def changed(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a request
    return {**deepcopy(SAID), **fields}


def with_limits(place: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    said = changed()
    said["limits"][place] |= fields
    return said


def test_the_shipped_rule_is_listed_for_every_role(world: World) -> None:
    listed = world.reads("/v1/health-rules", by=ACCOUNTANT)
    assert "community" in {item["code"] for item in listed["items"]}
    (shipped,) = world.reads("/v1/health-rules/community", by=AUDITOR)["versions"]
    assert (shipped["recorded_at"], shipped["recorded_by"]) == (None, None)
    assert shipped["remark"].startswith("A yardstick: no fund is bound by it.")
    assert sum(limits["weight"] for limits in shipped["limits"]) == 100


def test_a_version_is_recorded_once_and_shown(world: World) -> None:
    said = changed(code="once")
    made = world.call("POST", "/v1/health-rules", said, by=EVERYTHING)
    assert made.status_code == 201, made.text
    HealthRuleShown.model_validate(made.json())
    assert world.reads("/v1/health-rules/once") == made.json()
    (version,) = made.json()["versions"]
    assert {**version, "code": "once"}.items() >= said.items()
    again = world.call("POST", "/v1/health-rules", said, by=EVERYTHING)
    assert (again.status_code, again.json()["code"], again.json()["existing"]) == (409, "duplicate_code", "once 1")
    gap = world.call("POST", "/v1/health-rules", {**said, "number": 3}, by=EVERYTHING)
    assert (gap.status_code, gap.json()["code"], gap.json()["following"]) == (409, "health_rule_number", 2)
    world.call("POST", "/v1/health-rules", {**said, "number": 2}, by=EVERYTHING)
    then = version["recorded_at"]
    assert world.reads(f"/v1/health-rules/once?known_at={then}") == made.json()
    assert world.reads("/v1/health-rules/once")["in_force"] == 2


@pytest.mark.parametrize(("by", "code"), [(ACCOUNTANT, "binding_too_narrow"), (FINANCE, "scope_missing")])
def test_what_all_share_is_recorded_with_a_key_bound_to_everything(world: World, by: str, code: str) -> None:
    refused = world.call("POST", "/v1/health-rules", SAID, by=by)
    assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert world.call("GET", "/v1/health-rules/refused").status_code == 404


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        pytest.param(changed(code="Board"), "/code", "text_malformed", id="capital letters"),
        pytest.param(changed(limits=[]), "/limits", "list_too_short", id="no components"),
        pytest.param(with_limits(0, component="luck"), "/limits/0/component", "value_unknown", id="no such component"),
        pytest.param(with_limits(0, good="95%"), "/limits/0/good", "rate_unreadable", id="per cent"),
        pytest.param(with_limits(0, good=0.95), "/limits/0/good", "rate_unreadable", id="float"),
        pytest.param(with_limits(0, weight=0), "/limits/0/weight", "number_out_of_range", id="no weight"),
        pytest.param(with_limits(0, good="0.5"), "/limits/0/fair", "health_rule_unsound", id="fair better than good"),
        pytest.param(with_limits(2, good="0.5"), "/limits/2/good", "health_rule_unsound", id="half a day"),
        pytest.param(
            changed(points={"good": 10, "fair": 20, "poor": 0}), "/points", "health_rule_unsound", id="fair worth more"
        ),
        pytest.param(changed(good_from=40), "/good_from", "health_rule_unsound", id="good before fair"),
    ],
)
def test_an_unsound_rule_is_refused_and_nothing_is_recorded(
    world: World, said: dict[str, Any], pointer: str, code: str
) -> None:
    refused = world.call("POST", "/v1/health-rules", said, by=EVERYTHING)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert world.call("GET", "/v1/health-rules/refused").status_code == 404
