"""The network over HTTP: who may do what, what is answered, and what is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from api.app import create_app
from api.models.network_funds import CustodianSaid, FundSaid, ProductSaid, ProductTermsSaid
from api.models.network_people import HouseholdSaid, InstitutionSaid, MemberSaid
from api.routing import GuardedRoute
from cif_engine.operations.keys import NewKey, Scope, create_key
from cif_engine.persistence.engines import Databases
from cif_engine.settings import Settings
from tests.network.founding import found_lso, found_network, new_id

NOW = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
BOTH = frozenset({Scope.NETWORK_READ, Scope.NETWORK_WRITE})


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any
    headers: Any


@dataclass(frozen=True)
class Caller:
    """Calls the API with one key."""

    client: TestClient
    secret: str

    def get(self, path: str) -> Answered:
        return self._call("GET", path)

    def post(self, path: str, body: object) -> Answered:
        return self._call("POST", path, body)

    def patch(self, path: str, body: object, version: int | None) -> Answered:
        return self._call("PATCH", path, body, version)

    def delete(self, path: str, version: int | None) -> Answered:
        return self._call("DELETE", path, version=version)

    def _call(self, method: str, path: str, body: object = None, version: int | None = None) -> Answered:
        headers = {"Authorization": f"Bearer {self.secret}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        sent = {} if body is None else {"json": body}
        answer = self.client.request(method, f"/v1{path}", headers=headers, **sent)  # type: ignore[arg-type]
        return Answered(answer.status_code, answer.json() if answer.content else None, answer.headers)


@pytest.fixture
def client(databases: Databases) -> Iterator[TestClient]:
    with _opened(databases) as opened:
        yield opened


@pytest.fixture(scope="module")
def refused_caller(shared_databases: Databases) -> Iterator[Caller]:
    """Whoever is refused changes nothing, so many may be refused by one network."""
    with _opened(shared_databases) as opened:
        yield _caller(opened, shared_databases)


@pytest.fixture
def everything(client: TestClient, databases: Databases) -> Caller:
    return _caller(client, databases)


@pytest.fixture
def dasori(client: TestClient, databases: Databases) -> Caller:
    return _caller(client, databases, lso="DAS")


@pytest.fixture
def programme(client: TestClient, databases: Databases) -> Caller:
    return _caller(client, databases, rsp="TRDP")


@contextmanager
def _opened(databases: Databases) -> Iterator[TestClient]:
    found_network(databases)
    app = create_app(databases, Settings(), lambda: NOW)
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def _caller(
    client: TestClient,
    databases: Databases,
    scopes: frozenset[Scope] = BOTH,
    lso: str | None = None,
    rsp: str | None = None,
) -> Caller:
    name = f"key of {lso or rsp or 'everything'}"
    secret = f"cif_{new_id()}"
    create_key(databases, NewKey(new_id(), name, scopes, lso, rsp), secret, 0)
    return Caller(client, secret)


RECORDS: dict[str, tuple[type[BaseModel], str]] = {
    "institutions": (InstitutionSaid, "vo/VO-1"),
    "households": (HouseholdSaid, "HH-0327"),
    "members": (MemberSaid, "M-0412"),
    "funds": (FundSaid, "CIF"),
    "products": (ProductSaid, "GOAT"),
    "custodians": (CustodianSaid, "1"),
}
CHANGES: dict[str, dict[str, Any]] = {
    "institutions": {"name": "VO Dasori"},
    "households": {"poverty_score": None, "eligible": False},
    "members": {"gender": "male", "cnic": None},
    "funds": {"amount_max": 30000, "charge_policy": "flat_charge", "reserve_floor": "50000"},
    "products": {"terms": {"repayment": {"kind": "bullet", "after_months": 6}}, "cycle_max": 3},
    "custodians": {"name": "Hajra Bibi"},
}


def _found_all(caller: Caller) -> dict[str, Answered]:
    """Post one record of every kind to the LSO, each as the document's own example says."""
    vo = {"kind": "vo", "code": "VO-1", "name": "VO Goth Dasori"}
    answers = {"institutions": caller.post("/lsos/DAS/institutions", vo)}
    co = {**InstitutionSaid.example, "vo": "VO-1"}
    assert caller.post("/lsos/DAS/institutions", co).status == 201
    for name, (model, _) in list(RECORDS.items())[1:]:
        answers[name] = caller.post(f"/lsos/DAS/{name}", model.example)  # type: ignore[attr-defined]
    return answers


