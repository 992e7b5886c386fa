"""An RSP and its LSOs over HTTP: who tells of releases and how, once, all or none; and what is matched."""

from copy import deepcopy
from itertools import count
from typing import Any

import pytest

from api.models.capital import CapitalStatement
from api.models.federation import FederationShown
from api.models.releases import ReleaseRegister, ReleaseSaid, ReleasesRecorded
from api.problems import REPLAYED
from api.visits import PREVIEWED
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, MANAGER, OTHER_RSP, World

RELEASES, FEDERATION = "/v1/rsps/SRSO/releases", "/v1/rsps/SRSO/federation"
SAID = {**ReleaseSaid.example, "amount": "500000.00", "released_on": "2020-01-15"}
_numbers = count(1)
Said = dict[str, Any]


def a_release(**changes: Any) -> Said:  # noqa: ANN401 - fields of a request
    """One of a payment of its own, for a tranche that no book knows."""
    number = next(_numbers)
    return {**deepcopy(SAID), "reference": f"BPV-T{number}", "tranche": 1000 + number, **changes}


def rows(*releases: Said | str) -> Said:
    return {"releases": list(releases)}


def tells(world: World, *releases: Said, by: str = FINANCE, **more: Any) -> Said:  # noqa: ANN401 - as `World.call`
    made = world.call("POST", RELEASES, rows(*releases), by=by, **more)
    assert made.status_code == 201, made.text
    answer: Said = made.json()
    return answer


def register(world: World, query: str = "") -> list[Said]:
    items: list[Said] = []
    answer = world.reads(f"{RELEASES}?limit=200{query}", by=AUDITOR)
    items += answer["items"]
    while answer["next"]:
        answer = world.reads(f"{RELEASES}?limit=200{query}&after={answer['next']}", by=AUDITOR)
        items += answer["items"]
    return items


def pair_of(world: World, tranche: int, query: str = "", fund: str = "CIF") -> Said | None:
    told = world.reads(FEDERATION + query, by=FINANCE)["tranches"]
    return next((one for one in told if (one["fund"], one["tranche"]) == (fund, tranche)), None)


# The register --------------------------------------------------------------------------------------------------


def test_releases_are_recorded_with_numbers_and_one_moment(world: World) -> None:
    one, two = a_release(), a_release(amount="1.50")
    recorded = tells(world, one, two)
    ReleasesRecorded.model_validate(recorded)
    first, second = recorded["releases"]
    assert second["number"] == first["number"] + 1
    assert first["recorded_at"] == second["recorded_at"]
    assert first["recorded_by"] == FINANCE
    assert first.items() >= one.items()
    assert recorded["total"] == "500001.50"
    assert register(world)[-2:] == [first, second]


