"""RSPs, areas, LSOs and holidays. What all of the network shares is changed with a key that is bound to everything."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from api.access import require_everything
from api.models.network import RenameSaid
from api.models.network_places import (
    AreaKindSaid,
    AreaSaid,
    AreaShown,
    HolidaySaid,
    HolidayShown,
    LsoChangeSaid,
    LsoSaid,
    LsoShown,
    RspSaid,
    RspShown,
)
from api.paging import DEFAULT, After, Limit, Page
from api.refusals import BindingTooNarrowError
from api.routes.network import CodeAsked, CodeInPath, DayInPath, add, saying, show, show_page
from api.routing import Routes
from api.versions import VersionRead
from api.visits import BookVisit, LsoCode, RspCode, RspVisit, Visit
from cif_engine.errors import NotFoundError
from cif_engine.network.places import AreaKind
from cif_engine.operations import network_places as places
from cif_engine.operations.keys import Scope, find_rsp_id
from cif_engine.persistence.network_registers import AREAS, HOLIDAYS, LSOS, RSPS

routes = Routes("network")

# RSPs ----------------------------------------------------------------------------------------------------------


@routes.post("/rsps", scope=Scope.NETWORK_WRITE, answer=RspShown, summary="Add an RSP")
async def create_rsp(visit: Visit, said: RspSaid) -> Response:
    """Add a Rural Support Programme. The key is bound to everything."""
    require_everything(visit.key)
    return await add(visit, "rsps", ("code",), places.create_rsp, said.value(visit.make_id()))


@routes.get("/rsps", scope=Scope.NETWORK_READ, answer=Page[RspShown], summary="List RSPs")
async def list_rsps(visit: Visit, after: After = None, limit: Limit = DEFAULT) -> Response:
    """List the RSPs that the key reaches: all, or its own. The key is bound to an RSP or to everything."""
    _refuse_bound_to_lso(visit)
    return await show_page(visit, RSPS, None, {"id": visit.key.rsp_id}, after, limit)


@routes.get("/rsps/{rsp}", scope=Scope.NETWORK_READ, answer=RspShown, summary="Read an RSP")
async def get_rsp(visit: RspVisit, rsp: RspCode) -> Response:
    """Read an RSP that the key reaches."""
    return await show(visit, RSPS, (rsp,))


@routes.patch("/rsps/{rsp}", scope=Scope.NETWORK_WRITE, answer=RspShown, summary="Rename an RSP")
async def change_rsp(visit: RspVisit, rsp: RspCode, said: RenameSaid, version: VersionRead) -> Response:
    """Change the name of an RSP that the key reaches."""
    return await visit.changed(places.change_rsp, rsp, said.changes, version)


# Areas ---------------------------------------------------------------------------------------------------------


@routes.post("/areas", scope=Scope.NETWORK_WRITE, answer=AreaShown, summary="Add an area")
async def create_area(visit: Visit, said: AreaSaid) -> Response:
    """Add a province, or an area within the one of the kind above. The key is bound to everything."""
    require_everything(visit.key)
    return await add(visit, "areas", ("kind", "code"), places.create_area, said.value(visit.make_id()))


@routes.get("/areas", scope=Scope.NETWORK_READ, answer=Page[AreaShown], summary="List areas")
async def list_areas(
    visit: Visit,
    kind: AreaKindSaid | None = None,
    parent: CodeAsked = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List areas by kind and code; those of one kind, or within the area of the code `parent`."""
    return await show_page(visit, AREAS, None, {"kind": kind, "parent": parent}, after, limit)


@routes.get("/areas/{kind}/{code}", scope=Scope.NETWORK_READ, answer=AreaShown, summary="Read an area")
async def get_area(visit: Visit, kind: AreaKindSaid, code: CodeInPath) -> Response:
    """Read an area; a district and a tehsil may have the same code."""
    return await show(visit, AREAS, (kind, code))


@routes.patch("/areas/{kind}/{code}", scope=Scope.NETWORK_WRITE, answer=AreaShown, summary="Rename an area")
async def change_area(
    visit: Visit, kind: AreaKindSaid, code: CodeInPath, said: RenameSaid, version: VersionRead
) -> Response:
    """Change the name of an area. The key is bound to everything."""
    require_everything(visit.key)
    return await visit.changed(places.change_area, AreaKind(kind), code, said.changes, version)


# LSOs ----------------------------------------------------------------------------------------------------------


