"""Reported figures over HTTP: recorded as printed, from JSON, CSV and workbooks; judged, in series; coverage."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from api.models.coverage import CoverageReport
from api.models.reported_figures import FiguresListed, FiguresRecorded
from api.models.reported_series import SeriesShown
from cif_engine.loans.terms import EqualInstalments, LoanTerms
from cif_engine.network.funds import Fund, Product
from cif_engine.network.places import Lso, Rsp
from cif_engine.operations.network_funds import create_fund, create_product
from cif_engine.operations.network_places import create_lso, create_rsp
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, OTHER, OTHER_RSP, World

DATA = Path(__file__).parents[1] / "data"
LATER = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROFILE_MEASURES = (
    *("cif_sub_grant", "cif_disbursed", "cif_households", "cif_loans"),
    *("eligible_poor_households", "households_total", "households_organised"),
)
SETTLEMENT_MEASURES = ("disbursed", "recovered", "outstanding", "borrowers", "rounds")


def published(name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a published file with its numbers as they are written."""
    return json.loads((DATA / name).read_text(encoding="utf-8"), parse_float=str, parse_int=str)


def a_set(subject: str, name: str | None, as_of: str, figures: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a set
    said = [{"measure": measure, "printed": printed} for measure, printed in figures.items()]
    return {"subject": subject, "name": name, "as_of": as_of, "figures": said, **more}


def records(world: World, rsp: str, *sets: dict[str, Any], by: str = EVERYTHING, source: str = "A report") -> Any:  # noqa: ANN401 - any JSON value
    answer = world.call("POST", f"/v1/rsps/{rsp}/reported-figures", {"source": source, "sets": list(sets)}, by=by)
    assert answer.status_code == 201, answer.text
    FiguresRecorded.model_validate(answer.json())
    return answer.json()["sets"]


def found(shown: dict[str, Any], *severities: str) -> list[str]:
    return [one["check"] for one in shown["findings"] if not severities or one["severity"] in severities]


def listed(world: World, limit: int = 200) -> list[Any]:
    """Return all sets there are, read in pages of `limit`."""
    sets: list[Any] = []
    after = ""
    while True:
        answer = world.reads(f"/v1/reported-figures?limit={limit}{after}", by=AUDITOR)
        FiguresListed.model_validate(answer)
        sets += answer["items"]
        if answer["next"] is None:
            return sets
        after = f"&after={answer['next']}"


@pytest.fixture(scope="module")
def later(world: World) -> World:
    """The world of these tests, after everything that was published; with the RSPs of the outreach reports."""
    world.clock.at = LATER
    for code in ("TRDP", "PRSP", "GBTI"):
        create_rsp(world.databases, Rsp(str(uuid4()), code, f"{code} programme"))
    return world


# The published profiles ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def profiles(later: World) -> dict[str, Any]:
    """All sets of the published profiles, recorded, by name."""
    said = published("published_profiles.json")
    for lso in said["lsos"]:
        figures = {name: lso[name] for name in PROFILE_MEASURES if name in lso}
        place = ", ".join(lso[name] for name in ("union_council", "tehsil", "district") if name in lso)
        one = a_set("lso", lso["name"], lso["as_of"], figures, place=place, formed_on=lso.get("formed_on"))
        records(later, lso["rsp"], one, source="LSO profile", by=EVERYTHING)
    for of in said["settlements"]:
        figures = {name: of[name] for name in SETTLEMENT_MEASURES}
        records(later, of["rsp"], a_set("settlement", of["name"], of["as_of"], figures), source="Case study")
    return {one["name"]: one for one in listed(later)}


def test_dasori_is_found_impossible_with_its_reasons(profiles: dict[str, Any]) -> None:
    dasori = profiles["Dasori"]
    assert dasori["verdict"] == "impossible"
    high = {one["check"]: one for one in dasori["findings"] if one["severity"] == "high"}
    assert set(high) == {"average_loan", "turns", "beyond_means"}
    assert high["average_loan"]["numbers"]["average"] == "453748.00"
    assert "PKR 453,748 a loan" in high["average_loan"]["words"]
    assert high["turns"]["numbers"] == {
        "turns": "81.8",
        "days": "1653",
        "days_of_a_turn": "20.2",
        "turns_possible": "37.2",
    }
    assert high["beyond_means"]["numbers"]["recovered_needed"] == "323152021.00"
    assert "PKR 323,152,021 of principal" in high["beyond_means"]["words"]


def test_what_was_printed_is_kept_and_nothing_corrected(profiles: dict[str, Any]) -> None:
    dasori = profiles["Dasori"]
    disbursed = next(one for one in dasori["figures"] if one["measure"] == "disbursed")
    assert (disbursed["printed"], disbursed["unit"], disbursed["value"]) == ("327152021", "pkr", "327152021.00")
    assert (dasori["source"], dasori["place"], dasori["formed_on"]) == (
        "LSO profile",
        "Dasori, Jhando Mari, Tando Allahyar",
        "2017-01-20",
    )


@pytest.mark.parametrize("name", ["Sindhu", "Dua"])
def test_sindhu_and_dua_pass(profiles: dict[str, Any], name: str) -> None:
    assert profiles[name]["verdict"] == "plausible"
    assert found(profiles[name], "high", "medium", "low") == []
    assert found(profiles[name], "note")[0] == "beyond_means"


def test_a_missing_number_of_loans_is_noted(profiles: dict[str, Any]) -> None:
    loans = next(one for one in profiles["Dua"]["figures"] if one["measure"] == "loans")
    assert (loans["printed"], loans["value"]) == (None, None)
    assert "missing" in found(profiles["Dua"], "note")


def test_bukhsho_sario_ties_out_and_no_recovery_rate_follows(profiles: dict[str, Any]) -> None:
    sario = profiles["Bukhsho Sario"]
    assert (sario["verdict"], sario["as_of"], sario["as_of_printed"]) == ("plausible", "2024-12-31", "2024")
    words = {one["check"]: one["words"] for one in sario["findings"]}
    assert set(words) == {"ties_out", "no_recovery_rate"}
    assert words["ties_out"].endswith("PKR 2,563,000 outstanding: it ties out.")
    assert words["no_recovery_rate"].startswith("No recovery rate follows: what had fallen due by then is not stated.")


# The published series ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def series(later: World) -> dict[str, Any]:
    """The series of each RSP of the network's outreach reports, recorded and read again."""
    said = published("published_outreach_series.json")["series"]
    shown = {}
    for rsp, points in said.items():
        sets = [
            a_set("rsp", None, point["as_of"], {name: text for name, text in point.items() if name != "as_of"})
            for point in points
        ]
        records(later, rsp, *sets, source="Outreach report")
        shown[rsp] = later.reads(f"/v1/rsps/{rsp}/reported-figures/series", by=AUDITOR)
        SeriesShown.model_validate(shown[rsp])
    return shown


def marked(shown: dict[str, Any], check: str, *severities: str) -> set[tuple[str, str]]:
    """Return the days and measures of a check."""
    return {
        (one["as_of"], measure)
        for one in shown["findings"]
        if one["check"] == check and (not severities or one["severity"] in severities)
        for measure in one["measures"]
    }


def test_the_falls_of_the_published_series_are_found(series: dict[str, Any]) -> None:
    high = {rsp: marked(shown, "fall", "high") for rsp, shown in series.items()}
    assert high == {
        "NRSP": {("2011-12-31", "disbursed"), ("2011-12-31", "borrowers")},
        "PRSP": {("2012-06-30", "borrowers"), ("2013-09-30", "borrowers")},
        "GBTI": {
            ("2012-09-30", "disbursed"),
            ("2012-09-30", "borrowers"),
            ("2013-12-31", "borrowers"),
            ("2014-03-31", "disbursed"),
            ("2014-12-31", "borrowers"),
        },
    }
    assert marked(series["GBTI"], "fall", "low") == {("2012-03-31", "disbursed"), ("2013-09-30", "disbursed")}
    fall = next(one for one in series["NRSP"]["findings"] if one["measures"] == ["disbursed"])
    assert fall["words"].startswith("Disbursed to date fell from PKR 90.320168 million to PKR 85.81 million")


def test_the_jumps_of_the_published_series_are_found(series: dict[str, Any]) -> None:
    pair = {"disbursed", "borrowers"}
    days = {rsp: {day for day, _ in marked(shown, "jump")} for rsp, shown in series.items()}
    assert days == {"NRSP": {"2013-09-30", "2014-09-30"}, "PRSP": set(), "GBTI": {"2013-03-31"}}
    jump = next(one for one in series["NRSP"]["findings"] if one["as_of"] == "2014-09-30" and one["check"] == "jump")
    assert set(jump["measures"]) == pair
    assert (jump["numbers"]["per_new"], jump["numbers"]["per_head_before"]) == ("36424.00", "10842.00")


def test_a_point_carries_the_marks_of_its_day(series: dict[str, Any]) -> None:
    marks = {point["as_of"]: {mark["check"] for mark in point["marks"]} for point in series["GBTI"]["points"]}
    assert "freeze" in marks["2011-09-30"]
    assert {"fall", "freeze"} <= marks["2012-03-31"]
    assert series["NRSP"]["verdict"] == series["GBTI"]["verdict"] == "impossible"


def test_a_series_is_a_sheet_too_and_a_picture(later: World, series: dict[str, Any]) -> None:
    assert series
    path = "/v1/rsps/NRSP/reported-figures/series"
    table = later.call("GET", f"{path}?format=csv", by=AUDITOR)
    lines = table.text.splitlines()
    assert lines[0].startswith("as_of,disbursed,borrowers,lsos_managing,vos_managing,worst,marks")
    assert lines[3].startswith("2011-12-31,85810000.00,6943,147,9,high,")
    printed = later.call("GET", f"{path}?format=csv&table=as+printed", by=AUDITOR).text
    assert "2011-12-31,disbursed,85.81,pkr_million,Outreach report" in printed
    workbook = later.call("GET", f"{path}?format=xlsx", by=AUDITOR)
    names = openpyxl.load_workbook(io.BytesIO(workbook.content)).sheetnames
    assert {"Series", "Findings", "As printed"} <= set(names)
    drawn = later.call("GET", "/v1/rsps/NRSP/reported-figures/chart", by=AUDITOR)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")


def test_the_limits_may_be_asked_for_and_are_told(later: World, series: dict[str, Any]) -> None:
    assert series["PRSP"]["parameters"]["jump_factor"] == "3"
    stricter = later.reads("/v1/rsps/PRSP/reported-figures/series?parameters=jump_factor:2,loan_min:2000", by=AUDITOR)
    assert stricter["parameters"]["jump_factor"] == "2"
    assert marked(stricter, "jump") > marked(series["PRSP"], "jump") == set()
    for wrong in ("nothing:1", "jump_factor:0", "loan_min:2.5"):
        refused = later.call("GET", f"/v1/reported-figures?parameters={wrong}", by=AUDITOR)
        assert (refused.status_code, refused.json()["code"]) == (422, "parameter_refused")


# Recording -----------------------------------------------------------------------------------------------------


def test_the_same_figures_are_recorded_once_and_a_reprint_counts_from_then_on(later: World) -> None:
    first = a_set("settlement", "Twice", "2020-06-30", {"cif_disbursed_pkr_million": "1.20"})
    (one,) = records(later, "TRDP", first)
    again = later.call("POST", "/v1/rsps/TRDP/reported-figures", {"source": "A report", "sets": [first]}, by=EVERYTHING)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "duplicate_code")
    records(later, "TRDP", a_set("settlement", "Twice", "2020-06-30", {"disbursed": "1,100,000"}), source="Another")
    path = "/v1/rsps/TRDP/reported-figures/series?subject=settlement&name=TWICE"
    now = later.reads(path, by=AUDITOR)
    assert [point["figures"][0]["printed"] for point in now["points"]] == ["1,100,000"]
    assert found(now, "low") == ["reprinted"]
    then = later.reads(f"{path}&known_at={one['recorded_at']}", by=AUDITOR)
    assert [point["figures"][0]["printed"] for point in then["points"]] == ["1.20"]
    assert then["known_at"] == one["recorded_at"]


