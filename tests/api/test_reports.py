"""From a figure to what is behind it, over HTTP alone."""

from tests.api.world import MANAGER, World


def test_the_query_of_a_row_lists_its_loans(world: World) -> None:
    world.lends()
    report = world.reads("/v1/lsos/DAS/portfolio?as_of=2021-08-31&by=vo,product")
    (row,) = report["rows"]
    query = row["gross_portfolio"]["loans_query"]
    assert "vo=VO-1&product=MONTHLY" in query
    assert len(world.reads(f"/v1/lsos/DAS/loans?{query}")["items"]) == row["loans"]
    assert world.reads(f"/v1/lsos/DAS/loans?{query}".replace("VO-1", "VO-9"))["items"] == []


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
