"""Funds with their charts of accounts, what they offer, and the people who carry their money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.dates import Weekday
from cif_engine.ledger.accounts import Account, Role, opening_chart, part_account
from cif_engine.loans.terms import LoanTerms
from cif_engine.network.checks import check_name
from cif_engine.network.funds import (
    OFFERED,
    ChargePolicy,
    Custodian,
    Fund,
    Product,
    ProductTerms,
    in_force,
    in_force_from,
    refuse_charge,
)
from cif_engine.network.people import InstitutionKind
from cif_engine.operations.dated import DatedKind, Saying, add_first, apply_dated_changes
from cif_engine.operations.network_records import (
    Columns,
    RecordKind,
    RecordPage,
    add_record,
    adding,
    apply_changes,
    id_of,
    known,
    own_columns,
    record_view,
    stale,
)
from cif_engine.operations.views import View
from cif_engine.persistence import network_registers as registers
from cif_engine.persistence.books import book_sql, open_accounts
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import CUSTODIANS, FUNDS, INSTITUTIONS, PRODUCTS, Key, Record
from cif_engine.persistence.placements import FUND_VERSIONS


def create_fund(databases: Databases, lso_id: str, fund: Fund) -> View:
    """Add a fund and open its accounts, one with each custodian among them.

    Raises `DuplicateCodeError` and `NotFoundError` (`/holder`).
    """
    with adding(databases, _FUND, fund, lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        record = add_record(connection, _FUND, fund, lso_id)
        add_first(connection, _DATED_FUND, record)
        open_accounts(connection, lso_id, opening_chart(fund.id, fund.code))
        for custodian in registers.every(connection, CUSTODIANS, lso_id):
            account = _custody(fund.id, fund.code, custodian["number"], custodian["name"])
            open_accounts(connection, lso_id, (account,), custodian["id"])
        return record_view(record)


def change_fund(
    databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int, saying: Saying
) -> View:
    """Change the rules of a fund, for what is decided from now on; funder, programme and reserve change from a day on.

    Raises `NotFoundError`, `VersionMismatchError`, `DateInFutureError`, `FieldMissingError` for a day without a change
    that takes one, and `ChargeNotAllowedError` when one of its products carries, today or later, a charge that the fund
    is not to take any more.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        fund, record = apply_dated_changes(connection, _DATED_FUND, (code,), changes, version, saying, lso_id)
        products = registers.every(connection, PRODUCTS, lso_id, {"fund": code})
        for versions in _versions(connection, lso_id, products).values():
            for offered in in_force_from([_product_terms(row) for row in versions], saying.today):
                refuse_charge(fund.charge_policy, offered.terms, "/charge_policy")
        return record_view(record)