def test_an_rsp_is_one_subject_whatever_it_calls_itself(later: World) -> None:
    records(later, "TRDP", a_set("rsp", None, "2019-06-30", {"borrowers": 90}))
    records(later, "TRDP", a_set("rsp", "Thardeep", "2019-09-30", {"borrowers": 80}))
    series = later.reads("/v1/rsps/TRDP/reported-figures/series?as_of=2019-12-31", by=AUDITOR)
    assert (series["name"], found(series, "high")) == ("Thardeep", ["fall"])


def test_figures_of_a_year_that_is_not_over_are_as_of_the_day_they_are_recorded(later: World) -> None:
    (of,) = records(later, "TRDP", a_set("settlement", "This year", "2026", {"borrowers": 90}))
    assert (of["as_of"], of["as_of_printed"]) == ("2026-11-20", "2026")


def test_an_lso_is_judged_by_the_limits_that_its_products_had_then(later: World) -> None:
    lso_id = later.lso_ids["OTH"]
    create_fund(later.databases, lso_id, Fund(str(uuid4()), "CIF", "CIF", "SUCCESS", "EU", "LSO Oth"))
    limits: dict[str, Any] = {"amount_min_minor": 500_000, "amount_max_minor": 3_000_000, "term_min_months": 6}
    terms = LoanTerms(repayment=EqualInstalments(count=12))
    create_product(later.databases, lso_id, Product(str(uuid4()), "CIF", "GOATS", "Goats", terms, **limits))
    said = a_set("lso", None, "2021-06-30", {"disbursed": 3_500_000, "loans": 100}, lso="OTH")
    (of,) = records(later, "NRSP", said)
    assert of["limits_of_products"] == ["loan_max", "loan_min", "shortest_term_months"]
    assert {of["parameters"][name] for name in of["limits_of_products"]} == {"5000", "30000", "6"}
    assert found(of, "medium") == ["average_loan"]
    asked = later.reads(f"/v1/reported-figures/{of['id']}?parameters=loan_max:40000", by=AUDITOR)
    assert found(asked, "medium") == []
    open_ended = Product(str(uuid4()), "CIF", "SHOPS", "Shops", terms)
    create_product(later.databases, lso_id, open_ended)
    assert later.reads(f"/v1/reported-figures/{of['id']}", by=AUDITOR) == of


