"""The institutions, households and members of one LSO."""

from __future__ import annotations

from starlette.responses import Response

from api.models.network_people import (
    HouseholdChangeSaid,
    HouseholdSaid,
    HouseholdShown,
    InstitutionChangeSaid,
    InstitutionKindSaid,
    InstitutionSaid,
    InstitutionShown,
    MemberChangeSaid,
    MemberRecorded,
    MemberSaid,
    MemberShown,
)
from api.paging import DEFAULT, After, Limit, Page
from api.routes.network import CodeAsked, CodeInPath, add, show, show_page
from api.routing import Routes
from api.versions import VersionRead
from api.visits import BookVisit, LsoCode
from cif_engine.network.people import InstitutionKind
from cif_engine.operations import network_people as people
from cif_engine.operations.keys import Scope
from cif_engine.persistence.network_registers import HOUSEHOLDS, INSTITUTIONS, MEMBERS

routes = Routes("network")

# VOs and COs ---------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/institutions", scope=Scope.NETWORK_WRITE, answer=InstitutionShown, summary="Add a VO or a CO")
async def create_institution(book: BookVisit, lso: LsoCode, said: InstitutionSaid) -> Response:
    """Add a Village Organisation, or a Community Organisation within one."""
    new = said.value(book.make_id())
    collection = f"lsos/{lso}/institutions"
    return await add(book, collection, ("kind", "code"), people.create_institution, book.lso_id, new)


@routes.get(
    "/lsos/{lso}/institutions", scope=Scope.NETWORK_READ, answer=Page[InstitutionShown], summary="List VOs and COs"
)
async def list_institutions(
    book: BookVisit,
    kind: InstitutionKindSaid | None = None,
    vo: CodeAsked = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List institutions by kind and code; those of one kind, or the COs of one VO."""
    return await show_page(book, INSTITUTIONS, book.lso_id, {"kind": kind, "vo": vo}, after, limit)


@routes.get(
    "/lsos/{lso}/institutions/{kind}/{code}",
    scope=Scope.NETWORK_READ,
    answer=InstitutionShown,
    summary="Read a VO or a CO",
)
async def get_institution(book: BookVisit, kind: InstitutionKindSaid, code: CodeInPath) -> Response:
    """Read an institution; a VO and a CO may have the same code."""
    return await show(book, INSTITUTIONS, (kind, code), book.lso_id)


@routes.patch(
    "/lsos/{lso}/institutions/{kind}/{code}",
    scope=Scope.NETWORK_WRITE,
    answer=InstitutionShown,
    summary="Change a VO or a CO",
)
async def change_institution(
    book: BookVisit,
    kind: InstitutionKindSaid,
    code: CodeInPath,
    said: InstitutionChangeSaid,
    version: VersionRead,
) -> Response:
    """Change an institution; loans keep the VO they were made under."""
    which = (book.lso_id, InstitutionKind(kind), code)
    return await book.changed(people.change_institution, *which, said.changes, version)


# Households ----------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/households", scope=Scope.NETWORK_WRITE, answer=HouseholdShown, summary="Add a household")
async def create_household(book: BookVisit, lso: LsoCode, said: HouseholdSaid) -> Response:
    """Add a household."""
    new = said.value(book.make_id())
    return await add(book, f"lsos/{lso}/households", ("code",), people.create_household, book.lso_id, new)


@routes.get("/lsos/{lso}/households", scope=Scope.NETWORK_READ, answer=Page[HouseholdShown], summary="List households")
async def list_households(
    book: BookVisit, *, eligible: bool | None = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List households by code; the eligible ones, or the others."""
    return await show_page(book, HOUSEHOLDS, book.lso_id, {"eligible": eligible}, after, limit)


@routes.get(
    "/lsos/{lso}/households/{code}", scope=Scope.NETWORK_READ, answer=HouseholdShown, summary="Read a household"
)
async def get_household(book: BookVisit, code: CodeInPath) -> Response:
    """Read a household."""
    return await show(book, HOUSEHOLDS, (code,), book.lso_id)


@routes.patch(
    "/lsos/{lso}/households/{code}", scope=Scope.NETWORK_WRITE, answer=HouseholdShown, summary="Change a household"
)
async def change_household(
    book: BookVisit, code: CodeInPath, said: HouseholdChangeSaid, version: VersionRead
) -> Response:
    """Change a household; loans keep the poverty score they were made under."""
    return await book.changed(people.change_household, book.lso_id, code, said.changes, version)


# Members -------------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/members", scope=Scope.NETWORK_WRITE, answer=MemberRecorded, summary="Add a member")
async def create_member(book: BookVisit, lso: LsoCode, said: MemberSaid) -> Response:
    """Add a member of a household and a CO.

    A CNIC whose last digit is unusual for the gender, a CNIC that another member has, and a name that is there twice
    in the household or the CO are answered as `warnings`; the member is recorded all the same.
    """
    new = said.value(book.make_id())
    return await add(book, f"lsos/{lso}/members", ("code",), people.create_member, book.lso_id, new)


@routes.get("/lsos/{lso}/members", scope=Scope.NETWORK_READ, answer=Page[MemberShown], summary="List members")
async def list_members(
    book: BookVisit,
    vo: CodeAsked = None,
    co: CodeAsked = None,
    household: CodeAsked = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List members by code; those of one VO, CO or household."""
    filters = {"vo": vo, "co": co, "household": household}
    return await show_page(book, MEMBERS, book.lso_id, filters, after, limit)


@routes.get("/lsos/{lso}/members/{code}", scope=Scope.NETWORK_READ, answer=MemberShown, summary="Read a member")
async def get_member(book: BookVisit, code: CodeInPath) -> Response:
    """Read a member."""
    return await show(book, MEMBERS, (code,), book.lso_id)


@routes.patch("/lsos/{lso}/members/{code}", scope=Scope.NETWORK_WRITE, answer=MemberRecorded, summary="Change a member")
async def change_member(book: BookVisit, code: CodeInPath, said: MemberChangeSaid, version: VersionRead) -> Response:
    """Change a member; loans keep the household and the CO they were made under. Warnings as when adding one."""
    return await book.changed(people.change_member, book.lso_id, code, said.changes, version)