def test_the_same_request_again_adds_nothing_and_is_answered_the_same(world: World) -> None:
    said = rows(a_release())
    first = world.call("POST", RELEASES, said, by=FINANCE, key="once-1")
    before = register(world)
    again = world.call("POST", RELEASES, said, by=FINANCE, key="once-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers[REPLAYED] == "true"
    assert register(world) == before
    other = world.call("POST", RELEASES, rows(a_release()), by=FINANCE, key="once-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_remembered_too(world: World) -> None:
    unknown = rows(a_release(lso="GHO"))
    refused = world.call("POST", RELEASES, unknown, by=FINANCE, key="refused-1")
    again = world.call("POST", RELEASES, unknown, by=FINANCE, key="refused-1")
    assert refused.status_code == again.status_code == 422
    assert again.json()["errors"] == refused.json()["errors"]
    assert REPLAYED in again.headers
    assert REPLAYED not in refused.headers


def test_a_preview_answers_what_recording_would_and_leaves_nothing(world: World) -> None:
    said, before = rows(a_release(), a_release()), world.everything_stored()
    previewed = world.call("POST", f"{RELEASES}?preview=true", said, by=FINANCE, key="")
    assert (previewed.status_code, previewed.headers[PREVIEWED]) == (200, "true")
    assert world.everything_stored() == before
    recorded = world.call("POST", RELEASES, said, by=FINANCE).json()
    unlike = {"id": None, "recorded_at": None}
    shown = [[{**one, **unlike} for one in answer["releases"]] for answer in (previewed.json(), recorded)]
    assert shown[0] == shown[1]
    refused = world.call("POST", f"{RELEASES}?preview=true", rows(a_release(lso="GHO")), by=FINANCE, key="")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")


def test_a_request_without_a_key_is_refused(world: World) -> None:
    refused = world.call("POST", RELEASES, rows(a_release()), by=FINANCE, key="")
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")


def test_every_wrong_row_is_told_at_once_and_none_is_recorded(world: World) -> None:
    held = a_release()
    tells(world, held)
    twice = a_release()
    before = register(world)
    said = rows(
        a_release(),
        a_release(amount="12,5"),
        a_release(lso="GHO", released_on="2022-01-01"),
        held,
        twice,
        {**twice, "amount": "7.00"},
        {"reference": "BPV-9", "lso": "DAS", "fund": "CIF", "tranche": 0, "amount": "1.00", "on": "2020-01-01"},
        "no row at all",
    )
    refused = world.call("POST", RELEASES, said, by=FINANCE)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    assert refused.json()["rows_refused"] == 6
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/releases/1/amount", "amount_unreadable"),
        ("/releases/2/lso", "not_found"),
        ("/releases/2/released_on", "date_in_future"),
        ("/releases/3/reference", "duplicate_release"),
        ("/releases/5/reference", "duplicate_release"),
        ("/releases/6/on", "field_unknown"),
        ("/releases/6/released_on", "field_missing"),
        ("/releases/6/tranche", "number_out_of_range"),
        ("/releases/7", "type_mismatch"),
    ]
    assert register(world) == before


def test_one_payment_may_go_to_many_tranches(world: World) -> None:
    one = a_release()
    tells(world, one, {**one, "tranche": one["tranche"] + 500}, {**one, "fund": "ENT"})
    refused = world.call("POST", RELEASES, rows(one), by=FINANCE)
    assert refused.json()["errors"][0]["code"] == "duplicate_release"


@pytest.mark.parametrize("said", [{}, {"releases": []}, {"releases": {}}, {"rows": [SAID]}], ids=str)
def test_what_is_no_list_is_refused(world: World, said: Said) -> None:
    assert world.call("POST", RELEASES, said, by=FINANCE).status_code == 422


def test_a_wrong_row_is_reversed_once_and_told_again(world: World) -> None:
    said = a_release(amount="10.00")
    wrong = tells(world, said)["releases"][0]
    address = f"{RELEASES}/{wrong['id']}/reversal"
    reason = {"reason": "Typed for another LSO"}
    taken_back = world.call("POST", address, reason, by=FINANCE)
    assert taken_back.status_code == 201, taken_back.text
    (row,) = taken_back.json()["releases"]
    assert (row["reverses"], row["reason"], row["number"]) == (wrong["id"], reason["reason"], wrong["number"] + 1)
    assert {**row, **wrong, "reversed_by": row["id"]} in register(world)
    again = world.call("POST", address, reason, by=FINANCE)
    assert (again.status_code, again.json()["code"]) == (409, "already_reversed")
    assert again.json()["reversal"] == row["id"]
    of_it = world.call("POST", f"{RELEASES}/{row['id']}/reversal", reason, by=FINANCE)
    assert of_it.status_code == 404
    assert tells(world, said)["releases"][0]["amount"] == "10.00"


def test_the_register_is_read_as_it_was_known(world: World) -> None:
    wrong = tells(world, a_release())["releases"][0]
    then = f"&known_at={wrong['recorded_at']}"
    before = register(world, then)
    assert before[-1] == wrong
    world.call("POST", f"{RELEASES}/{wrong['id']}/reversal", {"reason": "Wrong"}, by=FINANCE)
    assert register(world, then) == before
    assert register(world)[-2]["reversed_by"] == register(world)[-1]["id"]
    page = world.reads(f"{RELEASES}?limit=1{then}", by=AUDITOR)
    ReleaseRegister.model_validate(page)
    assert page["known_at"] == wrong["recorded_at"]


@pytest.mark.parametrize(
    ("by", "status"), [(ACCOUNTANT, 403), (MANAGER, 403), (AUDITOR, 403), (OTHER_RSP, 404), (EVERYTHING, 201)]
)
def test_the_rsp_alone_tells_of_its_ledger(world: World, by: str, status: int) -> None:
    assert world.call("POST", RELEASES, rows(a_release()), by=by).status_code == status


@pytest.mark.parametrize("path", [RELEASES, FEDERATION])
@pytest.mark.parametrize(("by", "status"), [(ACCOUNTANT, 404), (OTHER_RSP, 404), (FINANCE, 200), (AUDITOR, 200)])
def test_an_rsp_is_seen_by_keys_that_are_bound_to_it_or_to_everything(
    world: World, path: str, by: str, status: int
) -> None:
    assert world.call("GET", path, by=by).status_code == status


def test_an_lso_of_another_rsp_is_not_known(world: World) -> None:
    refused = world.call("POST", RELEASES, rows(a_release(lso="OTH")), by=EVERYTHING)
    assert [error["code"] for error in refused.json()["errors"]] == ["not_found"]


# As a sheet ----------------------------------------------------------------------------------------------------

HEADER = "reference,lso,fund,tranche,amount,released_on"


def sends(world: World, sheet: str | bytes, *, key: str | None = None, media_type: str = "text/csv") -> Any:  # noqa: ANN401 - a response
    content = sheet.encode() if isinstance(sheet, str) else sheet
    headers = {"Content-Type": media_type}
    return world.call("POST", RELEASES, by=FINANCE, key=key, content=content, headers=headers)


def test_a_csv_says_what_json_says(world: World) -> None:
    one, two = a_release(), a_release(amount="2500")
    lines = [",".join(str(said[name]) for name in HEADER.split(",")) for said in (one, two)]
    sheet = "\ufeff" + "\r\n".join((HEADER, lines[0], ",,,,,", lines[1], ""))
    told = sends(world, sheet, key="csv-1", media_type="text/csv; charset=utf-8")
    assert told.status_code == 201, told.text
    assert [row["reference"] for row in told.json()["releases"]] == [one["reference"], two["reference"]]
    assert told.json()["total"] == "502500.00"
    # The same list in the other form is the same request.
    again = world.call("POST", RELEASES, rows(one, {**two, "amount": "2500"}), by=FINANCE, key="csv-1")
    assert (again.status_code, again.content) == (201, told.content)


def test_columns_of_a_csv_come_in_any_order(world: World) -> None:
    said = a_release()
    names = sorted(HEADER.split(","))
    sheet = f"{','.join(names)}\n" + ",".join(f'" {said[name]} "' for name in names)
    assert sends(world, sheet).json()["releases"][0]["reference"] == said["reference"]


def test_every_wrong_row_of_a_csv_is_told(world: World) -> None:
    sheet = f"{HEADER}\nBPV-1,DAS,CIF,one,1.00,2020-01-01\nBPV-1,GHO,CIF,1,,2020-01-01\nBPV-X,GHO,CIF,1,1,2020-01-01\n"
    refused = sends(world, sheet)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/releases/0/tranche", "type_mismatch"),
        ("/releases/1/amount", "field_missing"),
        ("/releases/2/lso", "not_found"),
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"reference,lso\xff", id="not UTF-8"),
        pytest.param(f"{HEADER},note\n", id="another column"),
        pytest.param("reference,reference,lso,fund,tranche,amount\n", id="a column twice"),
        pytest.param(f"{HEADER}\na,b,c,1,2,2020-01-01,x\n", id="too many cells"),
        pytest.param(f'{HEADER}\n"a"b,c\n', id="quotes amiss"),
    ],
)
def test_what_is_no_csv_of_releases_is_refused(world: World, sheet: str | bytes) -> None:
    refused = sends(world, sheet)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_csv")


