"""A preview answers what recording would, and leaves nothing behind. Every route that records stands in the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.problems import REPLAYED
from api.routing import GuardedRoute
from api.visits import PREVIEWED, RecordVisit
from cif_engine.persistence.tables import TABLES
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, MANAGER, OTHER, World

PREFIX = "/v1/lsos/{lso}/"
REPAYMENTS = "/v1/lsos/DAS/repayments"
RESOLVED = {"resolution_no": "R-9", "reason": "Flood"}
DECIDED = {"resolution_no": "R-1", "committee": "VO", "effective_on": "2021-05-02"}
Said = dict[str, Any]
Places = dict[str, str]
_numbers = count(2)


def no_more(_: World) -> Places:
    return {}


def a_signed_agreement(world: World) -> Places:
    number = str(next(_numbers))
    said = {"number": f"A-{number}", "amount": 700, "effective_on": "2020-02-01"}
    world.records("/funds/CIF/agreements", said, by=FINANCE)
    return {"number": number}


def a_released_tranche(world: World) -> Places:
    places = a_signed_agreement(world)
    number = places["number"]
    said = {"agreement": f"A-{number}", "number": int(number), "amount": 700, "effective_on": "2020-02-02"}
    world.records("/funds/CIF/tranches", said, by=FINANCE)
    return places


def an_applied_loan(world: World) -> Places:
    said = {"member": "M-1", "product": "MONTHLY", "amount": 1200, "effective_on": "2021-05-01", "purpose": "Seed"}
    return {"loan": world.records("/loans", said)["loan"]}


def an_approved_loan(world: World) -> Places:
    places = an_applied_loan(world)
    world.records(f"/loans/{places['loan']}/decision", {"approved": True, **DECIDED}, by=MANAGER)
    return places


def an_open_loan(world: World) -> Places:
    return {"loan": world.lends("1200.00")}


def a_repaid_instalment(world: World) -> Places:
    places = an_open_loan(world)
    world.records("/repayments", {"loan": places["loan"], "amount": 1150, "effective_on": "2021-08-01"})
    return places


def a_recorded_expense(world: World) -> Places:
    said = {"purpose": "Rent", "amount": 5, "effective_on": "2021-01-02", "paid_from": "bank"}
    return {"event": world.records("/funds/CIF/expenses", said)["event"]["id"]}


def a_wrong_repayment(world: World) -> Places:
    places = an_open_loan(world)
    said = {"loan": places["loan"], "amount": 70, "effective_on": "2021-07-03", "receipt_no": f"R-{uuid4()}"}
    event = world.records("/repayments", said)["event"]
    world.records("/repayments", {"loan": places["loan"], "amount": 80, "effective_on": "2021-07-04"})
    return {**places, "event": event["id"], "receipt": event["receipt_no"]}


def a_reversed_repayment(world: World) -> Places:
    places = a_wrong_repayment(world)
    world.records(f"/events/{places['event']}/reversal", {"reason": "A slip of the pen"}, by=MANAGER)
    return places


def an_open_loan_with_charge(world: World) -> Places:
    return {"loan": world.lends_with_charge()}


def a_penalised_loan(world: World) -> Places:
    places = an_open_loan_with_charge(world)
    said = {"name": "Late", "amount": 30, "effective_on": "2021-06-10"}
    world.records(f"/loans/{places['loan']}/penalties", said)
    return places


def a_loan_with_credit(world: World) -> Places:
    places = an_open_loan(world)
    world.records("/repayments", {"loan": places["loan"], "amount": 1250, "effective_on": "2021-08-01"})
    return {**places, "next": world.lends("1200.00")}


def a_loan_beside_an_approved_one(world: World) -> Places:
    places = an_open_loan_with_charge(world)
    return {"loan": world.approves_with_charge("9000.00", "M-1", "2021-06-15"), "settled": places["loan"]}


@dataclass(frozen=True)
class Asked:
    """A request that records a fact once `given` took the book so far; its places fill the braces of path and body."""

    id: str
    route: str
    said: Said
    given: Callable[[World], Places] = no_more
    by: str = ACCOUNTANT

    def told_in(self, world: World) -> tuple[str, Said]:
        """Return the path and the body, under an id, so that both answers are about one fact."""
        places = {"fund": "CIF", "lso": "DAS", **self.given(world)}
        said = {name: value.format(**places) if isinstance(value, str) else value for name, value in self.said.items()}
        return (PREFIX + self.route).format(**places), {**said, "id": str(uuid4())}


APPLICATION: Said = {"member": "M-1", "product": "MONTHLY", "amount": 900, "effective_on": "2021-05-01", "purpose": "A"}
_RIGHT = "0197d3a2-6d31-7c3e-9a4d-1f2e3d4c5b6a"

ASKED: tuple[Asked, ...] = (
    Asked(
        "agreement",
        "funds/{fund}/agreements",
        {"number": "A-P", "amount": 10, "effective_on": "2020-03-01"},
        by=FINANCE,
    ),
    Asked(
        "tranche released",
        "funds/{fund}/tranches",
        {"agreement": "A-{number}", "number": 900, "amount": 7, "effective_on": "2020-03-01"},
        a_signed_agreement,
        FINANCE,
    ),
    Asked(
        "tranche received",
        "funds/{fund}/tranches/{number}/receipt",
        {"effective_on": "2020-03-01"},
        a_released_tranche,
    ),
    Asked(
        "capital returned",
        "funds/{fund}/returns",
        {"tranche": 1, "amount": "7.50", "effective_on": "2021-01-04", "voucher_no": "V-P"},
    ),
    Asked(
        "contribution",
        "funds/{fund}/contributions",
        {"source": "A friend", "amount": 10, "effective_on": "2021-01-01", "receipt_no": "R-P"},
    ),
    Asked(
        "bank profit",
        "funds/{fund}/bank-profits",
        {"source": "The bank", "amount": "0.01", "effective_on": "2021-01-01"},
    ),
    Asked(
        "expense",
        "funds/{fund}/expenses",
        {"purpose": "Rent", "amount": 5, "effective_on": "2021-01-02", "paid_from": "bank", "external_id": "X-P"},
    ),
    Asked(
        "provision",
        "funds/{fund}/allowance",
        {"amount": 90, "effective_on": "2021-01-02", "resolution_no": "R-44", "reason": "A flood"},
        by=FINANCE,
    ),
    Asked(
        "transfer",
        "funds/{fund}/transfers",
        {"paid_from": "bank", "held_in": "custodian:1", "amount": 50, "effective_on": "2021-01-03"},
    ),
    Asked(
        "provision",
        "funds/{fund}/allowance",
        {"amount": 40, "effective_on": "2021-01-03", "resolution_no": "R-2", "reason": "Flood"},
        by=FINANCE,
    ),
    Asked("application", "loans", {**APPLICATION, "loan_id": "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a"}),
    Asked(
        "appraisal",
        "loans/{loan}/appraisal",
        {"recommended_amount": 1100, "appraised_by": "Hajran", "effective_on": "2021-05-02"},
        an_applied_loan,
    ),
    Asked("approval", "loans/{loan}/decision", {"approved": True, **DECIDED}, an_applied_loan, MANAGER),
    Asked(
        "refusal",
        "loans/{loan}/decision",
        {"approved": False, "reason": "No plan", **DECIDED},
        an_applied_loan,
        MANAGER,
    ),
    Asked(
        "disbursement",
        "loans/{loan}/disbursement",
        {"channel": "bank", "amount": "960.00", "effective_on": "2021-05-04"},
        an_approved_loan,
    ),
    Asked("repayment", "repayments", {"loan": "{loan}", "amount": 700, "effective_on": "2021-07-03"}, an_open_loan),
    Asked(
        "late repayment",
        "repayments",
        {"loan": "{loan}", "amount": 80, "effective_on": "2021-07-03", "custodian": 1},
        a_repaid_instalment,
    ),
    Asked(
        "repayment that replaces one",
        "repayments",
        {
            "loan": "{loan}",
            "amount": 60,
            "effective_on": "2021-07-03",
            "receipt_no": "{receipt}",
            "replaces": "{event}",
        },
        a_reversed_repayment,
    ),
    Asked(
        "cancellation",
        "loans/{loan}/cancellation",
        {"reason": "She moved", "effective_on": "2021-05-03"},
        an_approved_loan,
        MANAGER,
    ),
    Asked(
        "top-up",
        "loans/{loan}/disbursement",
        {"channel": "bank", "effective_on": "2021-06-20", "settles": "{settled}"},
        a_loan_beside_an_approved_one,
    ),
    Asked(
        "settlement",
        "loans/{loan}/settlement",
        {"amount": 6500, "effective_on": "2021-06-20", "channel": "bank"},
        an_open_loan_with_charge,
    ),
    Asked(
        "fee",
        "loans/{loan}/fees",
        {"name": "Passbook", "amount": 50, "effective_on": "2021-06-01", "due_on": "2021-07-01"},
        an_open_loan_with_charge,
    ),
    Asked(
        "penalty",
        "loans/{loan}/penalties",
        {"name": "Late", "amount": "12.50", "effective_on": "2021-06-10"},
        an_open_loan_with_charge,
    ),
    Asked(
        "waiver",
        "loans/{loan}/waiver",
        {"penalty": "all", "charge": "60.00", "effective_on": "2021-06-20", **RESOLVED},
        a_penalised_loan,
        MANAGER,
    ),
    Asked("refund", "loans/{loan}/refund", {"channel": "bank", "effective_on": "2021-08-02"}, a_loan_with_credit),
    Asked(
        "use of credit",
        "loans/{loan}/credit-use",
        {"pays": "{next}", "amount": 40, "effective_on": "2021-08-02"},
        a_loan_with_credit,
    ),
    Asked(
        "new plan",
        "loans/{loan}/reschedule",
        {"plan": {"kind": "bullet", "after_months": 9}, "effective_on": "2021-06-20", **RESOLVED},
        an_open_loan_with_charge,
        MANAGER,
    ),
    Asked(
        "pause",
        "loans/{loan}/reschedule",
        {"pause": {"months": 2}, "effective_on": "2021-06-20", **RESOLVED},
        an_open_loan,
        MANAGER,
    ),
    Asked(
        "moratorium",
        "funds/{fund}/moratorium",
        {"months": 3, "arrears": "moved", "effective_on": "2021-06-20", "vo": "VO-1", **RESOLVED},
        an_open_loan,
        MANAGER,
    ),
    Asked(
        "write-off",
        "loans/{loan}/write-off",
        {"effective_on": "2021-06-20", **RESOLVED},
        an_open_loan_with_charge,
        MANAGER,
    ),
    Asked("reversal of an expense", "events/{event}/reversal", {"reason": "A slip"}, a_recorded_expense, MANAGER),
    Asked(
        "correction of a repayment",
        "events/{event}/correction",
        {"reason": "Typed wrong", "amount": 45, "effective_on": "2021-07-01", "replacement_id": _RIGHT},
        a_wrong_repayment,
        MANAGER,
    ),
    Asked("reversal of a repayment", "events/{event}/reversal", {"reason": "A slip"}, a_wrong_repayment, MANAGER),
)


def _recording_routes(world: World) -> Iterator[APIRoute]:
    for route in world.app.routes:
        if isinstance(route, GuardedRoute) and issubclass(route.visit_type, RecordVisit):
            yield route


def _everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, with what is remembered of requests."""
    with world.databases.reading() as connection:
        answers = sorted(tuple(row) for row in connection.execute(sa.select(TABLES["answer"])))
    return {**world.everything_stored(), "answer": answers}