def test_a_sheet_and_a_workbook_say_the_same_as_json(later: World) -> None:
    sheet = (
        "\ufeffsubject,name,as_of,source,page,cif_disbursed_pkr_million,cif_borrowers,recovery_rate\r\n"
        'settlement,Sheet,2020-03-31,Case,7,85.80,"1,250",99%\r\n'
        "\r\n"
        "settlement,Sheet,2020-06-30,Case,8,-,1300,\r\n"
    )
    path = "/v1/rsps/TRDP/reported-figures"
    made = later.call("POST", path, by=EVERYTHING, content=sheet.encode(), headers={"Content-Type": "text/csv"})
    assert made.status_code == 201, made.text
    texts = [{one["measure"]: one["printed"] for one in of["figures"]} for of in made.json()["sets"]]
    assert texts == [
        {"disbursed": "85.80", "borrowers": "1,250", "recovery_rate": "99%"},
        {"disbursed": "-", "borrowers": "1300"},
    ]
    assert found(made.json()["sets"][1], "note") == ["missing"]
    made = later.call("POST", path, by=EVERYTHING, content=a_workbook(), headers={"Content-Type": XLSX})
    assert made.status_code == 201, made.text
    (of,) = made.json()["sets"]
    assert {one["measure"]: one["printed"] for one in of["figures"]} == {
        "disbursed": "85.80",
        "borrowers": "1250",
        "recovery_rate": "99%",
        "recovered": "12.345",
    }
    assert (of["as_of"], of["page"]) == ("2020-03-31", "7")


