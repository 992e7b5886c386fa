"""Every refusal has one shape, says what it is, and says nothing of what is inside."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.desk import Desk, Queue
from api.problems import PROBLEM_JSON, STATUS_OF_FAMILY, catalogue
from api.refusals import QueueFullError
from cif_engine.errors import BookBusyError
from cif_engine.settings import Settings
from tests.api.world import NOON, World
from tests.support.databases import closing_databases

FIELDS = {"type", "title", "status", "detail", "code", "errors", "instance", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "path_unknown"),
        ("GET", "/v1/lsos/DAS/accounts/", 404, "path_unknown"),
        ("DELETE", "/v1/lsos/DAS/accounts", 405, "method_not_allowed"),
        ("GET", "/v1/lsos/NOWHERE/accounts", 404, "not_found"),
        ("GET", "/v1/lsos/DAS/loans/DAS-1", 404, "not_found"),
        ("GET", "/v1/lsos/DAS/loans?limit=x", 422, "invalid_input"),
        ("POST", "/v1/lsos/DAS/repayments", 400, "malformed_json"),
    ],
)
def test_every_refusal_is_a_problem(world: World, method: str, path: str, status: int, code: str) -> None:
    response = world.call(method, path, headers={"X-Request-Id": "my-request.1", "Content-Type": "application/json"})
    assert response.status_code == status
    assert response.headers["Content-Type"] == PROBLEM_JSON
    problem = response.json()
    assert problem.keys() >= FIELDS
    assert (problem["code"], problem["status"], problem["type"]) == (code, status, f"/problems/{code}")
    assert problem["instance"] == path.partition("?")[0]
    assert problem["request_id"] == response.headers["X-Request-Id"] == "my-request.1"


def test_what_is_refused_is_pointed_at_where_it_was_said(world: World) -> None:
    said = {"member": "M-1", "product": "MONTHLY", "amount": 9, "effective_on": "2021-05-01", "purpose": "Hens"}
    loan = world.records("/loans", said)["loan"]
    paid = {"amount": 9, "effective_on": "2021-07-01"}
    in_address = world.call("POST", f"/v1/lsos/DAS/loans/{loan}/settlement", paid)
    in_body = world.call("POST", "/v1/lsos/DAS/repayments", {**paid, "loan": loan})
    assert [error["parameter"] for error in in_address.json()["errors"]] == ["loan"]
    assert [error["pointer"] for error in in_body.json()["errors"]] == ["/loan"]


def test_a_wrong_method_is_told_all_the_right_ones(world: World) -> None:
    response = world.call("PUT", "/v1/lsos/DAS/loans")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST"


def test_the_type_of_a_problem_leads_to_its_explanation(world: World) -> None:
    problem = world.call("GET", "/v1/lsos/NOWHERE/accounts").json()
    explained = world.call("GET", problem["type"], by=None).json()
    assert {name: explained[name] for name in ("type", "code", "title", "status")} == {
        name: problem[name] for name in ("type", "code", "title", "status")
    }


def test_every_code_is_explained_in_a_sentence_and_is_unique(world: World) -> None:
    listed = world.reads("/problems")["items"]
    assert len({kind["code"] for kind in listed}) == len(listed) == len(catalogue())
    for kind in listed:
        assert kind["title"].endswith("."), kind
        assert world.reads(kind["type"]) == kind


def test_every_family_has_a_status() -> None:
    unanswered = {"refused", "internal"}  # told by commands alone, or on purpose as 500
    families = {refusal.family for refusal in catalogue().values()}
    assert families - unanswered <= STATUS_OF_FAMILY.keys()


@pytest.mark.parametrize("wished", ["", "a b", "x" * 129, "<script>", "{}"])
def test_a_request_id_that_is_not_safe_is_replaced(world: World, wished: str) -> None:
    response = world.call("GET", "/health/live", by=None, headers={"X-Request-Id": wished})
    assert response.headers["X-Request-Id"] != wished
    assert len(response.headers["X-Request-Id"]) == 36


def test_each_request_gets_an_id_of_its_own(world: World) -> None:
    ids = {world.call("GET", "/health/live", by=None).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def _raise(error: Exception) -> Callable[..., Any]:
    async def read(*_: object, **__: object) -> None:
        raise error

    return read


def test_a_failure_tells_nothing_of_what_is_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Desk, "read", _raise(RuntimeError("password=swordfish")))
    with caplog.at_level(logging.ERROR, "cif.http"):
        response = world.call("GET", "/health/ready", by=None)
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "swordfish" not in response.text
    assert response.json()["request_id"] in caplog.text
    assert "swordfish" in caplog.text


def test_a_busy_book_says_when_to_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "read", _raise(BookBusyError("Another request holds the book.")))
    response = world.call("GET", "/health/ready", by=None)
    assert response.status_code == 503
    assert response.json()["code"] == "book_busy"
    assert int(response.headers["Retry-After"]) > 0


async def _too_many(queue: Queue, waiting: list[object]) -> None:
    queue._taken = queue._most
    with pytest.raises(QueueFullError):
        await queue.do(lambda: waiting.append(1))


def test_a_full_queue_refuses_at_once() -> None:
    queue, waiting = Queue(1, "test"), list[object]()
    asyncio.run(_too_many(queue, waiting))
    queue.close()
    assert waiting == []


class TestTheService:
    def test_alive_and_ready(self, world: World) -> None:
        assert world.reads("/health/live") == {"status": "alive"}
        assert world.reads("/health/ready") == {"status": "ready"}

    def test_metrics_count_by_route_and_never_by_address(self, world: World) -> None:
        world.call("GET", "/v1/lsos/SECRET-CODE/accounts")
        world.call("GET", "/something/SECRET-CODE")
        text = world.call("GET", "/metrics", by=None).text
        assert 'cif_http_requests_total{method="GET",route="/v1/lsos/{lso}/accounts",status="404"}' in text
        assert "SECRET-CODE" not in text

    def test_it_is_not_ready_on_an_empty_database(self, empty_database_url: str) -> None:
        with closing_databases(empty_database_url) as databases:
            client = TestClient(create_app(databases, Settings(), lambda: NOON))
            response = client.get("/health/ready")
        assert response.status_code == 503
        assert response.json()["code"] == "migrations_missing"
