"""Reports over HTTP: the same report as JSON, CSV, workbook or picture, by the address or by the Accept header."""

import io
import zipfile
from typing import Any

import pytest

from api.formats import MEDIA_TYPES, Form
from cif_engine.documents.charts import Picture
from cif_engine.operations.keys import Scope
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, OTHER, OTHER_RSP, World, add_key
from tests.reports.reading import read_csv, sheets

DAS = "/v1/lsos/DAS/portfolio"
FIGURES = ("", "/series", "/vintages", "/maturity", "/provisioning", "/collections", "/roll-rates")
REPORTS = ("summary", "par", "ageing", "dcb", "cycles", "districts", "indicators")
REGISTERS = ("arrears", "disbursements", "collections")
CHARTS = ("par-trend", "ageing", "vintages", "roll-rates")
SUBJECTS = (*FIGURES, *(f"/reports/{name}" for name in (*REPORTS, *REGISTERS)))
XLSX = MEDIA_TYPES[Form.XLSX]


@pytest.fixture(scope="module")
def then(world: World) -> str:
    """The moment up to which there is one loan alone.

    It is of 12,000 on 1 June 2021; July's 1,000 were paid and the others are late on 2 November.
    """
    paid = {"loan": world.lends(), "amount": "1000", "effective_on": "2021-07-01", "receipt_no": "R-9"}
    moment: str = world.records("/repayments", paid)["event"]["recorded_at"]
    return moment


@pytest.fixture(scope="module")
def lent(world: World, then: str) -> World:
    """The world once that loan is recorded; other tests may record more."""
    assert then
    return world


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_report_is_json_a_csv_and_a_workbook(lent: World, subject: str) -> None:
    address = f"{DAS}{subject}?{_days(subject)}"
    told = lent.call("GET", address)
    assert told.status_code == 200, told.text
    assert told.headers["content-type"] == "application/json"
    table = lent.call("GET", f"{address}&format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].endswith('.csv"')
    assert read_csv(table.content)
    book = lent.call("GET", f"{address}&format=xlsx")
    assert book.headers["content-type"] == XLSX
    assert sheets(book.content)[0] == "About"


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_an_svg_or_a_png(lent: World, chart: str) -> None:
    drawn = lent.call("GET", f"{DAS}/charts/{chart}")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.content.startswith(b"<?xml")
    again = lent.call("GET", f"{DAS}/charts/{chart}?format=svg")
    assert again.content == drawn.content
    png = lent.call("GET", f"{DAS}/charts/{chart}", headers={"Accept": "image/png"})
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")


def test_a_chart_of_the_ageing_has_a_bar_for_each_row(lent: World) -> None:
    whole, cut = (lent.call("GET", f"{DAS}/charts/ageing{query}").text for query in ("", "?by=vo"))
    assert "VO-1" in cut
    assert "VO-1" not in whole


@pytest.mark.parametrize("address", ["/v1/portfolio", "/v1/rsps/SRSO/portfolio", DAS])
def test_a_report_says_whose_it_is(lent: World, address: str) -> None:
    scopes = {
        "/v1/portfolio": "LSO Das (DAS)",
        "/v1/rsps/SRSO/portfolio": "SRSO programme (SRSO)",
        DAS: "LSO Das (DAS)",
    }
    by = FINANCE if "rsps" in address else ACCOUNTANT
    told = lent.reads(f"{address}/reports/par?as_of=2021-11-02", by=by)
    assert told["scope"] == scopes[address]
    assert told["as_of"] == "2021-11-02"
    assert lent.reads("/v1/portfolio/reports/par", by=EVERYTHING)["scope"] == "All LSOs"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form.JSON),
        ("*/*", Form.JSON),
        ("text/csv", Form.CSV),
        (XLSX, Form.XLSX),
        ("application/json, text/csv", Form.JSON),
        ("application/json;q=0.5, text/csv", Form.CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Form.JSON),
        ("text/csv;q=0", Form.JSON),
        ("text/csv;q=many", Form.JSON),
        ("TEXT/CSV ; charset=utf-8", Form.CSV),
    ],
)
def test_the_accept_header_chooses_where_the_address_does_not(lent: World, accept: str, form: Form) -> None:
    answered = lent.call("GET", f"{DAS}/maturity", headers={"Accept": accept})
    assert answered.headers["content-type"].partition(";")[0] == MEDIA_TYPES[form]
    said = lent.call("GET", f"{DAS}/maturity?format=xlsx", headers={"Accept": accept})
    assert said.headers["content-type"] == XLSX


def test_a_form_that_there_is_not_is_refused(lent: World) -> None:
    for address in (f"{DAS}?format=pdf", f"{DAS}/charts/ageing?format=csv", f"{DAS}/reports/par?format=svg"):
        refused = lent.call("GET", address)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "value_unknown")


