"""Funds with their charts of accounts, what they offer, and the people who carry their money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.ledger.accounts import Account, Role, opening_chart, part_account
from cif_engine.loans.terms import LoanTerms
from cif_engine.network.funds import ChargePolicy, Custodian, Fund, Product, refuse_charge
from cif_engine.network.people import InstitutionKind
from cif_engine.operations.network_records import (
    Columns,
    RecordKind,
    add_record,
    adding,
    apply_changes,
    id_of,
    known,
    own_columns,
    record_view,
)
from cif_engine.operations.views import View
from cif_engine.persistence import network_registers as registers
from cif_engine.persistence.books import book_sql, open_accounts
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import CUSTODIANS, FUNDS, INSTITUTIONS, PRODUCTS


def create_fund(databases: Databases, lso_id: str, fund: Fund) -> View:
    """Add a fund and open its accounts, one with each custodian among them.

    Raises `DuplicateCodeError` and `NotFoundError` (`/holder`).
    """
    with adding(databases, _FUND, fund, lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        record = add_record(connection, _FUND, fund, lso_id)
        open_accounts(connection, lso_id, opening_chart(fund.id, fund.code))
        for custodian in registers.every(connection, CUSTODIANS, lso_id):
            account = _custody(fund.id, fund.code, custodian["number"], custodian["name"])
            open_accounts(connection, lso_id, (account,), custodian["id"])
        return record_view(record)


def change_fund(databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change the rules of a fund, for what is decided from now on.

    Raises `NotFoundError`, `VersionMismatchError`, and `ChargeNotAllowedError` when the fund is to be interest-free and
    one of its products still carries a charge.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        fund, record = apply_changes(connection, _FUND, (code,), changes, version, lso_id)
        for product in registers.every(connection, PRODUCTS, lso_id, {"fund": code}):
            refuse_charge(fund.charge_policy, LoanTerms.model_validate_json(product["terms"]), "/charge_policy")
        return record_view(record)


def create_product(databases: Databases, lso_id: str, product: Product) -> View:
    """Add a product of a fund; raises `DuplicateCodeError`, `NotFoundError` (`/fund`) and `ChargeNotAllowedError`."""
    with adding(databases, _PRODUCT, product, lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        return record_view(add_record(connection, _PRODUCT, product, lso_id))


def change_product(databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change the limits or the terms of a product, for applications from now on.

    Raises `NotFoundError`, `VersionMismatchError` and `ChargeNotAllowedError`.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        return record_view(apply_changes(connection, _PRODUCT, (code,), changes, version, lso_id)[1])


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
    return {**own_columns(product, "fund"), "fund_id": fund["id"]}


_FUND: Final = RecordKind(FUNDS, Fund, _fund_columns, {"charge_policy": ChargePolicy})
_PRODUCT: Final = RecordKind(PRODUCTS, Product, _product_columns, {"terms": LoanTerms.model_validate_json})
_CUSTODIAN: Final = RecordKind(
    CUSTODIANS, Custodian, lambda _connection, _lso_id, custodian: own_columns(custodian), {}
)
