"""From a figure to what is behind it, over HTTP alone."""

from typing import Any

import pytest

from tests.api.world import EVERYTHING, MANAGER, World


def test_the_query_of_a_row_lists_its_loans(world: World) -> None:
    world.lends()
    report = world.reads("/v1/lsos/DAS/portfolio?as_of=2021-08-31&by=vo,product")
    (row,) = report["rows"]
    query = row["gross_portfolio"]["loans_query"]
    assert "vo=VO-1&product=MONTHLY&figure=gross_portfolio" in query
    assert len(world.reads(f"/v1/lsos/DAS/portfolio/loans?{query}")["items"]) == row["loans"]


def test_a_loan_tells_what_was_recommended_resolved_and_why(world: World) -> None:
    said = {"member": "M-1", "product": "MONTHLY", "amount": "9000", "effective_on": "2021-06-01", "purpose": "A goat"}
    loan = world.records("/loans", said)["loan"]
    appraised = {"recommended_amount": "6000", "appraised_by": "حاجراں", "effective_on": "2021-06-02"}
    world.records(f"/loans/{loan}/appraisal", appraised)
    before = world.reads(f"/v1/lsos/DAS/loans/{loan}")
    assert (before["recommended"], before["appraised_by"], before["committee"]) == ("6000.00", "حاجراں", None)
    decided = {"approved": False, "resolution_no": "R-7", "committee": "VO Sindhu", "reason": "She has left the CO"}
    world.records(f"/loans/{loan}/decision", {**decided, "effective_on": "2021-06-03"}, by=MANAGER)
    after = world.reads(f"/v1/lsos/DAS/loans/{loan}")
    assert {name: after[name] for name in ("committee", "reason", "approved", "reference")} == {
        "committee": "VO Sindhu",
        "reason": "She has left the CO",
        "approved": None,
        "reference": None,
    }


def test_a_place_that_holds_no_money_is_named(world: World) -> None:
    moved = {"paid_from": "bank", "amount": "5", "effective_on": "2021-06-01"}
    for place, status, code, words in (
        ("pocket", 422, "place_unknown", "`custodian:`"),
        ("custodian:77", 404, "not_found", "No custodian 77"),
    ):
        refused = world.call("POST", "/v1/lsos/DAS/funds/CIF/transfers", {**moved, "held_in": place})
        (finding,) = refused.json()["errors"]
        assert (refused.status_code, finding["pointer"], finding["code"]) == (status, "/held_in", code)
        assert words in finding["detail"]


def test_a_portfolio_is_asked_at_three_addresses(world: World) -> None:
    world.lends("9000.00")
    days = "as_of=2021-08-31"
    places = ("", "rsps/SRSO/", "lsos/DAS/")
    totals = [world.reads(f"/v1/{place}portfolio?{days}", by=EVERYTHING)["total"] for place in places]
    assert drop_queries(totals[0]) == drop_queries(totals[1]) == drop_queries(totals[2])
    assert totals[0]["loans"] > 0


