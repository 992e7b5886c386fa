"""The profile of an LSO over HTTP: as JSON and as a page, with a block for each fund and one of all."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from api.models.profiles import ProfileShown
from cif_engine.moments import to_micros
from cif_engine.operations.keys import Scope
from cif_engine.operations.reported_figures import LSO, Recorder, SaidRow, SaidRows, SaidSet, record_reported_figures
from cif_engine.persistence.network_registers import RSPS, find
from cif_engine.reported.figures import Figure
from cif_engine.reported.measures import DISBURSED, HOUSEHOLDS, LOANS, SUB_GRANT, Measure
from cif_engine.reported.printed import Kind, Unit, read_printed
from tests.api.world import FINANCE, MANAGER, OTHER, OTHER_RSP, World, add_key

PROFILE = "/v1/lsos/DAS/profile"
DAY = "as_of=2021-11-02"
BEFORE_ENT_LENT = "as_of=2021-04-30"
UNITS = {Kind.AMOUNT: Unit.PKR, Kind.COUNT: Unit.NUMBER}
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def lent(world: World) -> World:
    """12,000 of the fund CIF lent to M-1 on 1 June 2021, of which 1,000 came back; 6,000 of ENT lent to M-2 in May."""
    loan = world.lends()
    world.records("/repayments", {"loan": loan, "amount": "1000", "effective_on": "2021-07-01", "receipt_no": "P-1"})
    world.lends_with_charge(member="M-2")
    return world


@pytest.fixture(scope="module")
def profile(lent: World) -> Answer:
    return lent.reads(f"{PROFILE}?{DAY}")


def test_it_is_what_the_contract_says(profile: Answer) -> None:
    TypeAdapter(ProfileShown).validate_python(profile)
    assert (profile["lso"], profile["as_of"], profile["currency"]) == ("DAS", "2021-11-02", "PKR")
    assert (profile["place"]["rsp"], profile["registers"]["name"]) == (
        {"code": "SRSO", "name": "SRSO programme"},
        "LSO Das",
    )
    assert profile["rests_on"] == "loan_level"


def test_it_says_what_is_of_today(profile: Answer) -> None:
    assert any("registers today" in note for note in profile["notes"])
    assert any("those of the day" in note for note in profile["notes"])


def test_the_funds_sum_to_the_whole(profile: Answer) -> None:
    cif, ent = profile["funds"]
    assert [fund["fund"] for fund in (cif, ent)] == ["CIF", "ENT"]
    assert [fund["funder"] for fund in (cif, ent)] == ["European Union", "LSO Dasori"]
    assert cif["capital"]["tranches_received"] == "500000.00"
    assert ent["capital"]["contributions"] == "200000.00"
    assert profile["total"]["capital"]["amount"] == "700000.00"
    lent = [of["disbursed_to_date"]["amount"] for of in (cif, ent, profile["total"])]
    assert lent == ["12000.00", "6000.00", "18000.00"]
    assert [of["loans_to_date"] for of in (cif, ent, profile["total"])] == [1, 1, 2]
    available = [of["available"]["amount"] for of in (cif, ent, profile["total"])]
    assert available == ["489000.00", "194000.00", "683000.00"]
    assert profile["total"]["turns"]["rate"] == "0.025714"


def test_what_was_handed_out_is_told_by_purpose(profile: Answer) -> None:
    told = [(row["purpose"], row["loans"], row["disbursed"], row["share"]) for row in profile["purposes"]["rows"]]
    assert told == [("A goat", 1, "12000.00", "0.666667"), ("A shop", 1, "6000.00", "0.333333")]
    assert profile["purposes"]["others"] is None


def test_each_figure_leads_to_its_loans(lent: World, profile: Answer) -> None:
    """Both loans are late; of CIF's, the first instalment was paid on its day."""
    everything = {"disbursed_to_date": 2, "gross_portfolio": 2, "par_30": 2, "on_time_rate": 1, "recovery_rate": 1}
    for of, most in ((profile["total"], 2), (profile["funds"][0], 1)):
        for name, count in everything.items():
            listed = lent.reads(f"/v1/lsos/DAS/portfolio/loans?{of[name]['loans_query']}")
            assert len(listed["items"]) == min(count, most), name


def test_before_a_fund_had_anything_it_is_not_told(lent: World) -> None:
    assert [fund["fund"] for fund in lent.reads(f"{PROFILE}?{BEFORE_ENT_LENT}")["funds"]] == ["CIF", "ENT"]
    assert lent.reads(f"{PROFILE}?as_of=2020-01-19")["funds"] == []
    given = lent.reads(f"{PROFILE}?as_of=2020-12-31")
    assert (given["total"]["disbursed_to_date"]["amount"], given["rests_on"]) == ("0.00", "loan_level")
    nobody = lent.reads("/v1/lsos/OTH/profile", by=OTHER)
    assert (nobody["funds"], nobody["known_at"], nobody["rests_on"]) == ([], None, "nothing")