@routes.post("/lsos", scope=Scope.NETWORK_WRITE, answer=LsoShown, summary="Add an LSO")
async def create_lso(visit: Visit, said: LsoSaid) -> Response:
    """Add an LSO and begin its book. The key is bound to everything, or to the RSP of the new LSO."""
    await _refuse_other_rsp(visit, said.rsp)
    return await add(visit, "lsos", ("code",), places.create_lso, said.value(visit.make_id()))


@routes.get("/lsos", scope=Scope.NETWORK_READ, answer=Page[LsoShown], summary="List LSOs")
async def list_lsos(
    visit: Visit, rsp: CodeAsked = None, district: CodeAsked = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List the LSOs that the key reaches: all, those of its RSP, or its own."""
    reach: dict[str, Any] = {"rsp_id": visit.key.rsp_id, "id": visit.key.lso_id}
    return await show_page(visit, LSOS, None, {**reach, "rsp": rsp, "district": district}, after, limit)


@routes.get("/lsos/{lso}", scope=Scope.NETWORK_READ, answer=LsoShown, summary="Read an LSO")
async def get_lso(book: BookVisit, lso: LsoCode) -> Response:
    """Read an LSO with the facts of its profile."""
    return await show(book, LSOS, (lso,))


@routes.patch("/lsos/{lso}", scope=Scope.NETWORK_WRITE, answer=LsoShown, summary="Change an LSO")
async def change_lso(book: BookVisit, lso: LsoCode, said: LsoChangeSaid, version: VersionRead) -> Response:
    """Change the RSP, the areas or the eligible households of an LSO from a day on, or its name and its profile.

    A report of an earlier day cuts by where the LSO was then, and one known at an earlier moment by what was known of
    that. A key that is bound to an RSP moves no LSO to another.
    """
    if "rsp" in said.changes:
        await _refuse_other_rsp(book, said.rsp)
    return await book.changed(places.change_lso, lso, said.changes, version, saying(book, said.effective_on))


async def _refuse_other_rsp(visit: Visit, code: str) -> None:
    _refuse_bound_to_lso(visit)
    rsp_id = await visit.desk.read(find_rsp_id, code)
    if rsp_id is None or not visit.key.reaches_rsp(rsp_id):
        raise NotFoundError("No such RSP.", pointer="/rsp")


def _refuse_bound_to_lso(visit: Visit) -> None:
    if visit.key.bound_to == "lso":
        raise BindingTooNarrowError("This operation needs a key that is bound to an RSP or to everything.")


# Holidays ------------------------------------------------------------------------------------------------------


@routes.post("/holidays", scope=Scope.NETWORK_WRITE, answer=HolidayShown, summary="Add a holiday")
async def create_holiday(visit: Visit, said: HolidaySaid) -> Response:
    """Add a day on which no instalment falls due, for schedules made from now on. The key is bound to everything."""
    require_everything(visit.key)
    return await add(visit, "holidays", ("on",), places.create_holiday, said.value())


@routes.get("/holidays", scope=Scope.NETWORK_READ, answer=Page[HolidayShown], summary="List holidays")
async def list_holidays(visit: Visit, after: After = None, limit: Limit = DEFAULT) -> Response:
    """List all holidays by their day."""
    return await show_page(visit, HOLIDAYS, None, {}, after, limit)


@routes.get("/holidays/{on}", scope=Scope.NETWORK_READ, answer=HolidayShown, summary="Read a holiday")
async def get_holiday(visit: Visit, on: DayInPath) -> Response:
    """Read the holiday of a day."""
    return await show(visit, HOLIDAYS, (on,))


@routes.patch("/holidays/{on}", scope=Scope.NETWORK_WRITE, answer=HolidayShown, summary="Rename a holiday")
async def change_holiday(visit: Visit, on: DayInPath, said: RenameSaid, version: VersionRead) -> Response:
    """Change the name of a holiday. The key is bound to everything."""
    require_everything(visit.key)
    return await visit.changed(places.change_holiday, on, said.changes, version)


@routes.delete("/holidays/{on}", scope=Scope.NETWORK_WRITE, summary="Remove a holiday")
async def remove_holiday(visit: Visit, on: DayInPath, version: VersionRead) -> Response:
    """Remove a holiday announced for another day after all; schedules already made keep their days.

    The key is bound to everything.
    """
    require_everything(visit.key)
    return await visit.removed(places.remove_holiday, on, version)