def _settled(told: object) -> object:
    """Return an answer without what the moment of recording decides."""
    if isinstance(told, dict):
        return {name: _settled(part) for name, part in told.items() if name not in {"seq", "recorded_at", "hash"}}
    return [_settled(part) for part in told] if isinstance(told, list) else told


def test_every_route_that_records_stands_in_the_table(world: World) -> None:
    assert {PREFIX + asked.route for asked in ASKED} == {route.path for route in _recording_routes(world)}


@pytest.mark.parametrize("asked", ASKED, ids=[asked.id for asked in ASKED])
def test_a_preview_answers_what_recording_does_right_after_it_and_changes_nothing(world: World, asked: Asked) -> None:
    path, said = asked.told_in(world)
    before = _everything(world)
    foreseen = [world.call("POST", path + "?preview=true", said, by=asked.by, key="") for _ in range(2)]
    assert _everything(world) == before
    recorded = world.call("POST", path, said, by=asked.by)
    assert [response.status_code for response in (*foreseen, recorded)] == [200, 200, 201], foreseen[0].text
    for response in foreseen:
        assert _settled(response.json()) == _settled(recorded.json())
        assert response.headers[PREVIEWED] == "true"
        assert REPLAYED not in response.headers
    assert PREVIEWED not in recorded.headers
    (route,) = (route for route in _recording_routes(world) if route.path == PREFIX + asked.route)
    TypeAdapter(route.response_model).validate_python(recorded.json())