# Adding, reading, changing -------------------------------------------------------------------------------------


def test_what_is_added_answers_with_its_address_and_etag_and_is_read_there(dasori: Caller) -> None:
    for name, added in _found_all(dasori).items():
        assert (added.status, added.headers["ETag"]) == (201, '"1"'), added.body
        assert added.headers["Location"] == f"/v1/lsos/DAS/{name}/{RECORDS[name][1]}"
        read = dasori.get(added.headers["Location"].removeprefix("/v1"))
        assert (read.status, read.headers["ETag"]) == (200, '"1"')
        assert read.body.items() <= added.body.items()
        assert dasori.get(f"/lsos/DAS/{name}").body["items"][-1] == read.body


def test_a_change_needs_the_etag_that_was_read(dasori: Caller) -> None:
    _found_all(dasori)
    for name, (_, place) in RECORDS.items():
        path = f"/lsos/DAS/{name}/{place}"
        missing = dasori.patch(path, CHANGES[name], None)
        assert (missing.status, missing.body["code"]) == (428, "if_match_missing")
        changed = dasori.patch(path, CHANGES[name], 1)
        assert (changed.status, changed.headers["ETag"], changed.body["version"]) == (200, '"2"', 2), changed.body
        late = dasori.patch(path, CHANGES[name], 1)
        assert (late.status, late.body["code"], late.body["version"]) == (412, "version_mismatch", 2)


def test_every_answer_is_as_the_document_says(dasori: Caller, everything: Caller) -> None:
    app = everything.client.app
    assert isinstance(app, FastAPI)
    models = {
        (method, route.path): route.response_model
        for route in app.routes
        if isinstance(route, GuardedRoute)
        for method in route.methods or ()
    }
    answers = _found_all(dasori)
    for name, (_, place) in RECORDS.items():
        one = f"/v1/lsos/{{lso}}/{name}/" + {"institutions": "{kind}/{code}", "funds": "{fund}"}.get(
            name, "{number}" if name == "custodians" else "{code}"
        )
        models["POST", f"/v1/lsos/{{lso}}/{name}"].model_validate(answers[name].body)
        models["GET", one].model_validate(dasori.get(f"/lsos/DAS/{name}/{place}").body)
        models["GET", f"/v1/lsos/{{lso}}/{name}"].model_validate(dasori.get(f"/lsos/DAS/{name}").body)
        models["PATCH", one].model_validate(dasori.patch(f"/lsos/DAS/{name}/{place}", CHANGES[name], 1).body)
    for path, address in (
        ("/rsps/{rsp}", "/rsps/TRDP"),
        ("/areas/{kind}/{code}", "/areas/tehsil/JOHI"),
        ("/lsos/{lso}", "/lsos/DAS"),
    ):
        models["GET", f"/v1{path}"].model_validate(everything.get(address).body)


def test_a_second_one_of_the_same_code_is_named_in_the_conflict(dasori: Caller) -> None:
    _found_all(dasori)
    again = dasori.post("/lsos/DAS/households", HouseholdSaid.example)
    assert (again.status, again.body["code"], again.body["existing"]) == (409, "duplicate_code", "HH-0327")


def test_what_is_not_there_answers_404_and_points_at_what_was_referred_to(dasori: Caller) -> None:
    assert dasori.get("/lsos/DAS/households/HH-1").status == 404
    assert dasori.get("/lsos/DAS/institutions/vo/VO-9").status == 404
    assert dasori.get("/lsos/DAS/custodians/7").status == 404
    refused = dasori.post("/lsos/DAS/members", MemberSaid.example)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (404, "/household")
    assert dasori.get("/lsos/DAS/members").body == {"items": [], "next": None}


def test_warnings_about_a_member_block_nothing(dasori: Caller) -> None:
    _found_all(dasori)
    twin = dasori.post("/lsos/DAS/members", {**MemberSaid.example, "code": "M-2", "gender": "male"})
    assert twin.status == 201
    assert [(warning["code"], warning["members"]) for warning in twin.body["warnings"]] == [
        ("cnic_parity", []),
        ("cnic_duplicate", ["M-0412"]),
        ("name_duplicate_in_household", ["M-0412"]),
        ("name_duplicate_in_co", ["M-0412"]),
    ]


