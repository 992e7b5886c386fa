"""Correcting over HTTP: who may reverse, what is answered, and where a correction can be seen."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from api.models.corrections import CorrectionRecorded, EventFile, ReversalRecorded
from api.models.funding import FundingRecorded
from tests.api.world import ACCOUNTANT, AUDITOR, FINANCE, MANAGER, OTHER, OTHER_RSP, World

EXPENSE = {"purpose": "Rent", "amount": 5, "effective_on": "2021-01-02", "paid_from": "bank"}
PROVISION = {"amount": 40, "effective_on": "2021-01-03", "resolution_no": "R-2", "reason": "Flood"}
REASON = {"reason": "A slip of the pen", "resolution_no": "R-31"}


def spent(world: World, **more: object) -> dict[str, Any]:
    """Record an expense and return its event."""
    event: dict[str, Any] = world.records("/funds/CIF/expenses", {**EXPENSE, **more})["event"]
    return event


def test_a_manager_reverses_what_the_accountant_recorded(world: World) -> None:
    event = spent(world)
    answer = world.records(f"/events/{event['seq']}/reversal", REASON, by=MANAGER)
    TypeAdapter(ReversalRecorded).validate_python(answer)
    assert (answer["event"]["kind"], answer["event"]["recorded_by"]) == ("fact_reversed", MANAGER)
    assert answer["reversed"]["id"] == event["id"]
    assert (answer["loan"], answer["standing"], answer["schedule"]) == (None, None, [])


def test_the_reversal_of_a_repayment_shows_where_the_loan_stands_without_it(world: World) -> None:
    loan = world.lends("1200.00")
    event = world.records("/repayments", {"loan": loan, "amount": 100, "effective_on": "2021-07-01"})["event"]
    answer = world.records(f"/events/{event['id']}/reversal", REASON, by=MANAGER)
    TypeAdapter(ReversalRecorded).validate_python(answer)
    assert (answer["loan"], answer["standing"]["outstanding_principal"]) == (loan, "1200.00")
    assert answer["postings"] == [
        {"effective_on": "2021-07-01", "debit": "CIF.1100", "credit": "CIF.1010", "amount": "100.00"}
    ]


def test_an_event_shows_its_reversal_and_its_replacement_on_the_same_paper(world: World) -> None:
    event = spent(world, voucher_no="V-1")
    world.records(f"/events/{event['seq']}/reversal", REASON, by=MANAGER)
    right = spent(world, amount=6, voucher_no="V-1", replaces=event["id"])
    shown = world.reads(f"/v1/lsos/DAS/events/{event['id'].upper()}")
    TypeAdapter(EventFile).validate_python(shown)
    assert (shown["holds"], shown["event"]["id"]) == (False, event["id"])
    assert [named["kind"] for named in shown["reversed_by"]] == ["fact_reversed"]
    assert [named["seq"] for named in shown["replaced_by"]] == [right["seq"]]


def test_a_manager_corrects_what_the_accountant_typed_wrong(world: World) -> None:
    loan = world.lends("1300.00")
    said = {"loan": loan, "amount": 500, "effective_on": "2021-07-01", "receipt_no": "C-0731"}
    wrong = world.records("/repayments", said)["event"]
    right = {**REASON, "amount": "50.00", "effective_on": "2021-07-02"}
    path = f"/v1/lsos/DAS/events/{wrong['seq']}/correction"
    foreseen = world.call("POST", path + "?preview=true", right, by=MANAGER, key="")
    assert foreseen.status_code == 200, foreseen.text

    answer = world.records(f"/events/{wrong['seq']}/correction", right, by=MANAGER)

    TypeAdapter(CorrectionRecorded).validate_python(answer)
    assert foreseen.json()["postings"] == answer["postings"]
    assert answer["postings"] == [
        {"effective_on": "2021-07-01", "debit": "CIF.1100", "credit": "CIF.1010", "amount": "500.00"},
        {"effective_on": "2021-07-02", "debit": "CIF.1010", "credit": "CIF.1100", "amount": "50.00"},
    ]
    event, reversal = answer["event"], answer["reversal"]
    assert (event["replaces"], event["receipt_no"], event["recorded_by"]) == (wrong["id"], "C-0731", MANAGER)
    assert (reversal["loan"], reversal["reversed"]["id"], reversal["postings"]) == (loan, wrong["id"], [])
    shown = world.reads(f"/v1/lsos/DAS/events/{wrong['id']}")
    assert [named["id"] for named in shown["replaced_by"]] == [event["id"]]


@pytest.mark.parametrize(
    ("by", "said", "status", "code", "pointer"),
    [
        pytest.param(ACCOUNTANT, {"amount": 5}, 403, "scope_missing", None, id="without the scope"),
        pytest.param(MANAGER, {"amount": 0}, 422, "invalid_input", "/amount", id="no amount"),
        pytest.param(MANAGER, {}, 422, "field_missing", None, id="nothing different"),
        pytest.param(MANAGER, {"amount": 5}, 422, "not_correctable", None, id="an expense"),
        pytest.param(MANAGER, {"amount": 5, "held_in": "bank"}, 422, "invalid_input", "/held_in", id="unknown field"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    world: World, by: str, said: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    if code == "not_correctable":
        event = spent(world)
    else:
        event = world.records(
            "/repayments", {"loan": world.lends("1400.00"), "amount": 9, "effective_on": "2021-07-01"}
        )["event"]
    refused = world.call("POST", f"/v1/lsos/DAS/events/{event['seq']}/correction", {**REASON, **said}, by=by)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (status, code)
    assert [error.get("pointer") for error in problem.get("errors", ())] == ([pointer] if pointer else [])


@pytest.mark.parametrize(
    ("by", "status"),
    [(ACCOUNTANT, 403), (AUDITOR, 403), (OTHER, 403), (OTHER_RSP, 404)],
)
def test_reversing_needs_its_scope_and_its_place(world: World, by: str, status: int) -> None:
    response = world.call("POST", f"/v1/lsos/DAS/events/{spent(world)['seq']}/reversal", REASON, by=by)
    assert response.status_code == status
    assert ("corrections:write" in response.text) == (status == 403)


def test_what_one_recorded_oneself_another_reverses(world: World) -> None:
    signed = {"number": "A-2", "amount": 700, "effective_on": "2020-02-01"}
    event = world.records("/funds/CIF/agreements", signed, by=FINANCE)["event"]
    path = f"/v1/lsos/DAS/events/{event['seq']}/reversal"
    refused = world.call("POST", path, REASON, by=FINANCE)
    assert (refused.status_code, refused.json()["code"]) == (422, "maker_is_checker")
    world.records(f"/events/{event['seq']}/reversal", REASON, by=MANAGER)
    again = world.call("POST", path, REASON, by=MANAGER)
    assert (again.status_code, again.json()["code"]) == (409, "already_reversed")


@pytest.mark.parametrize("event", ["999999", "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a", "9" * 30, "no:event"])
def test_an_event_that_is_not_there_is_not_found(world: World, event: str) -> None:
    path = f"/v1/lsos/DAS/events/{event}"
    assert world.call("GET", path).status_code == 404
    assert world.call("POST", path + "/reversal", REASON, by=MANAGER).status_code == 404


def test_a_reversal_gives_its_reason(world: World) -> None:
    response = world.call("POST", f"/v1/lsos/DAS/events/{spent(world)['seq']}/reversal", {}, by=MANAGER)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/reason"]


def test_a_provision_is_made_and_released_by_resolution(world: World) -> None:
    path = "/funds/CIF/allowance"
    made = world.records(path, PROVISION, by=FINANCE)
    TypeAdapter(FundingRecorded).validate_python(made)
    assert (made["event"]["kind"], made["postings"][0]["credit"]) == ("allowance_changed", "CIF.1190")
    released = world.records(path, {**PROVISION, "release": True, "amount": 15}, by=FINANCE)
    assert released["postings"][0]["debit"] == "CIF.1190"
    too_much = world.call("POST", "/v1/lsos/DAS" + path, {**PROVISION, "release": True}, by=FINANCE)
    assert (too_much.status_code, too_much.json()["code"]) == (422, "over_allowance")
    assert world.reads("/v1/lsos/DAS/funds/CIF/position?as_of=2021-06-30")["allowance"] == "25.00"
    assert world.call("POST", "/v1/lsos/DAS" + path, PROVISION, by=MANAGER).status_code == 403