def test_a_header_alone_tells_of_nothing(world: World) -> None:
    assert sends(world, HEADER).json()["errors"][0]["code"] == "list_too_short"


def test_another_media_type_is_refused(world: World) -> None:
    assert sends(world, HEADER, media_type="text/plain").status_code == 415


# Both sides ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(world: World) -> World:
    """The world, once the RSP told of the tranche that DAS received on 20 January 2020."""
    tells(world, {**SAID, "reference": "BPV-1", "released_on": "2020-01-15"})
    return world


def test_what_both_sides_say_matches(told: World) -> None:
    shown = told.reads(FEDERATION, by=FINANCE)
    FederationShown.model_validate(shown)
    pair = pair_of(told, 1)
    assert pair is not None
    assert (pair["status"], pair["differences"], pair["amount_difference"]) == ("matched", [], "0.00")
    assert pair["released"] == {"amount": "500000.00", "released_on": "2020-01-15", "references": ["BPV-1"]}
    assert pair["booked"]["received_on"] == "2020-01-20"
    by_status = {one["status"]: one for one in shown["summary"]}
    assert list(by_status) == ["matched", "different", "in_transit", "only_released", "only_booked"]
    assert sum(one["tranches"] for one in by_status.values()) == len(shown["tranches"])


def test_between_release_and_receipt_it_is_in_transit(told: World) -> None:
    before = pair_of(told, 1, "?as_of=2020-01-14")
    on_its_way = pair_of(told, 1, "?as_of=2020-01-19")
    assert before is None
    assert on_its_way is not None
    assert (on_its_way["status"], on_its_way["days_in_transit"]) == ("in_transit", 4)
    shown = told.reads(f"{FEDERATION}?as_of=2020-01-19", by=FINANCE)
    assert shown["consolidation"]["in_transit"] == shown["consolidation"]["with_in_transit"] == "500000.00"
    assert shown["elimination"]["left_of_released"]["in_transit"] == "500000.00"