def test_an_interest_free_fund_refuses_a_product_with_a_charge(dasori: Caller) -> None:
    _found_all(dasori)
    terms = {**ProductSaid.example["terms"], "charge": {"kind": "flat_percent", "percent": "8"}}
    refused = dasori.post("/lsos/DAS/products", {**ProductSaid.example, "code": "SEED", "terms": terms})
    assert (refused.status, refused.body["code"]) == (422, "charge_not_allowed")
    assert refused.body["errors"][0]["pointer"] == "/terms/charge"


def test_terms_are_recorded_from_a_day_and_shown_by_day(dasori: Caller) -> None:
    _found_all(dasori)
    made = dasori.post("/lsos/DAS/products/GOAT/terms", ProductTermsSaid.example)
    assert (made.status, made.headers["Location"]) == (201, "/v1/lsos/DAS/products/GOAT")
    assert made.headers["ETag"] == '"2"'
    read = dasori.get("/lsos/DAS/products/GOAT").body
    assert read == made.body
    assert [(version["number"], version["valid_from"]) for version in read["versions"]] == [
        (1, "1900-01-01"),
        (2, "2026-07-01"),
    ]
    assert read["versions"][1]["term_max_months"] == 18
    assert dasori.get("/lsos/DAS/products").body["items"] == [read]
    assert dasori.get("/lsos/DAS/products?fund=NONE").body["items"] == []
    missing = dasori.post("/lsos/DAS/products/SEED/terms", ProductTermsSaid.example)
    assert (missing.status, missing.body["code"]) == (404, "not_found")


def test_a_change_of_limits_is_a_version_from_today(dasori: Caller) -> None:
    _found_all(dasori)
    changed = dasori.patch("/lsos/DAS/products/GOAT", {"amount_max": "30000.00", "cycle_min": 2}, 1).body
    first, second = changed["versions"]
    assert (first["amount_max"], second["amount_max"], changed["amount_max"]) == ("25000.00", "30000.00", "30000.00")
    assert (changed["valid_from"], changed["cycle_min"]) == (second["valid_from"], 2)
    assert second["valid_from"] > first["valid_from"]


def test_a_fund_rests_on_the_days_it_names(dasori: Caller) -> None:
    resting = dasori.post("/lsos/DAS/funds", {**FundSaid.example, "rest_days": ["sunday", "friday"]})
    assert resting.body["rest_days"] == ["friday", "sunday"]
    assert dasori.patch("/lsos/DAS/funds/CIF", {"rest_days": []}, 1).body["rest_days"] == []
    week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    assert dasori.patch("/lsos/DAS/funds/CIF", {"rest_days": week}, 2).status == 422
    assert dasori.patch("/lsos/DAS/funds/CIF", {"rest_days": None}, 2).status == 422


# Changes from a day on -----------------------------------------------------------------------------------------


def test_an_lso_moves_from_a_day_on(dasori: Caller) -> None:
    said = {"district": "JAMSHORO", "tehsil": None, "union_council": None, "effective_on": "2026-03-01"}
    moved = dasori.patch("/lsos/DAS", said, 1)
    assert (moved.status, moved.headers["ETag"]) == (200, '"2"')
    assert (moved.body["district"], moved.body["tehsil"], moved.body["rsp"]) == ("JAMSHORO", None, "TRDP")
    back = dasori.patch("/lsos/DAS", {"district": "DADU", "effective_on": "2026-01-01", "name": "LSO Dasori Khas"}, 2)
    assert (back.body["district"], back.body["name"], back.body["version"]) == ("JAMSHORO", "LSO Dasori Khas", 3)
    assert dasori.patch("/lsos/DAS", {"district": "DADU"}, 3).body["district"] == "DADU"


