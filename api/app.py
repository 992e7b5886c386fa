"""The application: everything put together, from a database, settings and a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api.access import Gate
from api.desk import Desk
from api.engine import Engine
from api.ids import new_id
from api.metrics import Metrics
from api.openapi import describe
from api.problems import add_problem_handlers
from api.reception import Reception
from api.routes import PARTS
from api.routes.service import add_service_routes
from api.routing import mount, refuse_unguarded
from cif_engine.persistence.engines import Databases
from cif_engine.settings import Settings

TITLE: Final = "CIF engine"
VERSION: Final = "1.0"

DESCRIPTION: Final = """
The book of a Community Investment Fund: a sub-grant arrives in tranches, loans go out of it, repayments come back, and
the portfolio at risk of any day can be asked for.

**Two times.** Every fact has the day it happened (`effective_on`) and the moment it was recorded (`recorded_at`).
Reports take `as_of` (a day; facts that happened by then count) and `known_at` (a moment; facts recorded by then count)
and answer both, `known_at` as the moment of the last fact that counted. The same pair gives the same report for ever,
whatever is recorded later.

**Money** is a decimal string, `"1500.00"`, in Pakistan rupees. Whole numbers are taken as rupees, floats refused.

**Once.** A request that records a fact carries an `Idempotency-Key`. Repeat it, after a time-out say, and it has one
effect and gets the same answer, with the header `Idempotent-Replayed: true`; refusals are remembered too. The same key
with another body is refused (`idempotency_key_reused`).

**Keys.** `Authorization: Bearer cif_...`. A key has scopes and is bound to an LSO, to an RSP with all its LSOs, or to
everything; the LSO of another answers 404, like one that is not there.

**Problems** are `application/problem+json` (RFC 9457) with a stable `code`, and `errors` that point at each field.
`GET /problems` lists every kind. A busy engine answers 503 with `Retry-After`; send the same request, with the same
`Idempotency-Key`, again.

**Lists** answer `items` and `next`; send `next` as `after` for the page that follows, until it is null.
"""

TAGS: Final[list[dict[str, Any]]] = [
    {
        "name": "network",
        "description": "RSPs, areas, LSOs, VOs and COs, households, members, funds, products, rule sets.",
    },
    {
        "name": "funding",
        "description": "The sub-grant in tranches, other money in, money out, money on the move, the allowance.",
    },
    {"name": "corrections", "description": "Reversing a fact that was a mistake, and seeing what corrected it."},
    {
        "name": "loans",
        "description": "Application, appraisal, decision, cancellation, disbursement; schedules, statements, quotes.",
    },
    {"name": "repayments", "description": "Money that borrowers paid: repayments, settlements, and their credit."},
    {"name": "dues", "description": "Fees, penalties, and what is forgiven of dues."},
    {"name": "restructuring", "description": "Reschedules, moratoria and write-offs, each by resolution."},
    {"name": "books", "description": "The event feed, accounts, trial balance, cash book, verification."},
    {
        "name": "reports",
        "description": "Portfolio at risk and the fund's position, on any day as known at any moment; what they count.",
    },
    {
        "name": "revolving fund",
        "description": "Where each tranche's rupees are and for the how-manieth time they are out, what funds come to, "
        "what they may lend next, what the RSP released, and the profile of an LSO.",
    },
    {
        "name": "documents",
        "description": "The reports that people expect, as JSON, CSV and workbooks to send on, and charts as pictures.",
    },
    {
        "name": "reported figures",
        "description": "Figures that others report, as printed, with what is found of them; on what figures here rest.",
    },
    {"name": "service", "description": "Health, metrics, and the kinds of problems. No key needed."},
]


def create_app(
    databases: Databases,
    settings: Settings,
    clock: Callable[[], datetime],
    make_id: Callable[[], str] = new_id,
) -> FastAPI:
    """Return the application. `clock` gives aware moments; it is the only clock there is."""
    desk = Desk(databases, settings)
    engine = Engine(desk, Gate(desk, clock), clock, ZoneInfo(settings.time_zone), make_id)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()
        databases.dispose()

    app = FastAPIOffline(
        title=TITLE,
        version=VERSION,
        summary="Sub-grants, loans, repayments, and the portfolio at risk on any day",
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.engine = engine
    mount(app, PARTS)
    add_service_routes(app, engine, metrics)
    refuse_unguarded(app)
    add_problem_handlers(app)
    app.add_middleware(Reception, metrics=metrics)
    describe(app, DESCRIPTION, TAGS)
    return app