def test_what_cancels_and_what_is_left_is_all_there_is(told: World) -> None:
    tells(told, a_release(amount="33.00"))
    shown = told.reads(FEDERATION, by=FINANCE)["elimination"]
    left = [*shown["left_of_released"].values()]
    assert _paisa(shown["sub_grants_released"]) == _paisa(shown["amount"]) + sum(map(_paisa, left))
    left = [*shown["left_of_received"].values()]
    assert _paisa(shown["capital_received"]) == _paisa(shown["amount"]) + sum(map(_paisa, left))
    assert shown["complete"] is False


def _paisa(amount: str) -> int:
    return int(amount.replace(".", ""))


def test_a_tranche_that_differs_is_listed_until_the_ledger_is_mended(told: World) -> None:
    number = 2000 + next(_numbers)
    agreement = {"number": f"A-{number}", "amount": 900, "effective_on": "2021-02-01"}
    told.records("/funds/CIF/agreements", agreement, by=FINANCE)
    tranche = {"agreement": f"A-{number}", "number": number, "amount": 900, "effective_on": "2021-02-02"}
    told.records("/funds/CIF/tranches", tranche, by=FINANCE)
    only_booked = pair_of(told, number)
    assert only_booked is not None
    assert (only_booked["status"], only_booked["released"], only_booked["resembles"]) == ("only_booked", None, None)
    slip = tells(told, a_release(tranche=number + 1000, amount=900, released_on="2021-02-02"))["releases"][0]
    pair, misnamed = pair_of(told, number), pair_of(told, number + 1000)
    assert pair is not None
    assert misnamed is not None
    assert pair["resembles"] == {"lso": "DAS", "fund": "CIF", "tranche": number + 1000}
    assert (misnamed["status"], misnamed["resembles"]["tranche"]) == ("only_released", number)
    known_at = slip["recorded_at"]
    frozen = told.reads(f"{FEDERATION}?known_at={known_at}", by=FINANCE)

    told.call("POST", f"{RELEASES}/{slip['id']}/reversal", {"reason": "The wrong number"}, by=FINANCE)
    tells(told, a_release(tranche=number, amount=890, released_on="2021-02-02"))
    told.records(f"/funds/CIF/tranches/{number}/receipt", {"effective_on": "2021-02-05"})
    mended = pair_of(told, number)
    assert mended is not None
    assert (mended["status"], mended["differences"], mended["amount_difference"]) == ("different", ["amount"], "-10.00")
    assert pair_of(told, number + 1000) is None
    assert told.reads(f"{FEDERATION}?known_at={known_at}", by=FINANCE) == frozen

    returned = {"tranche": number, "amount": 400, "effective_on": "2021-02-06", "paid_from": "bank"}
    told.records("/funds/CIF/returns", returned)
    again = pair_of(told, number)
    assert again is not None
    assert again["booked"]["returned"] == "400.00"