def test_a_fund_has_another_reserve_from_a_day_on(client: TestClient, databases: Databases) -> None:
    dasori = _caller(client, databases, BOTH | {Scope.PORTFOLIO_READ}, lso="DAS")
    dasori.post("/lsos/DAS/funds", FundSaid.example)
    said = {"reserve_floor": "5000.00", "funder": "KfW", "amount_max": "30000.00", "effective_on": "2026-03-01"}
    changed = dasori.patch("/lsos/DAS/funds/CIF", said, 1).body
    assert (changed["reserve_floor"], changed["funder"], changed["amount_max"]) == ("5000.00", "KfW", "30000.00")
    reserves = {
        day: dasori.get(f"/lsos/DAS/funds/CIF/position?as_of={day}").body["available"]["reserve_floor"]
        for day in ("2026-02-28", "2026-03-01", "2026-06-30")
    }
    assert reserves == {"2026-02-28": "0.00", "2026-03-01": "5000.00", "2026-06-30": "5000.00"}


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        pytest.param(
            {"district": "JAMSHORO", "effective_on": "2026-07-01"}, "date_in_future", "/effective_on", id="future"
        ),
        pytest.param({"name": "LSO", "effective_on": "2026-03-01"}, "field_missing", "/effective_on", id="no place"),
        pytest.param({"effective_on": "2026-03-01"}, "field_missing", "/effective_on", id="nothing"),
        pytest.param({"district": "JAMSHORO", "effective_on": None}, None, "/effective_on", id="null"),
        pytest.param({"district": "JAMSHORO"}, "wrong_kind", "/tehsil", id="tehsil of another district"),
        pytest.param({"rsp": None}, None, "/rsp", id="no RSP"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing(
    refused_caller: Caller, said: dict[str, Any], code: str | None, pointer: str
) -> None:
    refused = refused_caller.patch("/lsos/DAS", said, 1)
    (finding,) = refused.body["errors"]
    assert (refused.status, finding["pointer"]) == (422, pointer)
    assert code is None or finding["code"] == code
    assert refused_caller.get("/lsos/DAS").body["version"] == 1


def test_an_lso_goes_to_another_rsp_with_a_key_bound_to_everything(
    everything: Caller, programme: Caller, dasori: Caller
) -> None:
    assert everything.post("/rsps", {"code": "SRSO", "name": "Sindh Rural Support Organisation"}).status == 201
    said = {"rsp": "SRSO", "effective_on": "2026-03-01"}
    refused = programme.patch("/lsos/DAS", said, 1)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (404, "/rsp")
    assert dasori.patch("/lsos/DAS", said, 1).body["code"] == "binding_too_narrow"
    assert programme.patch("/lsos/DAS", {"rsp": "TRDP", "remarks": "Stays."}, 1).body["version"] == 2
    assert everything.patch("/lsos/DAS", said, 2).body["rsp"] == "SRSO"
    assert dasori.get("/lsos/DAS").body["rsp"] == "SRSO"


# Lists ---------------------------------------------------------------------------------------------------------


def test_lists_go_on_by_cursor_and_filter_by_name(dasori: Caller) -> None:
    _found_all(dasori)
    for number in (1, 2, 3):
        household = {"code": f"H-{number}", "head_name": "Allah Dino", "eligible": number == 2}
        assert dasori.post("/lsos/DAS/households", household).status == 201
    first = dasori.get("/lsos/DAS/households?limit=3").body
    rest = dasori.get(f"/lsos/DAS/households?limit=3&after={first['next']}").body
    assert [item["code"] for item in first["items"] + rest["items"]] == ["H-1", "H-2", "H-3", "HH-0327"]
    assert rest["next"] is None
    eligible = dasori.get("/lsos/DAS/households?eligible=true").body["items"]
    assert [item["code"] for item in eligible] == ["H-2", "HH-0327"]
    kinds = dasori.get("/lsos/DAS/institutions?limit=1").body
    assert dasori.get(f"/lsos/DAS/institutions?after={kinds['next']}").body["items"][0]["code"] == "VO-1"
    assert len(dasori.get("/lsos/DAS/members?vo=VO-1&co=CO-014&household=HH-0327").body["items"]) == 1
    assert dasori.get("/lsos/DAS/members?vo=VO-2").body["items"] == []


@pytest.mark.parametrize("path", ["/holidays", "/areas", "/lsos/DAS/custodians", "/lsos/DAS/households"])
@pytest.mark.parametrize("cursor", ["x", "WyJ4IiwieSJd", "WzFd", "WyJcdTAwMDAiXQ", "WzFlMzBd", "e30"])
def test_a_forged_cursor_is_refused_or_finds_a_page(refused_caller: Caller, path: str, cursor: str) -> None:
    answer = refused_caller.get(f"{path}?after={cursor}")
    assert answer.status == 200 or (answer.status, answer.body["code"]) == (422, "cursor_malformed")


def test_holidays_are_added_listed_renamed_and_removed(everything: Caller, dasori: Caller) -> None:
    for day in ("2026-03-21", "2026-03-20"):
        assert everything.post("/holidays", {"on": day, "name": "Eid"}).headers["Location"] == f"/v1/holidays/{day}"
    first = dasori.get("/holidays?limit=1").body
    assert first["items"] == [{"on": "2026-03-20", "name": "Eid", "version": 1}]
    assert dasori.get(f"/holidays?after={first['next']}").body["items"][0]["on"] == "2026-03-21"
    assert everything.patch("/holidays/2026-03-20", {"name": "Eid ul-Fitr"}, 1).status == 200
    assert everything.delete("/holidays/2026-03-20", None).status == 428
    assert everything.delete("/holidays/2026-03-20", 1).status == 412
    removed = everything.delete("/holidays/2026-03-20", 2)
    assert (removed.status, removed.body) == (204, None)
    assert everything.get("/holidays/2026-03-20").status == 404


# Who may -------------------------------------------------------------------------------------------------------


def test_an_rsp_adds_lsos_of_its_own_and_sees_no_others(everything: Caller, programme: Caller, dasori: Caller) -> None:
    assert everything.post("/rsps", {"code": "SRSO", "name": "Sindh Rural Support Organisation"}).status == 201
    new = {"code": "BUT", "name": "LSO Butto", "rsp": "TRDP", "district": "JAMSHORO"}
    assert programme.post("/lsos", new).status == 201
    other = programme.post("/lsos", {**new, "code": "SUK", "rsp": "SRSO"})
    assert (other.status, other.body["errors"][0]["pointer"]) == (404, "/rsp")
    assert everything.post("/lsos", {**new, "code": "SUK", "rsp": "SRSO"}).status == 201
    assert dasori.post("/lsos", new).body["code"] == "binding_too_narrow"
    listed = {
        name: [item["code"] for item in caller.get("/lsos").body["items"]]
        for name, caller in (("all", everything), ("rsp", programme), ("lso", dasori))
    }
    assert listed == {"all": ["BUT", "DAS", "SUK"], "rsp": ["BUT", "DAS"], "lso": ["DAS"]}
    assert [item["code"] for item in programme.get("/rsps").body["items"]] == ["TRDP"]
    assert programme.get("/rsps/SRSO").status == 404
    assert programme.get("/lsos/SUK").status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rsps", {"code": "SRSO", "name": "Sindh"}),
        ("/areas", {"kind": "province", "code": "PUNJAB", "name": "Punjab"}),
        ("/holidays", {"on": "2026-03-20", "name": "Eid"}),
    ],
)
def test_what_all_share_is_added_with_a_key_bound_to_everything(
    everything: Caller, programme: Caller, dasori: Caller, path: str, body: object
) -> None:
    for narrow in (programme, dasori):
        refused = narrow.post(path, body)
        assert (refused.status, refused.body["code"]) == (403, "binding_too_narrow")
    assert everything.post(path, body).status == 201