def drop_queries(view: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(view, dict):
        return {name: drop_queries(part) for name, part in view.items() if name != "loans_query"}
    return [drop_queries(part) for part in view] if isinstance(view, list) else view


def test_a_portfolio_is_narrowed_by_every_cut_and_says_so(world: World) -> None:
    world.lends("9000.00")
    row = world.reads("/v1/portfolio?as_of=2021-08-31&by=lso,tranche")["rows"][0]
    only = "&".join(f"{cut}={code}" for cut, code in row["key"].items())
    narrowed = world.reads(f"/v1/portfolio?as_of=2021-08-31&{only}&gender=female,male&figures=par")
    assert narrowed["only"] == {**{cut: [code] for cut, code in row["key"].items()}, "gender": ["female", "male"]}
    assert narrowed["total"]["gross_portfolio"]["amount"] == row["gross_portfolio"]["amount"]
    assert set(narrowed["total"]) == {"gross_portfolio", "loans", "par", "par_renegotiated"}


def test_a_value_with_a_comma_is_written_in_double_quotes(world: World) -> None:
    answer = world.reads('/v1/portfolio?as_of=2021-08-31&purpose="a goat, and a stall",bread,"say ""yes"""')
    assert answer["only"]["purpose"] == ["a goat, and a stall", "bread", 'say "yes"']
    assert answer["total"]["loans"] == 0


@pytest.mark.parametrize(
    ("query", "status", "code", "where"),
    [
        pytest.param("by=lso,vo,co", 422, "value_unknown", "by", id="three cuts"),
        pytest.param("by=village", 422, "value_unknown", "by", id="no such cut"),
        pytest.param("by=vo,vo", 422, "too_many_cuts", "by", id="one cut twice"),
        pytest.param("gender=woman", 422, "cut_value_unknown", "gender", id="no such value"),
        pytest.param("cycle=one", 422, "cut_value_unknown", "cycle", id="no number"),
        pytest.param("vo=", 422, "text_too_short", "vo", id="empty"),
        pytest.param("purpose=%22a", 422, "text_malformed", "purpose", id="open quotes"),
        pytest.param("purpose=a%0Ab", 422, "text_malformed", "purpose", id="two lines"),
        pytest.param("purpose=%00", 422, "text_with_controls", "purpose", id="control"),
        pytest.param("vo=VO-1,VO-99", 404, "not_found", "vo", id="unknown VO"),
        pytest.param("district=NOWHERE", 404, "not_found", "district", id="unknown district"),
        pytest.param("rule_set=none", 404, "not_found", "rule_set", id="unknown rule set"),
        pytest.param("figures=par,all", 422, "text_malformed", "figures", id="no such figure"),
        pytest.param("vo=VO-1&vo=VO-2", 422, "parameter_repeated", "vo", id="sent twice"),
    ],
)
def test_what_a_portfolio_cannot_be_asked_is_refused_by_name(
    world: World, query: str, status: int, code: str, where: str
) -> None:
    refused = world.call("GET", f"/v1/lsos/DAS/portfolio?{query}")
    assert refused.status_code == status, refused.text
    (finding,) = refused.json()["errors"]
    assert (finding["code"], finding["parameter"]) == (code, where)


@pytest.mark.parametrize(
    ("query", "code", "where"),
    [
        ("/series?days=2021-06-31", "date_unreadable", "days"),
        ("/series?days=1970-01-01", "date_out_of_range", "days"),
        ("/series?days=2021-06-30,2021-06-30", "days_not_in_order", "days"),
        ("/series?months=0", "number_out_of_range", "months"),
        ("/vintages?days=45", "value_unknown", "days"),
        ("/vintages?months=121", "number_out_of_range", "months"),
    ],
)
def test_days_and_months_that_make_no_table_are_refused(world: World, query: str, code: str, where: str) -> None:
    refused = world.call("GET", f"/v1/portfolio{query}")
    (finding,) = refused.json()["errors"]
    assert (refused.status_code, finding["code"], finding["parameter"]) == (422, code, where)


def test_a_series_has_the_month_ends_that_are_over(world: World) -> None:
    series = world.reads("/v1/portfolio/series?as_of=2021-08-30&months=3&figures=par,arrears")
    assert [point["as_of"] for point in series["total"]["points"]] == ["2021-05-31", "2021-06-30", "2021-07-31"]
    named = world.reads("/v1/portfolio/series?days=2021-06-30,2021-07-31&figures=par,arrears")
    assert named["total"]["points"] == series["total"]["points"][1:]


@pytest.mark.parametrize("address", ["lsos/DAS/portfolio", "portfolio"])
def test_before_the_first_moment_nothing_was_known(world: World, address: str) -> None:
    report = world.reads(f"/v1/{address}?as_of=2021-08-31&known_at=1969-12-31T23:59:59Z", by=EVERYTHING)
    assert (report["known_at"], report["total"]["loans"]) == (None, 0)