def test_a_preview_leaves_its_idempotency_key_unused(world: World) -> None:
    said, key = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01"}, str(uuid4())
    assert world.call("POST", REPAYMENTS + "?preview=true", said, key=key).status_code == 200
    assert world.call("POST", REPAYMENTS + "?preview=true", {**said, "amount": 6}, key=key).status_code == 200
    recorded = world.call("POST", REPAYMENTS, {**said, "amount": 7}, key=key)
    assert recorded.status_code == 201
    assert REPLAYED not in recorded.headers


def test_a_preview_does_not_look_for_what_was_answered_to_its_key(world: World) -> None:
    said, key = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01", "id": str(uuid4())}, str(uuid4())
    world.call("POST", REPAYMENTS, said, key=key)
    foreseen = world.call("POST", REPAYMENTS + "?preview=true", said, key=key)
    assert (foreseen.status_code, foreseen.json()["code"]) == (409, "duplicate_fact")


def test_what_is_said_to_be_no_preview_is_recorded(world: World) -> None:
    said = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01"}
    response = world.call("POST", REPAYMENTS + "?preview=false", said)
    assert response.status_code == 201
    assert PREVIEWED not in response.headers
    without_key = world.call("POST", REPAYMENTS + "?preview=false", said, key="")
    assert (without_key.status_code, without_key.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("preview=yes", "value_unknown"),
        ("preview=1", "value_unknown"),
        ("preview=TRUE", "value_unknown"),
        ("preview=", "value_unknown"),
        ("preview=true&preview=false", "parameter_repeated"),
    ],
)
def test_anything_but_true_or_false_is_refused_before_anything_else(world: World, query: str, code: str) -> None:
    response = world.call("POST", f"{REPAYMENTS}?{query}", {"nonsense": 1}, key="")
    assert response.status_code == 422
    (finding,) = response.json()["errors"]
    assert (finding["parameter"], finding["code"]) == ("preview", code)