def test_it_is_a_page_where_that_is_asked(lent: World) -> None:
    page = lent.call("GET", f"{PROFILE}?{DAY}&format=pdf")
    assert page.headers["content-type"] == "application/pdf"
    assert page.headers["content-disposition"] == 'inline; filename="profile-DAS-2021-11-02.pdf"'
    assert page.headers["vary"] == "Accept"
    assert page.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", page.content)) == 1
    again = lent.call("GET", f"{PROFILE}?{DAY}", headers={"Accept": "application/pdf"})
    assert again.content == page.content


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json, application/pdf;q=0.9", "application/json"),
    ],
)
def test_it_is_json_for_all_who_do_not_want_a_page(lent: World, accept: str, form: str) -> None:
    assert lent.call("GET", PROFILE, headers={"Accept": accept}).headers["content-type"] == form


@pytest.mark.parametrize("form", ["csv", "xlsx", "png", ""])
def test_it_has_no_other_form(lent: World, form: str) -> None:
    refused = lent.call("GET", f"{PROFILE}?format={form}")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "format")


def test_it_is_for_who_may_read_figures_of_the_lso(lent: World) -> None:
    assert lent.call("GET", PROFILE, by=FINANCE).status_code == 200
    for by in (OTHER, OTHER_RSP):
        assert lent.call("GET", PROFILE, by=by).status_code == 404
    add_key(lent.databases, "loans alone", frozenset({Scope.LOANS_READ}), lso="DAS")
    refused = lent.call("GET", PROFILE, by="loans alone")
    assert (refused.status_code, refused.json()["scope"]) == (403, "portfolio:read")


def test_what_others_print_of_it_stands_beside_it(lent: World) -> None:
    """The figures that a programme published of an LSO: they cannot be, and are in no figure."""
    before = lent.reads(f"{PROFILE}?as_of=2021-10-31")
    _print(lent, {SUB_GRANT: "4,000,000", DISBURSED: "327,152,021", HOUSEHOLDS: "327", LOANS: "721"})
    after = lent.reads(f"{PROFILE}?as_of=2021-10-31")
    assert before["printed"] is None
    printed = after.pop("printed")
    assert (printed["source"], printed["page"], printed["verdict"]) == ("LSO profiles", "3", "impossible")
    assert [figure["printed"] for figure in printed["figures"]] == ["4,000,000", "327,152,021", "327", "721"]
    assert after["known_at"] > before["known_at"]
    assert after["total"] == before["total"]
    # Of a day before theirs they say nothing, and what was known before they came stays as it was.
    assert lent.reads(f"{PROFILE}?as_of=2021-07-30")["printed"] is None
    asked = f"{PROFILE}?as_of=2021-10-31&known_at="
    assert lent.reads(f"{asked}{before['known_at']}") == before
    assert lent.reads(f"{asked}{after['known_at']}") == {**after, "printed": printed}


def test_a_rejected_loan_is_promised_nothing(lent: World) -> None:
    """What is approved is committed until it is handed out; what is refused never was."""
    said = {"member": "M-3", "product": "MONTHLY", "amount": "9000", "effective_on": "2021-11-01", "purpose": "Seed"}
    loan = lent.records("/loans", said)["loan"]
    before = lent.reads(f"{PROFILE}?{DAY}")["total"]["available"]
    decided = {"approved": False, "reason": "no plan", "resolution_no": "R-8", "committee": "VO"}
    lent.records(f"/loans/{loan}/decision", {**decided, "effective_on": "2021-11-01"}, by=MANAGER)
    assert lent.reads(f"{PROFILE}?{DAY}")["total"]["available"] == before


def _print(lent: World, figures: Mapping[Measure, str]) -> None:
    """Record what the RSP prints of the LSO as of the end of July 2021."""
    with lent.databases.reading() as connection:
        rsp = find(connection, RSPS, ("SRSO",))
    assert rsp is not None
    said = SaidSet(
        subject=LSO,
        name=None,
        lso="DAS",
        place=None,
        as_of=date(2021, 7, 31),
        as_of_from=date(2021, 7, 31),
        as_of_printed="July 2021",
        formed_on=date(2017, 1, 20),
        source="LSO profiles",
        page="3",
        printed_on=None,
        figures=tuple(Figure(measure, read_printed(text, UNITS[measure.kind])) for measure, text in figures.items()),
        remark="",
    )
    by = Recorder("finance", to_micros(lent.clock()), date(2021, 11, 2), lambda: "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a")
    record_reported_figures(lent.databases, rsp["id"], SaidRows((SaidRow(1, said, lambda field: f"/{field}"),)), by)