def a_workbook() -> bytes:
    """Return a workbook with one set, whose figures are numbers that the sheet shows in its own way."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    header = "Subject,name,as_of,source,page,cif_disbursed_pkr_million,borrowers,recovery_rate,recovered_pkr_million"
    sheet.append(header.split(","))
    sheet.append(["settlement", "Book", datetime(2020, 3, 31), "Case", 7, 85.8, 1250, 0.99, 12.345])  # noqa: DTZ001 - workbooks know no zones
    sheet["F2"].number_format = "#,##0.00"
    sheet["H2"].number_format = "0%"
    kept = io.BytesIO()
    workbook.save(kept)
    return kept.getvalue()


def test_every_bad_row_is_told_at_once_and_none_is_recorded(later: World) -> None:
    sheet = (
        "subject,name,lso,as_of,source,disbursed,borrowers\n"
        "settlement,Bad,,2020-13-01,Case,1000,5\n"
        "settlement,Bad,,2020-06-30,Case,about 5 m,five\n"
        "lso,,NOBODY,2020-06-30,Case,1000,5\n"
        "settlement,Good,,2020-06-30,Case,1000,5\n"
        "settlement,Bad,,2031-06-30,Case,1000,5\n"
        "village,Bad,,2020-06-30,,1000,5\n"
    )
    before = later.everything_stored()["reported_set"]
    path, csv_type = "/v1/rsps/TRDP/reported-figures", {"Content-Type": "text/csv"}
    refused = later.call("POST", path, by=EVERYTHING, content=sheet.encode(), headers=csv_type)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
        ("/rows/2/as_of", "date_unreadable"),
        ("/rows/3/borrowers", "printed_unreadable"),
        ("/rows/3/disbursed", "printed_unreadable"),
        ("/rows/4/lso", "not_found"),
        ("/rows/6/as_of", "date_in_future"),
        ("/rows/7/subject", "value_unknown"),
    ]
    assert later.everything_stored()["reported_set"] == before


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        pytest.param({"figures": []}, "/sets/0/figures", "list_too_short", id="no figures"),
        pytest.param({"name": None}, "/sets/0", "field_missing", id="no name"),
        pytest.param({"lso": "DAS"}, "/sets/0", "value_unknown", id="a code of no LSO"),
        pytest.param({"source": None}, "/sets/0/source", "field_missing", id="no source"),
        pytest.param({"note": "x"}, "/sets/0/note", "field_unknown", id="unknown field"),
        pytest.param(
            {"figures": [{"measure": "igg_amount", "printed": "1"}]},
            "/sets/0/figures/0/measure",
            "measure_unknown",
            id="another instrument",
        ),
        pytest.param(
            {"figures": [{"measure": "disbursed", "printed": 85.8}]},
            "/sets/0/figures/0/printed",
            "printed_unreadable",
            id="a float",
        ),
        pytest.param(
            {"figures": [{"measure": "loans", "unit": "pkr", "printed": "5"}]},
            "/sets/0/figures/0/printed",
            "measure_unknown",
            id="loans in rupees",
        ),
        pytest.param(
            {"figures": [{"measure": "loans", "printed": "5"}, {"measure": "cif_loans", "printed": "5"}]},
            "/sets/0",
            "measure_unknown",
            id="one measure twice",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(later: World, changes: dict[str, Any], pointer: str, code: str) -> None:
    said = a_set("settlement", "Refused", "2020-06-30", {"disbursed": "5"}, source="Here") | changes
    refused = later.call("POST", "/v1/rsps/TRDP/reported-figures", {"sets": [said]}, by=EVERYTHING)
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"", "text/csv", "malformed_csv"),
        (b"\xff\xfe", "text/csv", "malformed_csv"),
        (b"subject,borowers\n", "text/csv", "malformed_csv"),
        (b"subject,subject\n", "text/csv", "malformed_csv"),
        (b"subject\nrsp,5\n", "text/csv", "malformed_csv"),
        (b'subject\n"rsp', "text/csv", "malformed_csv"),
        (b"no workbook", XLSX, "malformed_workbook"),
        (b"PK\x05\x06" + b"\0" * 18, XLSX, "malformed_workbook"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(later: World, content: bytes, media_type: str, code: str) -> None:
    path = "/v1/rsps/TRDP/reported-figures"
    refused = later.call("POST", path, by=EVERYTHING, content=content, headers={"Content-Type": media_type})
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_another_kind_of_file_is_refused_with_the_kinds_that_are_read(later: World) -> None:
    path, pdf = "/v1/rsps/TRDP/reported-figures", {"Content-Type": "application/pdf"}
    refused = later.call("POST", path, by=EVERYTHING, content=b"%PDF", headers=pdf)
    assert refused.status_code == 415
    assert refused.json()["detail"] == f"Send the header Content-Type: application/json, text/csv, {XLSX}."


@pytest.mark.parametrize("harm", ["cut", "empty", "far", "huge", "uncomputed"])
def test_a_workbook_that_does_harm_is_refused(later: World, harm: str) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    match harm:
        case "far":
            sheet["A1"], sheet["A1048576"] = "subject", "rsp"
        case "uncomputed":
            sheet.append(["subject", "as_of", "source", "borrowers", "loans"])
            sheet.append(["rsp", "2020-03-31", "Report", "=SUM(A1:A9)", 9])
        case "huge":
            sheet.append(["0" * 30_000] * 99)
            for _ in range(9):
                sheet.append([f"{'0' * 30_000}{place}" for place in range(99)])
    kept = io.BytesIO()
    workbook.save(kept)
    content = kept.getvalue()[: 2_000 if harm == "cut" else None]
    path = "/v1/rsps/TRDP/reported-figures"
    refused = later.call("POST", path, by=EVERYTHING, content=content, headers={"Content-Type": XLSX})
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_workbook")


# Who sees what -------------------------------------------------------------------------------------------------


def test_an_lso_sees_its_own_figures_alone_and_records_none(later: World) -> None:
    (own,) = records(later, "SRSO", a_set("lso", None, "2021-06-30", {"disbursed": "5000"}, lso="DAS"), by=FINANCE)
    (rsp,) = records(later, "SRSO", a_set("rsp", None, "2021-06-30", {"disbursed": "9000"}), by=FINANCE)
    assert (own["name"], own["lso"], rsp["name"]) == ("LSO Das", "DAS", "SRSO")
    for path in ("/v1/reported-figures", "/v1/lsos/DAS/reported-figures"):
        assert [one["id"] for one in later.reads(path)["items"]] == [own["id"]]
    assert later.reads("/v1/lsos/DAS/reported-figures/series")["points"][0]["set"] == own["id"]
    assert later.reads(f"/v1/reported-figures/{own['id']}")["id"] == own["id"]
    for by, path in (
        (ACCOUNTANT, f"/v1/reported-figures/{rsp['id']}"),
        (OTHER, f"/v1/reported-figures/{own['id']}"),
        (OTHER_RSP, f"/v1/reported-figures/{own['id']}"),
        (ACCOUNTANT, "/v1/rsps/SRSO/reported-figures"),
        (OTHER_RSP, "/v1/rsps/SRSO/reported-figures/series"),
        (OTHER, "/v1/lsos/DAS/reported-figures"),
    ):
        assert later.call("GET", path, by=by).status_code == 404, (by, path)
    body = {"source": "x", "sets": [a_set("rsp", None, "2021-06-30", {"disbursed": "1"})]}
    for by, code in ((ACCOUNTANT, "scope_missing"), (AUDITOR, "scope_missing"), (OTHER_RSP, "not_found")):
        assert later.call("POST", "/v1/rsps/SRSO/reported-figures", body, by=by).json()["code"] == code
    listed = later.reads("/v1/reported-figures", by=FINANCE)["items"]
    assert {one["rsp"] for one in listed} == {"SRSO"}


def test_lists_go_on_after_a_cursor(later: World) -> None:
    for quarter in ("03-31", "06-30", "09-30"):
        of = [a_set("settlement", f"Page {page}", f"2020-{quarter}", {"borrowers": 90}) for page in (1, 2, 3)]
        records(later, "TRDP", *of)
    whole = later.reads("/v1/reported-figures?limit=200", by=AUDITOR)["items"]
    assert listed(later, limit=3) == whole
    assert len(whole) > 6


# Coverage ------------------------------------------------------------------------------------------------------


def test_coverage_says_on_what_figures_rest(later: World, profiles: dict[str, Any]) -> None:
    assert profiles
    later.lends("12000.00")
    untold = later.reads("/v1/portfolio/coverage?by=rsp", by=AUDITOR)
    before = next(row for row in untold["rows"] if row["key"]["rsp"] == "NRSP")
    create_lso(later.databases, Lso(str(uuid4()), "NEW", "LSO New", "NRSP", "D-OTH"))
    shown = later.reads("/v1/portfolio/coverage?by=rsp", by=AUDITOR)
    CoverageReport.model_validate(shown)
    rows = {row["key"]["rsp"]: row for row in shown["rows"]}
    assert rows["SRSO"]["loan_level"]["lsos"] == 1
    assert rows["SRSO"]["totals_only"]["lsos"] == 0
    assert rows["TRDP"]["totals_only"] | {"plausible": 2, "impossible": 0} == rows["TRDP"]["totals_only"]
    assert rows["TRDP"]["totals_only"]["disbursed"] == "25631000.00"
    assert rows["NRSP"]["totals_only"] == before["totals_only"]
    assert rows["NRSP"]["totals_only"]["impossible"] == 1
    assert rows["NRSP"]["lsos"] == before["lsos"] + 1
    assert rows["NRSP"]["nothing"]["lsos"] == before["nothing"]["lsos"] + 1
    for part in ("loan_level", "totals_only", "nothing"):
        assert shown["total"][part]["lsos"] == sum(row[part]["lsos"] for row in rows.values())
    assert shown["total"]["lsos"] == sum(row["lsos"] for row in rows.values())
    assert later.reads(f"/v1/portfolio/coverage?by=rsp&known_at={shown['known_at']}", by=AUDITOR) == shown


def test_coverage_is_of_whole_lsos(later: World) -> None:
    later.lends()
    refused = later.call("GET", "/v1/portfolio/coverage?by=vo", by=AUDITOR)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_not_cut")
    one = later.reads("/v1/lsos/DAS/portfolio/coverage")["total"]
    assert (one["lsos"], one["loan_level"]["lsos"]) == (1, 1)
    rsp = later.reads("/v1/rsps/SRSO/portfolio/coverage?by=lso,district", by=FINANCE)
    assert [row["key"] for row in rsp["rows"]] == [{"lso": "DAS", "district": "D-DAS"}]
