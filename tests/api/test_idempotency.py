"""Sent once or ten times, a request has one effect and one answer (law 9)."""

import threading
from typing import Any
from uuid import uuid4

import pytest

from api.problems import REPLAYED
from tests.api.world import World

PATH = "/v1/lsos/DAS/repayments"


def repayment(world: World, amount: object = "500.00") -> dict[str, Any]:
    return {"loan": world.lends(), "amount": amount, "effective_on": "2021-07-01"}


def test_the_same_request_is_answered_the_same_again(world: World) -> None:
    said, key = repayment(world), str(uuid4())
    first = world.call("POST", PATH, said, key=key)
    before = world.everything_stored()
    again = world.call("POST", PATH, said, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert world.everything_stored() == before


def test_spaces_and_the_order_of_fields_make_no_other_request(world: World) -> None:
    said, key = repayment(world), str(uuid4())
    first = world.call("POST", PATH, said, key=key)
    body = "{ " + ", ".join(f'"{name}" :  "{value}"' for name, value in reversed(said.items())) + " }"
    again = world.call("POST", PATH, key=key, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert again.content == first.content


def test_another_body_under_the_same_key_is_refused(world: World) -> None:
    said, key = repayment(world), str(uuid4())
    world.call("POST", PATH, said, key=key)
    other = world.call("POST", PATH, {**said, "amount": "501.00"}, key=key)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


def test_the_same_body_to_another_address_is_another_request(world: World) -> None:
    key = str(uuid4())
    said = {"source": "A friend", "amount": "10.00", "effective_on": "2021-01-01"}
    assert world.call("POST", "/v1/lsos/DAS/funds/CIF/contributions", said, key=key).status_code == 201
    other = world.call("POST", "/v1/lsos/DAS/funds/CIF/bank-profits", said, key=key)
    assert other.json()["code"] == "idempotency_key_reused"


def test_a_refusal_is_remembered(world: World) -> None:
    said, key = {"loan": "DAS-1999-00001", "amount": "5.00", "effective_on": "2021-07-01"}, str(uuid4())
    first = world.call("POST", PATH, said, key=key)
    again = world.call("POST", PATH, said, key=key)
    assert (first.status_code, again.status_code) == (404, 404)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    told, told_again = first.json(), again.json()
    assert told.pop("request_id") != told_again.pop("request_id")
    assert told == told_again


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "clé", "tab\tkey"])
def test_a_key_is_visible_ascii(world: World, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()} if key else {}
    response = world.call("POST", PATH, {"amount": "1"}, key="", headers=headers)
    assert response.status_code == 400
    assert response.json()["code"] == ("idempotency_key_malformed" if key else "idempotency_key_missing")


def test_a_key_may_have_200_characters(world: World) -> None:
    said, key = repayment(world), str(uuid4()).ljust(200, "~")
    assert world.call("POST", PATH, said, key=key).status_code == 201


def test_sent_by_eight_at_once_it_is_recorded_once(world: World) -> None:
    said, key = {**repayment(world), "receipt_no": f"R-{uuid4()}"}, str(uuid4())
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        response = world.call("POST", PATH, said, key=key)
        answers.append((response.status_code, response.content))

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    recorded = world.reads(f"/v1/lsos/DAS/repayments?loan={said['loan']}")["items"]
    assert len(recorded) == 1


def test_a_duplicate_receipt_under_another_key_names_the_existing_one(world: World) -> None:
    said = {**repayment(world), "receipt_no": f"R-{uuid4()}"}
    first = world.call("POST", PATH, said).json()
    response = world.call("POST", PATH, said)
    assert response.status_code == 409
    assert response.json()["code"] == "duplicate_paper"
    assert response.json()["existing_event"] == first["event"]["id"]
    assert response.json()["errors"][0]["pointer"] == "/receipt_no"