def test_one_table_is_asked_for_by_its_name(lent: World, then: str) -> None:
    (table,) = lent.reads(f"{DAS}/reports/summary?table=ageing")["tables"]
    assert table["table"] == "Ageing"
    aged = lent.call("GET", f"{DAS}/reports/summary?table=Ageing&format=csv&known_at={then}")
    assert read_csv(aged.content)[0]["amount_4"] == "11000.00"
    book = lent.call("GET", f"{DAS}/reports/summary?table=Ageing&format=xlsx")
    assert sheets(book.content) == ["About", "Ageing", "Definitions"]
    assert lent.call("GET", f"{DAS}/reports/summary?table=Nothing").status_code == 404
    assert lent.call("GET", f"{DAS}?table=PAR").json()["errors"][0]["parameter"] == "table"


def test_a_register_is_paged_as_json_and_whole_as_a_file(lent: World, then: str) -> None:
    first = lent.reads(f"{DAS}/reports/collections?limit=1&from=2021-07-01&known_at={then}")
    (row,) = first["items"]
    assert (row["receipt_no"], row["received"], row["principal"]) == ("R-9", "1000.00", "1000.00")
    assert first["next"] is None
    listed = lent.reads(f"{DAS}/reports/arrears?table=Arrears&known_at={then}")
    assert [row["member_name"] for row in listed["items"]] == ["زرینہ"]
    assert lent.call("GET", f"{DAS}/reports/arrears?after=nonsense").status_code == 422
    whole = lent.call("GET", f"{DAS}/reports/arrears?format=csv&known_at={then}")
    assert [row["member_name"] for row in read_csv(whole.content)] == ["زرینہ"]


@pytest.mark.parametrize("report", ["arrears", "cycles", "districts", "indicators"])
def test_a_report_with_an_order_of_its_own_is_not_cut(lent: World, report: str) -> None:
    refused = lent.call("GET", f"{DAS}/reports/{report}?by=vo")
    assert (refused.status_code, refused.json()["code"]) == (422, "report_not_cut")


def test_a_key_that_reads_figures_alone_is_told_no_names(lent: World) -> None:
    add_key(lent.databases, "figures", frozenset({Scope.PORTFOLIO_READ}), lso="DAS")
    assert lent.call("GET", f"{DAS}/reports/summary", by="figures").status_code == 200
    for register in REGISTERS:
        refused = lent.call("GET", f"{DAS}/reports/{register}", by="figures")
        assert (refused.status_code, refused.json()["scope"]) == (403, "loans:read")


def test_people_are_named_only_to_who_may_read_of_their_lso(lent: World, then: str) -> None:
    for by in (OTHER, OTHER_RSP):
        assert lent.call("GET", f"{DAS}/reports/arrears", by=by).status_code == 404
    arrears = f"/v1/portfolio/reports/arrears?known_at={then}"
    assert lent.reads(arrears, by=OTHER)["items"] == []
    assert len(lent.reads(arrears, by=AUDITOR)["items"]) == 1


@pytest.mark.parametrize("form", [*Form, *Picture])
def test_the_same_two_dates_give_the_same_bytes_whatever_is_recorded_later(lent: World, form: str) -> None:
    dates = f"known_at={lent.reads(f'{DAS}/reports/par')['known_at']}"
    subjects = [f"/charts/{name}" for name in CHARTS] if form in list(Picture) else list(SUBJECTS)
    addresses = [f"{DAS}{subject}?format={form}&{dates}&{_days(subject)}" for subject in subjects]
    before = [lent.call("GET", address).content for address in addresses]
    said = {"member": "M-2", "product": "MONTHLY", "amount": "5000", "effective_on": "2021-06-20", "purpose": "A goat"}
    lent.records("/loans", said)
    lent.lends_with_charge(member="M-3", on="2021-05-01")
    assert [lent.call("GET", address).content for address in addresses] == before


def _days(subject: str) -> str:
    of_period = ("/collections", "/roll-rates", "summary", "dcb", "districts", "indicators", "disbursements")
    return "from=2021-05-01&to=2021-11-02" if subject.endswith(of_period) else "as_of=2021-11-02"


def test_the_document_tells_every_form_of_every_report(lent: World) -> None:
    paths: dict[str, Any] = lent.reads("/openapi.json")["paths"]
    for subject in SUBJECTS:
        content = paths[f"/v1/portfolio{subject}"]["get"]["responses"]["200"]["content"]
        assert {*content} == {MEDIA_TYPES[form] for form in Form}, subject
    for chart in CHARTS:
        content = paths[f"/v1/portfolio/charts/{chart}"]["get"]["responses"]["200"]["content"]
        assert {*content} == {MEDIA_TYPES[picture] for picture in Picture}, chart


def test_a_workbook_is_a_sound_zip(lent: World) -> None:
    book = lent.call("GET", f"{DAS}/reports/summary?format=xlsx").content
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None
