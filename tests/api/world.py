"""A little network that API tests talk to: two LSOs of two RSPs, two funds that have money, keys for all roles."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx2
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from cif_engine.loans.terms import EqualInstalments, FlatPercent, LoanTerms, Rebate
from cif_engine.moments import to_micros
from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member
from cif_engine.network.places import Area, AreaKind, Lso, Rsp
from cif_engine.operations.keys import ROLES, NewKey, Scope, create_key
from cif_engine.operations.network_funds import create_custodian, create_fund, create_product
from cif_engine.operations.network_people import create_household, create_institution, create_member
from cif_engine.operations.network_places import create_area, create_lso, create_rsp
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.settings import Settings

NOON = datetime(2021, 11, 2, 7, 0, tzinfo=UTC)
"""Noon in Karachi, on the day the tests live in."""

ACCOUNTANT, MANAGER, FINANCE, AUDITOR, OTHER, OTHER_RSP, EVERYTHING = (
    "accountant",
    "manager",
    "finance",
    "auditor",
    "other",
    "other-rsp",
    "everything",
)


@dataclass
class Clock:
    """A clock that tests turn."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=10)
        return self.at

    def wait(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class World:
    """The application, a client, and what is in the database."""

    databases: Databases
    clock: Clock
    client: TestClient
    app: FastAPI
    lso_ids: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        by: str | None = ACCOUNTANT,
        key: str | None = None,
        **more: Any,  # noqa: ANN401 - whatever the client takes
    ) -> httpx2.Response:
        """Call the API as the key of this name; a POST of JSON gets a new idempotency key unless one is given."""
        headers: dict[str, Any] = dict(more.pop("headers", {}))
        if by is not None:
            headers.setdefault("Authorization", f"Bearer {secret(by)}")
        if method == "POST" and key != "":
            headers.setdefault("Idempotency-Key", key or str(uuid4()))
        if json is not None:
            more["json"] = json
        response: httpx2.Response = self.client.request(method, path, headers=headers, **more)
        return response

    def records(self, path: str, json: object, *, by: str = ACCOUNTANT) -> dict[str, Any]:
        """Record a fact that is to be accepted."""
        response = self.call("POST", f"/v1/lsos/DAS{path}", json, by=by)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def reads(self, path: str, *, by: str = ACCOUNTANT) -> dict[str, Any]:
        """Read what is there."""
        response = self.call("GET", path, by=by)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def lends(self, amount: str = "12000.00", on: str = "2021-06-01") -> str:
        """Take a loan of the fund CIF to its disbursement and return its number."""
        said = {"member": "M-1", "product": "MONTHLY", "amount": amount, "effective_on": on, "purpose": "A goat"}
        loan: str = self.records("/loans", said)["loan"]
        decided = {"approved": True, "resolution_no": "R-1", "committee": "VO", "effective_on": on}
        self.records(f"/loans/{loan}/decision", decided, by=MANAGER)
        self.records(f"/loans/{loan}/disbursement", {"channel": "bank", "effective_on": on})
        return loan

    def lends_with_charge(self, amount: str = "6000.00", member: str = "M-1", on: str = "2021-05-01") -> str:
        """Take a loan of the fund ENT to its disbursement and return its number."""
        loan = self.approves_with_charge(amount, member, on)
        self.records(f"/loans/{loan}/disbursement", {"channel": "bank", "effective_on": on})
        return loan

    def approves_with_charge(self, amount: str, member: str, on: str) -> str:
        """Take a loan of the fund ENT to its approval and return its number."""
        said = {"member": member, "product": "TRADE", "amount": amount, "effective_on": on, "purpose": "A shop"}
        loan: str = self.records("/loans", said)["loan"]
        decided = {"approved": True, "resolution_no": "R-1", "committee": "VO", "effective_on": on}
        self.records(f"/loans/{loan}/decision", decided, by=MANAGER)
        return loan

    def everything_stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table but the answers, which remember refusals too."""
        with self.databases.reading() as connection:
            return {
                name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
                for name, table in TABLES.items()
                if name != "answer"
            }


def secret(name: str) -> str:
    return f"cif_secret-of-{name}"


def add_key(databases: Databases, name: str, scopes: frozenset[Scope], **bound: Any) -> None:  # noqa: ANN401 - fields of a new key
    create_key(databases, NewKey(str(uuid4()), name, scopes, **bound), secret(name), to_micros(NOON))


def make_world(databases: Databases) -> World:
    """Found the network with its keys, and let the funds of DAS receive 500,000 and 200,000 rupees."""
    clock = Clock()
    settings = Settings()
    app = create_app(databases, settings, clock)
    world = World(databases, clock, TestClient(app, raise_server_exceptions=False), app)
    for lso, rsp in (("DAS", "SRSO"), ("OTH", "NRSP")):
        world.lso_ids[lso] = _found(databases, lso, rsp)
    _people(databases, world.lso_ids["DAS"])
    add_key(databases, ACCOUNTANT, ROLES["lso_accountant"], lso="DAS")
    add_key(databases, MANAGER, ROLES["lso_manager"], lso="DAS")
    add_key(databases, FINANCE, ROLES["rsp_finance"], rsp="SRSO")
    add_key(databases, AUDITOR, ROLES["auditor"])
    add_key(databases, OTHER, ROLES["lso_accountant"], lso="OTH")
    add_key(databases, OTHER_RSP, ROLES["rsp_finance"], rsp="NRSP")
    add_key(databases, EVERYTHING, frozenset(Scope))
    _sub_grant(world)
    return world


def _found(databases: Databases, lso: str, rsp: str) -> str:
    create_rsp(databases, Rsp(str(uuid4()), rsp, f"{rsp} programme"))
    create_area(databases, Area(str(uuid4()), AreaKind.PROVINCE, f"P-{lso}", "Sindh"))
    create_area(databases, Area(str(uuid4()), AreaKind.DISTRICT, f"D-{lso}", "Kashmore", f"P-{lso}"))
    lso_id = str(uuid4())
    create_lso(databases, Lso(lso_id, lso, f"LSO {lso.title()}", rsp, f"D-{lso}"))
    return lso_id


def _people(databases: Databases, lso_id: str) -> None:
    fund = Fund(str(uuid4()), "CIF", "CIF Dasori", "SUCCESS", "European Union", "LSO Dasori", poverty_score_to=23)
    create_fund(databases, lso_id, fund)
    create_custodian(databases, lso_id, str(uuid4()), "Sughra")
    terms = LoanTerms(repayment=EqualInstalments(count=12))
    create_product(databases, lso_id, Product(str(uuid4()), "CIF", "MONTHLY", "Twelve months", terms))
    _enterprise_fund(databases, lso_id)
    for number, name in enumerate(("زرینہ", "Hajran", "Sughra"), 1):
        _member(databases, lso_id, number, name)


def _enterprise_fund(databases: Databases, lso_id: str) -> None:
    """A second fund, whose loans bear a charge: 12 per cent flat, in six months."""
    policy = ChargePolicy.ANY_CHARGE
    fund = Fund(str(uuid4()), "ENT", "Enterprises", "SUCCESS", "LSO Dasori", "LSO Dasori", charge_policy=policy)
    create_fund(databases, lso_id, fund)
    charge = FlatPercent(percent=Decimal(12))
    terms = LoanTerms(repayment=EqualInstalments(count=6), charge=charge, rebate=Rebate.NOT_YET_DUE)
    create_product(databases, lso_id, Product(str(uuid4()), "ENT", "TRADE", "Six months", terms))


def _member(databases: Databases, lso_id: str, number: int, name: str) -> None:
    """A member of this number in her household; the first two are of one VO, the third of another."""
    vo, co, household = f"VO-{(number + 1) // 2}", f"CO-{(number + 1) // 2}", f"H-{number}"
    if number % 2:
        create_institution(databases, lso_id, Institution(str(uuid4()), InstitutionKind.VO, vo, vo))
        create_institution(databases, lso_id, Institution(str(uuid4()), InstitutionKind.CO, co, co, vo))
    create_household(databases, lso_id, Household(str(uuid4()), household, "Ghulam", poverty_score=17))
    create_member(databases, lso_id, Member(str(uuid4()), f"M-{number}", household, co, name, Gender.FEMALE))


def _sub_grant(world: World) -> None:
    agreement = {"number": "A-1", "amount": "500000.00", "effective_on": "2020-01-10"}
    world.records("/funds/CIF/agreements", agreement, by=FINANCE)
    tranche = {"agreement": "A-1", "number": 1, "amount": "500000.00", "effective_on": "2020-01-15"}
    world.records("/funds/CIF/tranches", tranche, by=FINANCE)
    world.records("/funds/CIF/tranches/1/receipt", {"effective_on": "2020-01-20"})
    contribution = {"source": "LSO Dasori", "amount": "200000.00", "effective_on": "2020-01-20"}
    world.records("/funds/ENT/contributions", contribution)
