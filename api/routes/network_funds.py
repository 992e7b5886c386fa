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
)
from api.paging import DEFAULT, After, Limit, Page
from api.routes.network import CodeAsked, CodeInPath, add, show, show_page
from api.routing import Routes
from api.versions import VersionRead
from api.visits import BookVisit, LsoCode
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
    """Change the rules of a fund, for what is decided from now on.

    A fund with a product that carries a charge cannot become interest-free.
    """
    return await book.changed(funds.change_fund, book.lso_id, fund, said.changes, version)


# Products ------------------------------------------------------------------------------------------------------


@routes.post("/lsos/{lso}/products", scope=Scope.NETWORK_WRITE, answer=ProductShown, summary="Add a product")
async def create_product(book: BookVisit, lso: LsoCode, said: ProductSaid) -> Response:
    """Add a kind of loan that a fund offers. An interest-free fund refuses terms with a charge."""
    new = said.value(book.make_id())
    return await add(book, f"lsos/{lso}/products", ("code",), funds.create_product, book.lso_id, new)


@routes.get("/lsos/{lso}/products", scope=Scope.NETWORK_READ, answer=Page[ProductShown], summary="List products")
async def list_products(
    book: BookVisit, fund: CodeAsked = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List products by code; those of one fund."""
    return await show_page(book, PRODUCTS, book.lso_id, {"fund": fund}, after, limit)


@routes.get("/lsos/{lso}/products/{code}", scope=Scope.NETWORK_READ, answer=ProductShown, summary="Read a product")
async def get_product(book: BookVisit, code: CodeInPath) -> Response:
    """Read a product."""
    return await show(book, PRODUCTS, (code,), book.lso_id)


@routes.patch("/lsos/{lso}/products/{code}", scope=Scope.NETWORK_WRITE, answer=ProductShown, summary="Change a product")
async def change_product(book: BookVisit, code: CodeInPath, said: ProductChangeSaid, version: VersionRead) -> Response:
    """Change the limits or the terms of a product, for applications from now on."""
    return await book.changed(funds.change_product, book.lso_id, code, said.changes, version)


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
