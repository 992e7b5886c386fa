"""What an office looks up: how far a sub-grant has come, and which repayment a receipt belongs to."""

from __future__ import annotations

from tests.api.world import FINANCE, World

AGREEMENTS = "/v1/lsos/DAS/funds/CIF/agreements"


def test_agreements_show_each_tranche_from_release_to_receipt(world: World) -> None:
    tranche = {"agreement": "A-2", "number": 2, "amount": "100000.00", "effective_on": "2020-03-01"}
    world.records(
        "/funds/CIF/agreements", {"number": "A-2", "amount": "300000.00", "effective_on": "2020-02-01"}, by=FINANCE
    )
    world.records("/funds/CIF/tranches", tranche, by=FINANCE)
    first, second = world.reads(AGREEMENTS)["items"]
    assert (first["number"], first["released"], first["received"]) == ("A-1", "500000.00", "500000.00")
    assert first["tranches"] == [
        {"number": 1, "released_on": "2020-01-15", "received_on": "2020-01-20", "amount": "500000.00"}
    ]
    assert (second["amount"], second["released"], second["received"]) == ("300000.00", "100000.00", "0.00")
    assert second["tranches"][0]["received_on"] is None


def test_agreements_of_an_unknown_fund_are_not_found(world: World) -> None:
    assert world.call("GET", "/v1/lsos/DAS/funds/XXX/agreements").status_code == 404


def test_a_repayment_is_found_by_its_receipt(world: World) -> None:
    loan = world.lends()
    for number, day in (("R-1", "2021-06-01"), ("R-2", "2021-07-01")):
        world.records("/repayments", {"loan": loan, "amount": "500.00", "effective_on": day, "receipt_no": number})
    found = world.reads("/v1/lsos/DAS/repayments?from=2021-01-01&receipt_no=R-2")["items"]
    assert [(line["loan"], line["effective_on"]) for line in found] == [(loan, "2021-07-01")]
    assert world.reads("/v1/lsos/DAS/repayments?from=2021-01-01&receipt_no=R-9")["items"] == []
