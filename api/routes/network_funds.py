"""The funds of one LSO, what they offer, and who carries their money."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.fields import Code
from api.models.network import RenameSaid
from api.models.network_funds import (
    CustodianSaid,
    CustodianShown,
    FundChangeSaid,
    FundSaid,
    FundShown,
    ProductChangeSaid,
    ProductSaid,
    ProductShown,
    ProductTermsSaid,
)
from api.paging import DEFAULT, After, Limit, Page, page
from api.routes.network import CodeAsked, CodeInPath, add, key_after, saying, show, show_page
from api.routing import Routes
from api.versions import VersionRead
from api.visits import BookVisit, LsoCode, as_json
from cif_engine.operations import network_funds as funds
from cif_engine.operations.keys import Scope
from cif_engine.persistence.network_registers import CUSTODIANS, FUNDS, PRODUCTS

routes = Routes("network")

FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]
NumberInPath = Annotated[int, Path(ge=1, le=10**6, description="The number of the custodian.")]

# Funds ---------------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/funds", scope=Scope.NETWORK_WRITE, answer=FundShown, summary="Add a fund")
async def create_fund(book: BookVisit, lso: LsoCode, said: FundSaid) -> Response:
    """Add a revolving fund and open its accounts, one in transit with each custodian among them."""
    new = said.value(book.make_id())
    return await add(book, f"lsos/{lso}/funds", ("code",), funds.create_fund, book.lso_id, new)


@routes.get("/lsos/{lso}/funds", scope=Scope.NETWORK_READ, answer=Page[FundShown], summary="List funds")
async def list_funds(book: BookVisit, after: After = None, limit: Limit = DEFAULT) -> Response:
    """List funds by code."""
    return await show_page(book, FUNDS, book.lso_id, {}, after, limit)


@routes.get("/lsos/{lso}/funds/{fund}", scope=Scope.NETWORK_READ, answer=FundShown, summary="Read a fund")
async def get_fund(book: BookVisit, fund: FundCode) -> Response:
    """Read a fund with the rules of its programme."""
    return await show(book, FUNDS, (fund,), book.lso_id)


@routes.patch("/lsos/{lso}/funds/{fund}", scope=Scope.NETWORK_WRITE, answer=FundShown, summary="Change a fund")
async def change_fund(book: BookVisit, fund: FundCode, said: FundChangeSaid, version: VersionRead) -> Response:
    """Change the rules of a fund, for what is decided from now on; funder, programme and reserve from a day on.

    A report of an earlier day shows the funder, the programme and the reserve of that day, as they were known.
    A fund with a product that carries a charge, today or later, cannot become interest-free.
    """
    told = saying(book, said.effective_on)
    return await book.changed(funds.change_fund, book.lso_id, fund, said.changes, version, told)


# Products ------------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/products", scope=Scope.NETWORK_WRITE, answer=ProductShown, summary="Add a product")
async def create_product(book: BookVisit, lso: LsoCode, said: ProductSaid) -> Response:
    """Add a kind of loan that a fund offers. A fund refuses terms with a charge that it does not take."""
    new = said.value(book.make_id())
    return await add(book, f"lsos/{lso}/products", ("code",), funds.create_product, book.lso_id, new)


@routes.get("/lsos/{lso}/products", scope=Scope.NETWORK_READ, answer=Page[ProductShown], summary="List products")
async def list_products(
    book: BookVisit, fund: CodeAsked = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List products by code; those of one fund."""
    wanted, key = {} if fund is None else {"fund": fund}, key_after(PRODUCTS, after)
    found = await book.desk.read(funds.list_products, book.lso_id, wanted, key, limit, book.today)
    return as_json(page(found.items, found.next_after))


@routes.get("/lsos/{lso}/products/{code}", scope=Scope.NETWORK_READ, answer=ProductShown, summary="Read a product")
async def get_product(book: BookVisit, code: CodeInPath) -> Response:
    """Read a product: what it offers today, and from which day it offers what."""
    return await book.answer(funds.get_product, book.lso_id, code, book.today)


@routes.patch("/lsos/{lso}/products/{code}", scope=Scope.NETWORK_WRITE, answer=ProductShown, summary="Change a product")
async def change_product(book: BookVisit, code: CodeInPath, said: ProductChangeSaid, version: VersionRead) -> Response:
    """Rename a product, or change its limits or terms for applications from today on.

    The change becomes the next version of the product, as if its whole new terms had been recorded from today; a
    version that is already recorded for a later day still begins on that day.
    """
    return await book.changed(funds.change_product, book.lso_id, code, said.changes, version, book.today)


@routes.post(
    "/lsos/{lso}/products/{code}/terms",
    scope=Scope.NETWORK_WRITE,
    answer=ProductShown,
    summary="Record a product's terms from a day",
)
async def record_product_terms(book: BookVisit, lso: LsoCode, code: CodeInPath, said: ProductTermsSaid) -> Response:
    """Record what a product offers to applications from a day on, past or to come.

    Loans already applied for keep what they were made under. Of two versions from one day, the later recorded counts.
    """
    new = said.value()
    return await add(
        book, f"lsos/{lso}/products", ("code",), funds.record_product_terms, book.lso_id, code, new, book.today
    )


# Custodians ----------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/custodians", scope=Scope.NETWORK_WRITE, answer=CustodianShown, summary="Add a custodian")
async def create_custodian(book: BookVisit, lso: LsoCode, said: CustodianSaid) -> Response:
    """Add a custodian under the next number, and open an account in transit with her in every fund."""
    new = (book.make_id(), said.name)
    collection = f"lsos/{lso}/custodians"
    return await add(book, collection, ("number",), funds.create_custodian, book.lso_id, *new)


@routes.get("/lsos/{lso}/custodians", scope=Scope.NETWORK_READ, answer=Page[CustodianShown], summary="List custodians")
async def list_custodians(book: BookVisit, after: After = None, limit: Limit = DEFAULT) -> Response:
    """List custodians by number."""
    return await show_page(book, CUSTODIANS, book.lso_id, {}, after, limit)


@routes.get(
    "/lsos/{lso}/custodians/{number}",
    scope=Scope.NETWORK_READ,
    answer=CustodianShown,
    summary="Read a custodian",
)
async def get_custodian(book: BookVisit, number: NumberInPath) -> Response:
    """Read a custodian."""
    return await show(book, CUSTODIANS, (number,), book.lso_id)


@routes.patch(
    "/lsos/{lso}/custodians/{number}",
    scope=Scope.NETWORK_WRITE,
    answer=CustodianShown,
    summary="Rename a custodian",
)
async def change_custodian(book: BookVisit, number: NumberInPath, said: RenameSaid, version: VersionRead) -> Response:
    """Change the name of a custodian, and of the accounts in transit with her."""
    return await book.changed(funds.change_custodian, book.lso_id, number, said.changes, version)