def create_product(databases: Databases, lso_id: str, product: Product) -> View:
    """Add a product of a fund; raises `DuplicateCodeError`, `NotFoundError` (`/fund`) and `ChargeNotAllowedError`."""
    with adding(databases, _PRODUCT, product, lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        record = add_record(connection, _PRODUCT, product, lso_id)
        first = product.first_terms
        registers.add_product_terms(connection, lso_id, product.id, 1, own_columns(first))
        return _product_view(record, _versions(connection, lso_id, [record])[product.id], first.valid_from)


def change_product(
    databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int, today: date
) -> View:
    """Change the name of a product, or from today on what it offers: other limits or terms become its next version.

    Applications of earlier days, and loans already made, keep what was offered then. Raises `NotFoundError`,
    `VersionMismatchError` and `ChargeNotAllowedError`.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        record = known(connection, PRODUCTS, (code,), lso_id)
        if record["version"] != version:
            raise stale(PRODUCTS, (code,), record["version"])
        versions = _versions(connection, lso_id, [record])[record["id"]]
        offered = {name: changes[name] for name in OFFERED if name in changes}
        if offered:
            now = in_force([_product_terms(row) for row in versions], today)
            _offer(connection, lso_id, record, len(versions) + 1, replace(now, valid_from=today, **offered))
        renamed = {"name": check_name(changes["name"])} if "name" in changes else {}
        return _raised(connection, lso_id, record, renamed, today)


def record_product_terms(databases: Databases, lso_id: str, code: str, offered: ProductTerms, today: date) -> View:
    """Record what a product offers from a day on; loans already made keep what they were made under.

    Raises `NotFoundError` and `ChargeNotAllowedError`.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        record = known(connection, PRODUCTS, (code,), lso_id)
        versions = _versions(connection, lso_id, [record])[record["id"]]
        _offer(connection, lso_id, record, len(versions) + 1, offered)
        return _raised(connection, lso_id, record, {}, today)


def get_product(databases: Databases, lso_id: str, code: str, today: date) -> View:
    """Return a product as it is offered today, with all versions of what it offers; raises `NotFoundError`."""
    with databases.reading(lso_id) as connection:
        record = known(connection, PRODUCTS, (code,), lso_id)
        return _product_view(record, _versions(connection, lso_id, [record])[record["id"]], today)


def list_products(
    databases: Databases, lso_id: str, filters: Mapping[str, Any], after: Key | None, limit: int, today: date
) -> RecordPage:
    """Return products by code, each as `get_product` does."""
    with databases.reading(lso_id) as connection:
        records = registers.page(connection, PRODUCTS, lso_id, filters, after, limit + 1)
        versions = _versions(connection, lso_id, records[:limit])
    shown = [_product_view(record, versions[record["id"]], today) for record in records[:limit]]
    return RecordPage(shown, (shown[-1]["code"],) if len(records) > limit else None)


def create_custodian(databases: Databases, lso_id: str, custodian_id: str, name: str) -> View:
    """Add a custodian under the next number of the LSO, and open an account in transit with her in every fund."""
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        custodian = Custodian(custodian_id, registers.next_number(connection, lso_id), name)
        record = add_record(connection, _CUSTODIAN, custodian, lso_id)
        open_accounts(connection, lso_id, _custody_in_every_fund(connection, lso_id, custodian), custodian.id)
        return record_view(record)


def change_custodian(databases: Databases, lso_id: str, number: int, changes: Mapping[str, Any], version: int) -> View:
    """Change the name of a custodian, and of the accounts in transit with her.

    Raises `NotFoundError` and `VersionMismatchError`.
    """
    with databases.writing(lso_id) as connection:
        custodian, record = apply_changes(connection, _CUSTODIAN, (number,), changes, version, lso_id)
        accounts = _custody_in_every_fund(connection, lso_id, custodian)
        registers.rename_accounts(connection, lso_id, {account.code: account.name for account in accounts})
        return record_view(record)


def _custody_in_every_fund(connection: sa.Connection, lso_id: str, custodian: Custodian) -> tuple[Account, ...]:
    return tuple(
        _custody(fund["id"], fund["code"], custodian.number, custodian.name)
        for fund in registers.every(connection, FUNDS, lso_id)
    )


def _custody(fund_id: str, fund_code: str, number: int, name: str) -> Account:
    return part_account(fund_id, fund_code, Role.IN_TRANSIT, number, name)


# What a product offers, by day ---------------------------------------------------------------------------------


def _versions(connection: sa.Connection, lso_id: str, products: Sequence[Record]) -> dict[str, list[Record]]:
    return registers.terms_of_products(connection, lso_id, [product["id"] for product in products])


def _product_terms(row: Record) -> ProductTerms:
    own = {name: row[name] for name in ("valid_from", *OFFERED)}
    return ProductTerms(**{**own, "terms": LoanTerms.model_validate_json(row["terms"])})


def _offer(connection: sa.Connection, lso_id: str, product: Record, number: int, offered: ProductTerms) -> None:
    fund = known(connection, FUNDS, (product["fund"],), lso_id)
    refuse_charge(ChargePolicy(fund["charge_policy"]), offered.terms)
    registers.add_product_terms(connection, lso_id, product["id"], number, own_columns(offered))


def _raised(connection: sa.Connection, lso_id: str, product: Record, changes: Mapping[str, Any], today: date) -> View:
    """Raise the version of a product, and return it as it is now."""
    key = (product["code"],)
    registers.change(connection, PRODUCTS, key, lso_id, changes, product["version"])
    record = known(connection, PRODUCTS, key, lso_id)
    return _product_view(record, _versions(connection, lso_id, [record])[record["id"]], today)


def _product_view(product: Record, versions: Sequence[Record], day: date) -> View:
    """Return a product with what it offers on a day, and all that it offers from which day."""
    offered = in_force([_product_terms(row) for row in versions], day)
    every = [record_view(version) for version in versions]
    return {**record_view(product), **record_view(own_columns(offered)), "versions": every}


# What they refer to --------------------------------------------------------------------------------------------


def _fund_columns(connection: sa.Connection, lso_id: str | None, fund: Fund) -> Columns:
    columns = own_columns(fund, "holder")
    if fund.holder is None:
        return {**columns, "holder_id": None}
    vo = (InstitutionKind.VO.value, fund.holder)
    return {**columns, "holder_id": id_of(connection, INSTITUTIONS, vo, lso_id, "/holder")}


def _product_columns(connection: sa.Connection, lso_id: str | None, product: Product) -> Columns:
    fund = known(connection, FUNDS, (product.fund,), lso_id, "/fund")
    refuse_charge(ChargePolicy(fund["charge_policy"]), product.terms)
    return {**own_columns(product, "fund", *OFFERED), "fund_id": fund["id"]}


def _weekdays(written: str) -> tuple[Weekday, ...]:
    return tuple(map(Weekday, written.split()))


_FUND: Final = RecordKind(FUNDS, Fund, _fund_columns, {"charge_policy": ChargePolicy, "rest_days": _weekdays})
_DATED_FUND: Final = DatedKind(_FUND, FUND_VERSIONS, FUND_VERSIONS.says, "fund_id")
_PRODUCT: Final = RecordKind(PRODUCTS, Product, _product_columns, {})
_CUSTODIAN: Final = RecordKind(
    CUSTODIANS, Custodian, lambda _connection, _lso_id, custodian: own_columns(custodian), {}
)
