"""The OpenAPI document: complete, and true."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from api.app import create_app
from api.fields import Answer, Said
from api.models.loans import DecisionRecorded, DisbursementRecorded, LoanFactRecorded
from api.openapi import example_of
from api.problems import PROBLEM_JSON
from api.routing import ANY_KEY, PREFIX, SCHEME, GuardedRoute, refuse_unguarded
from cif_engine.operations.keys import ROLES, Scope
from cif_engine.persistence.engines import open_databases
from cif_engine.settings import Settings
from tests.api.world import ACCOUNTANT, EVERYTHING, MANAGER, World

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    path: Path = tmp_path_factory.mktemp("openapi") / "never-opened.db"
    databases = open_databases(f"sqlite:///{path}")
    yield create_app(databases, Settings(), lambda: datetime(2021, 11, 2, tzinfo=UTC))
    databases.dispose()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_openapi_31_about_the_engine(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "CIF engine"
    assert len(document["info"]["description"]) > 1000


def test_a_browser_is_led_to_the_documentation(app: FastAPI) -> None:
    client = TestClient(app)
    led = client.get("/", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (307, "/docs")
    assert client.get("/").headers["content-type"].startswith("text/html")


def test_every_operation_has_a_readable_id_a_summary_and_a_described_tag(
    document: dict[str, Any], operations: dict[str, Operation]
) -> None:
    described = {tag["name"] for tag in document["tags"]}
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids)
    for name, operation in operations.items():
        assert operation["operationId"].isidentifier(), name
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= described, name


def test_every_request_and_every_answer_has_an_example(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["example"], name
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if content is not None:
                assert content["example"], (name, status)


def test_every_path_parameter_is_described(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        told = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert {f"{{{place}}}" for place in told} == {part for part in name.split("/") if part.startswith("{")}, name


def _routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]


def _models(app: FastAPI) -> Iterator[Any]:
    for route in _routes(app):
        if route.response_model is not None:
            yield route.response_model
        if route.body_field is not None:
            yield route.body_field.field_info.annotation


def test_every_example_is_what_its_model_takes(app: FastAPI) -> None:
    models = list(_models(app))
    assert len(models) > 50
    for model in models:
        TypeAdapter(model).validate_python(example_of(model))


def test_every_model_is_closed(app: FastAPI) -> None:
    for model in _models(app):
        assert issubclass(model, Said | Answer), model
        assert model.model_config["extra"] == "forbid", model


def test_every_schema_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    """Two models of one name would both be called by their modules, and programs made from the document change."""
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_operation_declares_the_scope_it_asks_for(app: FastAPI, operations: dict[str, Operation]) -> None:
    guarded = 0
    for route in _routes(app):
        for method in route.methods or ():
            operation = operations[f"{method} {route.path}"]
            if route.path.startswith(PREFIX):
                assert isinstance(route, GuardedRoute)
                needed = [route.scope_needed.value] if route.scope_needed else []
                assert operation["security"] == [{SCHEME: needed}]
                assert (needed[0] if needed else "Any key") in operation["description"]
                guarded += 1
            else:
                assert "security" not in operation
    assert guarded > 40


def test_an_operation_without_a_scope_stops_the_application(app: FastAPI) -> None:
    async def leak() -> None: ...

    app.router.add_api_route("/v1/leak", leak, include_in_schema=False)
    try:
        with pytest.raises(TypeError, match="declares no scope"):
            refuse_unguarded(app)
    finally:
        app.router.routes.pop()
    refuse_unguarded(app)


def test_every_scope_is_asked_for_somewhere_and_given_by_a_role(app: FastAPI) -> None:
    asked = {route.scope_needed for route in _routes(app) if isinstance(route, GuardedRoute)}
    assert asked == {*Scope, ANY_KEY}
    assert frozenset().union(*ROLES.values()) == set(Scope)


def test_every_problem_status_is_declared(document: dict[str, Any], operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        statuses = set(operation["responses"])
        expected = {"500", "503"}
        if " /v1/" in name:
            expected |= {"400", "401", "403", "404", "422"}
        if "requestBody" in operation:
            expected |= {"409", "413", "415"}
        if name.startswith(("PATCH", "DELETE")):
            expected |= {"412", "428"}
        assert expected <= statuses, name
    for name, response in document["components"]["responses"].items():
        assert response["content"].keys() == {PROBLEM_JSON}, name
        assert response["content"][PROBLEM_JSON]["example"]["code"], name


def test_what_records_a_fact_takes_an_idempotency_key_or_is_previewed(operations: dict[str, Operation]) -> None:
    funding = ("agreements", "tranches", "receipt", "returns", "contributions", "expenses", "bank-profits", "transfers")
    lending = ("loans", "appraisal", "decision", "cancellation", "disbursement", "repayments", "settlement")
    life = ("fees", "penalties", "waiver", "refund", "credit-use", "reschedule", "moratorium", "write-off")
    recording = {*funding, "allowance", *lending, *life, "reversal", "correction", "releases"}
    for name, operation in operations.items():
        told = {parameter["name"] for parameter in operation.get("parameters", [])}
        recorded = operation["responses"].get("201", {})
        previewed = operation["responses"].get("200", {}) if name.startswith("POST") else {}
        records = name.startswith("POST") and name.rsplit("/", 1)[1] in recording
        assert ({"Idempotency-Key", "preview"} <= told) == records, name
        assert told.isdisjoint({"Idempotency-Key", "preview"}) != records, name
        assert ("Idempotent-Replayed" in recorded.get("headers", {})) == records, name
        assert ("Preview" in previewed.get("headers", {})) == records, name
        assert not records or previewed["content"] == recorded["content"], name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in set(references(document)):
        here: Any = document
        for step in reference.removeprefix("#/").split("/"):
            here = here[step]


def test_it_is_served_to_everybody(world: World) -> None:
    served = world.call("GET", "/openapi.json", by=None)
    assert served.status_code == 200
    assert served.json()["info"]["title"] == "CIF engine"


MOVED = "?figure=par_n&days=0&reported_at=2021-11-01T00:00:00Z"
NEEDED = {"/portfolio/loans": "?figure=gross_portfolio", "/restatement": MOVED, "/restatement/acts": MOVED}
"""What some addresses cannot be asked without."""


def test_the_answers_are_as_the_document_says(world: World) -> None:
    """Every report and list of a book that has something in it, read through the model that documents it."""
    loan = world.lends()
    said = {"loan": loan, "amount": "700.00", "effective_on": "2021-07-03", "custodian": 1}
    world.records("/repayments", said)
    places = {"{lso}": "DAS", "{rsp}": "SRSO", "{fund}": "CIF", "{loan}": loan}
    read = 0
    for route in _routes(world.app):
        path = route.path
        for place, value in places.items():
            path = path.replace(place, value)
        path = path.replace("/accounts/{code}", "/accounts/CIF.1020").replace("/problems/{code}", "/problems/not_found")
        path = path.replace("/rule-sets/{code}", "/rule-sets/sbp").replace("{figure}", "par_n")
        path = path.replace("/health-rules/{code}", "/health-rules/community")
        if "{" in path or route.response_model is None or "GET" not in (route.methods or ()):
            continue
        path += next((query for end, query in NEEDED.items() if path.endswith(end)), "")
        answer = world.call("GET", path, by=EVERYTHING)
        assert answer.status_code == 200, (path, answer.text)
        TypeAdapter(route.response_model).validate_python(answer.json())
        read += 1
    assert read > 25


FACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("funds/{fund}/contributions", {"source": "A friend", "amount": 10, "effective_on": "2021-01-01"}),
    ("funds/{fund}/bank-profits", {"source": "The bank", "amount": "0.01", "effective_on": "2021-01-01"}),
    ("funds/{fund}/expenses", {"purpose": "Rent", "amount": 5, "effective_on": "2021-01-02", "paid_from": "bank"}),
    (
        "funds/{fund}/transfers",
        {"paid_from": "bank", "held_in": "custodian:1", "amount": 50, "effective_on": "2021-01-03"},
    ),
    ("funds/{fund}/returns", {"tranche": 1, "amount": "7.50", "effective_on": "2021-01-04", "voucher_no": "V-7"}),
    (
        "loans",
        {
            "member": "M-1",
            "product": "MONTHLY",
            "amount": 900,
            "effective_on": "2021-05-01",
            "purpose": "بکری 🐐",
            "repayment": {"kind": "bullet", "after_months": 6},
        },
    ),
    ("repayments", {"loan": "{loan}", "amount": 700, "effective_on": "2021-07-03", "note": "مکمل 🐐"}),
)


@pytest.mark.parametrize(("path", "said"), FACTS, ids=[path for path, _ in FACTS])
def test_what_is_recorded_is_answered_as_the_document_says(world: World, path: str, said: dict[str, Any]) -> None:
    (route,) = (
        route for route in _routes(world.app) if route.path == f"/v1/lsos/{{lso}}/{path}" and route.methods == {"POST"}
    )
    loan = world.lends()
    written = {name: loan if value == "{loan}" else value for name, value in said.items()}
    answer = world.records("/" + path.replace("{fund}", "CIF"), written)
    TypeAdapter(route.response_model).validate_python(answer)


def test_a_loan_goes_from_its_application_to_its_first_repayment(world: World) -> None:
    said = {"member": "M-1", "product": "MONTHLY", "amount": 1200, "effective_on": "2021-05-01", "purpose": "Seed"}
    loan = world.records("/loans", said)["loan"]
    steps = (
        ("appraisal", {"recommended_amount": 1100, "appraised_by": "Hajran", "effective_on": "2021-05-02"}, ACCOUNTANT),
        (
            "decision",
            {
                "approved": True,
                "amount": 1100,
                "resolution_no": "R-4",
                "committee": "VO",
                "effective_on": "2021-05-03",
            },
            MANAGER,
        ),
        ("disbursement", {"channel": "bank", "amount": "960.00", "effective_on": "2021-05-04"}, ACCOUNTANT),
    )
    models: dict[str, Any] = {"decision": DecisionRecorded, "disbursement": DisbursementRecorded}
    statuses = []
    for step, words, by in steps:
        answer = world.records(f"/loans/{loan}/{step}", words, by=by)
        TypeAdapter(models.get(step, LoanFactRecorded)).validate_python(answer)
        statuses.append((answer["standing"]["status"], answer["amount"], len(answer["schedule"])))
    assert statuses == [("appraised", "1100.00", 0), ("approved", "1100.00", 0), ("open", "960.00", 12)]
    again = world.call("POST", f"/v1/lsos/DAS/loans/{loan}/disbursement", steps[2][1])
    assert (again.status_code, again.json()["code"]) == (422, "over_limit")
    repaid = world.records("/repayments", {"loan": loan, "amount": 80, "effective_on": "2021-06-04"})
    assert repaid["standing"]["outstanding_principal"] == "880.00"


def test_cursors_lead_through_a_whole_list(world: World) -> None:
    lent = {world.lends("1000.00") for _ in range(5)}
    for path, most in (("loans", 2), ("repayments", 1), ("accounts/CIF.1020/statement", 3)):
        whole = world.reads(f"/v1/lsos/DAS/{path}?limit=200")["items"]
        found: list[Any] = []
        answer = world.reads(f"/v1/lsos/DAS/{path}?limit={most}")
        found += answer["items"]
        while answer["next"]:
            answer = world.reads(f"/v1/lsos/DAS/{path}?limit={most}&after={answer['next']}")
            assert len(answer["items"]) <= most
            found += answer["items"]
        assert found == whole, path
    assert lent <= {listed["loan"] for listed in world.reads("/v1/lsos/DAS/loans?limit=200")["items"]}