def test_another_lso_is_as_if_it_were_not_there(dasori: Caller, databases: Databases) -> None:
    found_lso(databases, "BUT")
    for name, (model, place) in RECORDS.items():
        assert dasori.get(f"/lsos/BUT/{name}").status == 404
        assert dasori.get(f"/lsos/BUT/{name}/{place}").status == 404
        assert dasori.post(f"/lsos/BUT/{name}", model.example).status == 404  # type: ignore[attr-defined]
        assert dasori.patch(f"/lsos/BUT/{name}/{place}", CHANGES[name], 1).status == 404


def test_reading_does_not_let_one_write(client: TestClient, databases: Databases) -> None:
    reader = _caller(client, databases, frozenset({Scope.NETWORK_READ}))
    refused = reader.post("/rsps", {"code": "SRSO", "name": "Sindh"})
    assert (refused.status, refused.body["scope"]) == (403, "network:write")


# What is refused -----------------------------------------------------------------------------------------------

HOUSEHOLD = {"code": "H-1", "head_name": "Allah Dino"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"code": "h-1"}, "code_unreadable", id="small letters"),
        pytest.param({"code": "H.1"}, "code_unreadable", id="a dot would break account codes"),
        pytest.param({"code": "H" * 21}, "code_unreadable", id="long code"),
        pytest.param({"code": None}, "type_mismatch", id="null code"),
        pytest.param({"head_name": "🐐"}, "name_unreadable", id="emoji"),
        pytest.param({"head_name": "\u202eoniD"}, "name_unreadable", id="direction override"),
        pytest.param({"head_name": "a\x00"}, "text_with_controls", id="nul"),
        pytest.param({"head_name": "a" * 201}, "text_too_long", id="long name"),
        pytest.param({"poverty_score": 101}, "number_out_of_range", id="score too high"),
        pytest.param({"poverty_score": -1}, "number_out_of_range", id="score below zero"),
        pytest.param({"poverty_score": 11.0}, "type_mismatch", id="float"),
        pytest.param({"poverty_score": "11"}, "type_mismatch", id="text for a number"),
        pytest.param({"poverty_score": 10**18}, "number_out_of_range", id="huge"),
        pytest.param({"poverty_score": 10**30}, "type_mismatch", id="beyond whole numbers of 64 bits"),
        pytest.param({"eligible": 1}, "type_mismatch", id="a number for a claim"),
        pytest.param({"version": 7}, "field_unknown", id="unknown field"),
    ],
)
def test_bad_input_is_refused_with_a_stable_code_and_changes_nothing(
    refused_caller: Caller, said: dict[str, Any], code: str
) -> None:
    refused = refused_caller.post("/lsos/DAS/households", {**HOUSEHOLD, **said})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, code)
    assert refused.body["errors"][0]["pointer"] == f"/{next(iter(said))}"
    assert refused_caller.get("/lsos/DAS/households").body["items"] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({}, "nothing_to_change", id="nothing"),
        pytest.param({"code": "H-2"}, "field_unknown", id="the code stays"),
        pytest.param({"head_name": None}, None, id="a name cannot become unknown"),
        pytest.param({"eligible": None}, "type_mismatch", id="nor can a claim"),
    ],
)
def test_a_change_says_something_that_may_change(dasori: Caller, said: dict[str, Any], code: str | None) -> None:
    dasori.post("/lsos/DAS/households", HOUSEHOLD)
    refused = dasori.patch("/lsos/DAS/households/H-1", said, 1)
    assert refused.status == 422
    assert code is None or refused.body["errors"][0]["code"] == code
    assert dasori.get("/lsos/DAS/households/H-1").body["version"] == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"amount_max": 25000.5}, "amount_unreadable", id="float"),
        pytest.param({"amount_max": "0"}, "amount_zero", id="zero"),
        pytest.param({"amount_max": "-1"}, "amount_negative", id="negative"),
        pytest.param({"amount_max": "1e3"}, "amount_unreadable", id="exponent"),
        pytest.param({"amount_max": "0.001"}, "amount_too_precise", id="too precise"),
        pytest.param({"amount_max": "99999999999999"}, "amount_too_large", id="huge"),
        pytest.param({"amount_max": "1.00"}, "limits_reversed", id="below the least"),
        pytest.param({"reserve_floor": -1}, "amount_negative", id="floor below zero"),
        pytest.param({"cycle_max": 0}, "number_out_of_range", id="no cycle at all"),
        pytest.param({"poverty_score_from": 24}, "limits_reversed", id="empty band"),
        pytest.param({"charge_policy": "murabaha"}, "value_unknown", id="unknown policy"),
        pytest.param({"code": "C.1"}, "code_unreadable", id="a dot in the code of a fund"),
    ],
)
def test_a_fund_is_refused_what_its_books_could_not_hold(
    refused_caller: Caller, said: dict[str, Any], code: str
) -> None:
    refused = refused_caller.post("/lsos/DAS/funds", {**FundSaid.example, **said})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, code)
    assert refused_caller.get("/lsos/DAS/funds").body["items"] == []


@pytest.mark.parametrize("cnic", ["4120112345678", "41201-1234567-x", "41201-1234567-8 "])
def test_a_malformed_cnic_is_refused(refused_caller: Caller, cnic: str) -> None:
    refused = refused_caller.post("/lsos/DAS/members", {**MemberSaid.example, "cnic": cnic})
    (finding,) = refused.body["errors"]
    assert (refused.status, finding["pointer"], finding["code"]) == (422, "/cnic", "cnic_unreadable")
    assert "XXXXX-XXXXXXX-X" in finding["detail"]


@pytest.mark.parametrize("place", ["a b", "\x00", "زينب", "h" * 50, "HH%"])
def test_an_address_that_cannot_be_a_code_answers_404(refused_caller: Caller, place: str) -> None:
    assert refused_caller.get(f"/lsos/DAS/households/{quote(place)}").status == 404
    assert refused_caller.get(f"/lsos/DAS/institutions/{quote(place)}/VO-1").status == 404
    assert refused_caller.get(f"/lsos/DAS/custodians/{quote(place)}").status == 404
    assert refused_caller.get(f"/holidays/{quote(place)}").status == 404