def test_only_what_records_a_fact_can_be_previewed(world: World) -> None:
    for method, path in (("GET", "/v1/lsos/DAS/loans"), ("POST", "/v1/lsos/DAS/households")):
        response = world.call(method, path + "?preview=true", {} if method == "POST" else None, by=EVERYTHING)
        assert response.status_code == 422
        assert response.json()["errors"][0]["code"] == "parameter_unknown"


def _an_unknown_loan(_: World) -> Said:
    return {"loan": "DAS-1999-00001", "amount": 5, "effective_on": "2021-07-01"}


def _a_loan_not_disbursed(world: World) -> Said:
    return {**an_applied_loan(world), "amount": 5, "effective_on": "2021-07-01"}


def _a_receipt_used_before(world: World) -> Said:
    said = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01", "receipt_no": f"R-{uuid4()}"}
    world.records("/repayments", said)
    return said


def _an_id_used_before(world: World) -> Said:
    said = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01", "id": str(uuid4())}
    world.records("/repayments", said)
    return said


def _a_day_to_come(world: World) -> Said:
    return {"loan": world.lends(), "amount": 5, "effective_on": "2031-07-01"}


def _a_replaced_fact_that_holds(world: World) -> Said:
    said = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01"}
    return {**said, "replaces": world.records("/repayments", said)["event"]["id"]}


def _a_body_that_cannot_be_read(_: World) -> Said:
    return {"loan": 7, "amount": 1.5}


@pytest.mark.parametrize(
    "wrong",
    [
        _an_unknown_loan,
        _a_loan_not_disbursed,
        _a_receipt_used_before,
        _an_id_used_before,
        _a_day_to_come,
        _a_replaced_fact_that_holds,
        _a_body_that_cannot_be_read,
    ],
)
def test_a_preview_is_refused_as_recording_is_and_the_refusal_is_not_remembered(
    world: World, wrong: Callable[[World], Said]
) -> None:
    said = {"id": str(uuid4()), **wrong(world)}
    before = _everything(world)
    foreseen = world.call("POST", REPAYMENTS + "?preview=true", said)
    assert _everything(world) == before
    refused = world.call("POST", REPAYMENTS, said)
    told, told_later = foreseen.json(), refused.json()
    assert told.pop("request_id") != told_later.pop("request_id")
    assert (foreseen.status_code, told) == (refused.status_code, told_later)
    assert foreseen.status_code >= 400


def test_a_preview_asks_for_the_scope_and_the_lso_of_what_it_previews(world: World) -> None:
    said = {"loan": world.lends(), "amount": 5, "effective_on": "2021-07-01"}
    assert world.call("POST", REPAYMENTS + "?preview=true", said, by=None, key="").status_code == 401
    assert world.call("POST", REPAYMENTS + "?preview=true", said, by=AUDITOR, key="").status_code == 403
    assert world.call("POST", REPAYMENTS + "?preview=true", said, by=OTHER, key="").status_code == 404
