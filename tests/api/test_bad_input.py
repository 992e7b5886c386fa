"""What cannot be true or cannot be read gets a 4xx with a stable code, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.reception import LARGEST_BODY
from tests.api.world import EVERYTHING, NOON, OTHER, World

PATH = "/v1/lsos/DAS/repayments"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def loan(world: World) -> str:
    return world.lends()


@pytest.fixture(autouse=True)
def _nothing_changes(world: World, loan: str) -> Iterator[None]:  # noqa: ARG001 - lent before anything is counted
    before = world.everything_stored()
    yield
    assert world.everything_stored() == before


def said(loan: str) -> dict[str, Any]:
    return {"loan": loan, "amount": "500.00", "effective_on": "2021-07-01"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        pytest.param("amount", 500.0, "amount_unreadable", id="float"),
        pytest.param("amount", 0.1, "amount_unreadable", id="fraction"),
        pytest.param("amount", True, "amount_unreadable", id="truth value"),
        pytest.param("amount", "5e2", "amount_unreadable", id="exponent"),
        pytest.param("amount", "NaN", "amount_unreadable", id="NaN text"),
        pytest.param("amount", "Infinity", "amount_unreadable", id="infinity text"),
        pytest.param("amount", "1,500.00", "amount_unreadable", id="separator"),
        pytest.param("amount", " 500", "amount_unreadable", id="blank"),
        pytest.param("amount", "٥٠٠", "amount_unreadable", id="arabic digits"),
        pytest.param("amount", "", "amount_unreadable", id="empty"),
        pytest.param("amount", [500], "amount_unreadable", id="list"),
        pytest.param("amount", None, "amount_unreadable", id="null"),
        pytest.param("amount", "-500.00", "amount_negative", id="negative"),
        pytest.param("amount", -1, "amount_negative", id="negative whole"),
        pytest.param("amount", "0.00", "amount_zero", id="zero"),
        pytest.param("amount", 0, "amount_zero", id="zero whole"),
        pytest.param("amount", "1.005", "amount_too_precise", id="three decimals"),
        pytest.param("amount", "10000000000000.01", "amount_too_large", id="huge"),
        pytest.param("amount", 2**53, "amount_too_large", id="huge whole"),
        pytest.param("amount", 10**30, "amount_unreadable", id="beyond 64 bits"),
        pytest.param("effective_on", "2021-02-30", "date_unreadable", id="no such day"),
        pytest.param("effective_on", "01/07/2021", "date_unreadable", id="another order"),
        pytest.param("effective_on", "2021-07-01T00:00:00Z", "date_unreadable", id="an instant"),
        pytest.param("effective_on", "20210701", "date_unreadable", id="no dashes"),
        pytest.param("effective_on", 1_625_097_600, "date_unreadable", id="a number"),
        pytest.param("effective_on", "", "date_unreadable", id="no date"),
        pytest.param("effective_on", "1989-12-31", "date_out_of_range", id="before 1990"),
        pytest.param("effective_on", "2200-01-01", "date_out_of_range", id="after 2199"),
        pytest.param("effective_on", "9999-12-31", "date_out_of_range", id="year 9999"),
        pytest.param("loan", 731, "type_mismatch", id="number for text"),
        pytest.param("loan", "", "text_too_short", id="empty text"),
        pytest.param("loan", "  ", "text_too_short", id="blank text"),
        pytest.param("loan", "DAS\x00", "text_with_controls", id="NUL"),
        pytest.param("note", "a\u0007b", "text_with_controls", id="control character"),
        pytest.param("note", "a\nb", "text_with_controls", id="line break"),
        pytest.param("note", "x" * 501, "text_too_long", id="too long"),
        pytest.param("receipt_no", "R" * 65, "text_too_long", id="too long a number"),
        pytest.param("channel", "hawala", "value_unknown", id="unknown channel"),
        pytest.param("custodian", "1", "type_mismatch", id="text for number"),
        pytest.param("custodian", 1.0, "type_mismatch", id="float for number"),
        pytest.param("custodian", True, "type_mismatch", id="truth value for number"),
        pytest.param("custodian", 0, "number_out_of_range", id="too small a number"),
        pytest.param("custodian", 10**12, "number_out_of_range", id="too large a number"),
        pytest.param("id", "731", "id_unreadable", id="no UUID"),
        pytest.param("amount_minor", 50_000, "field_unknown", id="field by its inner name"),
        pytest.param("lso_id", "x", "field_unknown", id="unknown field"),
        pytest.param("ﷺ/~ 🐐", 1, "field_unknown", id="unknown field in other letters"),
    ],
)
def test_a_field_that_cannot_be_is_pointed_at(world: World, loan: str, field: str, value: object, code: str) -> None:
    response = world.call("POST", PATH, {**said(loan), field: value})
    assert response.status_code == 422, response.text
    problem = response.json()
    assert problem["code"] == "invalid_input"
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} >= {(pointer, code)}


def test_every_wrong_field_is_named(world: World) -> None:
    response = world.call("POST", PATH, {"amount": "x", "surprise": 1})
    found = {(error["pointer"], error["code"]) for error in response.json()["errors"]}
    assert found == {
        ("/amount", "amount_unreadable"),
        ("/loan", "field_missing"),
        ("/effective_on", "field_missing"),
        ("/surprise", "field_unknown"),
    }


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        pytest.param({"effective_on": "2021-11-03"}, 422, "date_in_future", "/effective_on", id="tomorrow"),
        pytest.param({"effective_on": "2021-05-31"}, 422, "loan_not_open", "/loan", id="before it was disbursed"),
        pytest.param({"loan": "DAS-2021-99999"}, 404, "not_found", "/loan", id="unknown number"),
        pytest.param({"loan": "M-1"}, 404, "not_found", "/loan", id="a member's code"),
        pytest.param({"loan": "0197d3a2-0000-7c3e-9a4d-1f2e3d4c5b6a"}, 404, "not_found", "/loan", id="unknown id"),
        pytest.param({"loan": "قرض ۱"}, 404, "not_found", "/loan", id="right to left"),
        pytest.param({"loan": "🐐" * 30}, 404, "not_found", "/loan", id="emoji"),
        pytest.param({"custodian": 77}, 404, "not_found", "/custodian", id="unknown custodian"),
    ],
)
def test_a_rule_that_is_broken_is_named(
    world: World, loan: str, change: dict[str, str], status: int, code: str, pointer: str
) -> None:
    response = world.call("POST", PATH, {**said(loan), **change})
    assert response.status_code == status, response.text
    assert response.json()["code"] == code
    assert response.json()["errors"][0]["pointer"] == pointer


def test_another_tenants_loan_is_unknown(world: World, loan: str) -> None:
    response = world.call("POST", "/v1/lsos/OTH/repayments", said(loan), by=OTHER)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_another_tenants_book_is_unknown(world: World, loan: str) -> None:
    response = world.call("POST", PATH, said(loan), by=OTHER)
    assert response.status_code == 404
    assert response.json()["errors"] == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"amount": NaN}', id="NaN"),
        pytest.param(b'{"amount": Infinity}', id="infinity"),
        pytest.param(b"{'amount': 1}", id="quotes of another kind"),
        pytest.param(b'{"loan": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'{"loan": "\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(b'{"loan": "\\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"\\ud800": 1}', id="a lone surrogate in a name"),
        pytest.param(b'{"loan": "\x00"}', id="a raw NUL"),
        pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
        pytest.param(b'\xef\xbb\xbf{"amount": 1}', id="a byte order mark"),
        pytest.param('{"amount": 1}'.encode("utf-16"), id="UTF-16"),
    ],
)
def test_a_body_that_is_no_json_is_malformed(world: World, body: bytes) -> None:
    response = world.call("POST", PATH, content=body, headers=JSON)
    assert response.status_code == 400, response.text
    assert response.json()["code"] == "malformed_json"


@pytest.mark.parametrize("body", ["[]", "null", "5", '"text"', "[{}]"])
def test_a_body_that_is_no_object_is_refused(world: World, body: str) -> None:
    response = world.call("POST", PATH, content=body, headers=JSON)
    assert response.status_code == 422, response.text
    assert response.json()["code"] == "invalid_input"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_a_body_of_another_type_is_refused(world: World, loan: str, media_type: str) -> None:
    response = world.call("POST", PATH, said(loan), headers={"Content-Type": media_type})
    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


def test_ten_megabytes_are_refused_unread(world: World) -> None:
    response = world.call("POST", PATH, content=b" " * 10_000_000, headers=JSON)
    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


def test_ten_megabytes_in_pieces_are_refused_as_well(world: World) -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(160):
            read += 65_536
            yield b" " * 65_536

    response = world.call("POST", PATH, content=pieces(), headers=JSON)
    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


def test_the_largest_body_is_still_read(world: World) -> None:
    body = b'{"amount": "x"}'.ljust(LARGEST_BODY)
    response = world.call("POST", PATH, content=body, headers=JSON)
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("as_of=2021-02-30", "as_of", "date_unreadable"),
        ("as_of=2021-06-30T00:00:00Z", "as_of", "date_unreadable"),
        ("as_of=1624995600", "as_of", "date_unreadable"),
        ("as_of=%00", "as_of", "date_unreadable"),
        ("as_of=0001-01-01", "as_of", "date_out_of_range"),
        ("known_at=2021-06-30", "known_at", "moment_unreadable"),
        ("known_at=2021-06-30T00:00:00", "known_at", "moment_unreadable"),
        ("known_at=2021-06-30T00:00:00+05:00", "known_at", "moment_unreadable"),
        ("known_at=2021-06-30T25:00:00Z", "known_at", "moment_unreadable"),
        ("known_at=2021-06-30T00:00:00.1234567Z", "known_at", "moment_unreadable"),
        ("fund=%00", "fund", "text_malformed"),
        ("fund=", "fund", "text_malformed"),
        ("asof=2021-06-30", "asof", "parameter_unknown"),
        ("as_of=2021-06-30&as_of=2021-07-01", "as_of", "parameter_repeated"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(world: World, query: str, parameter: str, code: str) -> None:
    response = world.call("GET", f"/v1/lsos/DAS/trial-balance?{query}")
    assert response.status_code == 422, response.text
    assert [(error["parameter"], error["code"]) for error in response.json()["errors"]] == [(parameter, code)]


def test_a_moment_may_have_any_offset(world: World) -> None:
    at = NOON.replace(tzinfo=None).isoformat()
    for written in (f"{at}Z", f"{at}%2B00:00"):
        report = world.reads(f"/v1/lsos/DAS/trial-balance?known_at={written}")
        assert report["known_at"] is None


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("loans", "limit=0"),
        ("loans", "limit=201"),
        ("loans", "limit=x"),
        ("loans", "days_late_over=-1"),
        ("loans", "status=closed"),
        ("loans", "renegotiated=perhaps"),
        ("portfolio", "by=moon"),
        ("portfolio", "by=vo,vo"),
        ("portfolio", "by=vo,co,fund"),
        ("cash-book", "from=2021-07-02&to=2021-07-01"),
        ("events", "after=-1"),
        ("events", f"after={10**30}"),
    ],
)
def test_a_report_of_nothing_sensible_is_refused(world: World, path: str, query: str) -> None:
    response = world.call("GET", f"/v1/lsos/DAS/{path}?{query}")
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["parameter"]


@pytest.mark.parametrize("cursor", ["x", "", "====", "bnVsbA", "e30", "WzFd", "IgAi", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"])
@pytest.mark.parametrize("path", ["loans", "repayments", "accounts/CIF.1020/statement"])
def test_a_cursor_nobody_gave_is_refused(world: World, path: str, cursor: str) -> None:
    response = world.call("GET", f"/v1/lsos/DAS/{path}?after={cursor}")
    assert response.status_code == 422, response.text
    assert response.json()["code"] == "cursor_malformed"


@pytest.mark.parametrize("path", ["funds/%00/tranches/1/receipt", "funds/CIF/tranches/x/receipt", "loans/a b/decision"])
def test_a_path_that_cannot_be_is_not_found(world: World, path: str) -> None:
    response = world.call("POST", f"/v1/lsos/DAS/{path}", {"effective_on": "2021-01-01"}, by=EVERYTHING)
    assert response.status_code == 404


def test_terms_are_pointed_into(world: World) -> None:
    application = {
        "member": "M-1",
        "product": "MONTHLY",
        "amount": "5000.00",
        "effective_on": "2021-06-01",
        "purpose": "بکری 🐐",
        "repayment": {"kind": "equal_instalments", "count": 0, "frequency": "now and then", "first_due_on": 5},
    }
    response = world.call("POST", "/v1/lsos/DAS/loans", application)
    assert response.status_code == 422
    assert {(error["pointer"], error["code"]) for error in response.json()["errors"]} == {
        ("/repayment/count", "number_out_of_range"),
        ("/repayment/frequency", "frequency_unreadable"),
        ("/repayment/first_due_on", "date_unreadable"),
    }


RESOLVED = {"resolution_no": "R-9", "reason": "Flood", "effective_on": "2021-07-01"}
PLAN = {"kind": "bullet", "after_months": 6}


@pytest.mark.parametrize(
    ("step", "said", "pointer", "code"),
    [
        pytest.param("waiver", {}, "", "field_missing", id="a waiver of nothing"),
        pytest.param("waiver", {"penalty": "0.00", "fee": 0}, "", "field_missing", id="a waiver of nought"),
        pytest.param("waiver", {"charge": "everything"}, "/charge", "amount_unreadable", id="a word for an amount"),
        pytest.param("waiver", {"penalty": "-1"}, "/penalty", "amount_negative", id="a negative waiver"),
        pytest.param("reschedule", {}, "/plan", "field_missing", id="neither a plan nor a pause"),
        pytest.param("reschedule", {"plan": PLAN, "pause": {"months": 1}}, "/plan", "field_missing", id="both"),
        pytest.param("reschedule", {"pause": {"months": 0}}, "/pause/months", "number_out_of_range", id="no months"),
        pytest.param("reschedule", {"pause": {"months": 61}}, "/pause/months", "number_out_of_range", id="61 months"),
        pytest.param(
            "reschedule", {"pause": {"months": 1, "arrears": "gone"}}, "/pause/arrears", "value_unknown", id="arrears"
        ),
        pytest.param("write-off", {"amount": 5}, "/amount", "field_unknown", id="a part of a loan written off"),
    ],
)
def test_a_decision_that_cannot_be_is_pointed_at(
    world: World, loan: str, step: str, said: dict[str, Any], pointer: str, code: str
) -> None:
    response = world.call("POST", f"/v1/lsos/DAS/loans/{loan}/{step}", {**RESOLVED, **said}, by=EVERYTHING)
    assert response.status_code == 422, response.text
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in response.json()["errors"]}


def test_an_amount_that_settles_nothing_is_refused(world: World, loan: str) -> None:
    settling = {"channel": "bank", "effective_on": "2021-07-01", "settled_amount": "5.00"}
    response = world.call("POST", f"/v1/lsos/DAS/loans/{loan}/disbursement", settling)
    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("", "field_missing")]