def test_the_list_is_narrowed_by_status_and_the_sums_are_not(told: World) -> None:
    tells(told, a_release())
    whole = told.reads(FEDERATION, by=FINANCE)
    for status in ("matched", "only_released"):
        narrowed = told.reads(f"{FEDERATION}?status={status}", by=FINANCE)
        assert {one["status"] for one in narrowed["tranches"]} == {status}
        assert {**narrowed, "tranches": []} == {**whole, "tranches": []}
    unmatched = told.reads(f"{FEDERATION}?status=unmatched", by=FINANCE)["tranches"]
    assert unmatched == [one for one in whole["tranches"] if one["status"] != "matched"]
    refused = told.call("GET", f"{FEDERATION}?status=lost", by=FINANCE)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["parameter"], error["code"]) == (422, "status", "value_unknown")


def test_an_rsp_that_told_nothing_has_nothing_to_match(told: World) -> None:
    shown = told.reads("/v1/rsps/NRSP/federation", by=OTHER_RSP)
    assert shown["tranches"] == []
    assert shown["elimination"]["complete"] is True


# The capital statement -----------------------------------------------------------------------------------------


def test_the_capital_statement_is_by_funder_at_all_three_addresses(told: World) -> None:
    query = "?from=2020-01-01&to=2020-12-31"
    of_all = told.reads(f"/v1/portfolio/capital{query}", by=AUDITOR)
    of_rsp = told.reads(f"/v1/rsps/SRSO/portfolio/capital{query}", by=FINANCE)
    of_lso = told.reads(f"/v1/lsos/DAS/portfolio/capital{query}")
    for view in (of_all, of_rsp, of_lso):
        CapitalStatement.model_validate(view)
        assert view["rows"] == of_lso["rows"]
    assert [row["key"]["funder"] for row in of_lso["rows"]] == ["European Union", "LSO Dasori"]
    union, own = of_lso["rows"]
    assert (union["received"], union["contributions"]) == ("500000.00", "0.00")
    assert (own["received"], own["contributions"]) == ("0.00", "200000.00")
    assert of_lso["total"]["closing"]["fund_value"] == "700000.00"


def test_the_capital_statement_is_a_sheet_too(told: World) -> None:
    path = "/v1/rsps/SRSO/portfolio/capital?from=2020-01-01&to=2020-12-31&by=fund&format=csv"
    sheet = told.call("GET", path, by=FINANCE).text.splitlines()
    assert sheet[0].startswith("lso,lso_name,fund") or sheet[0].startswith("lso,fund")
    assert any("500000.00" in line for line in sheet[1:])
    book = told.call("GET", path.replace("csv", "xlsx"), by=FINANCE)
    assert book.content.startswith(b"PK")


def test_a_cut_that_tells_no_funds_apart_is_refused(told: World) -> None:
    refused = told.call("GET", "/v1/portfolio/capital?by=gender", by=AUDITOR)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_not_cut")
    assert refused.json()["errors"][0]["parameter"] == "by"
