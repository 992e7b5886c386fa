from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from cif_engine.errors import (
    ChargeNotAllowedError,
    DuplicateCodeError,
    LimitsReversedError,
    NotFoundError,
    NumberOutOfRangeError,
    VersionMismatchError,
)
from cif_engine.loans.terms import BulletPayment, FlatPercent, LoanTerms
from cif_engine.money import MAX_MINOR
from cif_engine.network.funds import ChargePolicy, Product
from cif_engine.operations.network_funds import (
    change_custodian,
    change_fund,
    change_product,
    create_custodian,
    create_fund,
    create_product,
)
from cif_engine.operations.network_people import create_institution
from cif_engine.operations.network_records import get_record, list_records
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import fund_file, product_file
from cif_engine.persistence.network_registers import CUSTODIANS, FUNDS, PRODUCTS
from tests.network.founding import co, found_fund, found_lso, found_network, fund, new_id, vo

AT_HARVEST = LoanTerms(repayment=BulletPayment(after_months=12))
CHARGED = LoanTerms(repayment=BulletPayment(after_months=12), charge=FlatPercent(percent=Decimal(8)))


def _product(code: str = "GOAT", terms: LoanTerms = AT_HARVEST) -> Product:
    return Product(new_id(), "CIF", code, "Livestock", terms, amount_max_minor=2_500_000)


def _accounts(databases: Databases, lso_id: str) -> dict[str, str]:
    with databases.reading(lso_id) as connection:
        rows = connection.execute(
            sa.text(
                "SELECT account.code, account.name FROM account JOIN account_balance"
                " ON account_balance.lso_id = account.lso_id AND account_balance.code = account.code"
                " WHERE balance_minor = 0"
            )
        )
        return {row.code: row.name for row in rows}


def test_a_fund_opens_its_chart_and_states_its_currency_once(databases: Databases) -> None:
    lso_id = found_network(databases)
    view = create_fund(databases, lso_id, replace(fund(), amount_max_minor=2_500_000, poverty_score_to=23))
    assert (view["currency"], view["holder"], view["charge_policy"]) == ("PKR", None, "interest_free")
    assert (view["amount_min"], view["amount_max"], view["reserve_floor"]) == ("0.01", "25000.00", "0.00")
    assert len(_accounts(databases, lso_id)) == 11
    assert _accounts(databases, lso_id)["CIF.1010"] == "Cash in hand"
    with databases.reading(lso_id) as connection:
        file = fund_file(connection, lso_id, "CIF")
        assert fund_file(connection, lso_id, "NONE") is None
    assert file is not None
    assert (file.id, file.poverty_score_to, file.amount_max_minor) == (view["id"], 23, 2_500_000)


def test_a_second_fund_of_the_same_code_is_refused_and_opens_nothing(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    with pytest.raises(DuplicateCodeError, match="Fund CIF"):
        create_fund(databases, lso_id, fund())
    assert len(_accounts(databases, lso_id)) == 11


def test_a_vo_can_hold_a_fund_and_a_co_cannot(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_institution(databases, lso_id, vo())
    create_institution(databases, lso_id, co())
    assert create_fund(databases, lso_id, replace(fund(), holder="VO-1"))["holder"] == "VO-1"
    with pytest.raises(NotFoundError) as refusal:
        create_fund(databases, lso_id, replace(fund("CIF2"), holder="CO-1"))
    assert refusal.value.pointer == "/holder"


def test_limits_are_in_order_and_within_what_the_books_hold() -> None:
    with pytest.raises(LimitsReversedError):
        replace(fund(), poverty_score_from=24, poverty_score_to=23)
    with pytest.raises(LimitsReversedError):
        replace(fund(), amount_min_minor=200, amount_max_minor=100)
    with pytest.raises(NumberOutOfRangeError):
        replace(fund(), amount_min_minor=0)
    with pytest.raises(NumberOutOfRangeError):
        replace(fund(), amount_max_minor=MAX_MINOR + 1)
    with pytest.raises(NumberOutOfRangeError):
        replace(fund(), cycle_max=0)
    with pytest.raises(NumberOutOfRangeError):
        replace(fund(), reserve_floor_minor=-1)


# Custodians ----------------------------------------------------------------------------------------------------


def test_every_custodian_has_an_account_in_transit_in_every_fund(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    assert create_custodian(databases, lso_id, new_id(), "Hajra")["number"] == 1
    create_fund(databases, lso_id, fund("IGF"))
    assert create_custodian(databases, lso_id, new_id(), "Sakina")["number"] == 2
    in_transit = {code: name for code, name in _accounts(databases, lso_id).items() if ".1030." in code}
    assert in_transit == {
        "CIF.1030.1": "In transit: Hajra",
        "CIF.1030.2": "In transit: Sakina",
        "IGF.1030.1": "In transit: Hajra",
        "IGF.1030.2": "In transit: Sakina",
    }
    with databases.reading(lso_id) as connection:
        held = "SELECT count(*) FROM account JOIN custodian ON custodian.id = custodian_id WHERE account.name LIKE "
        assert connection.execute(sa.text(f"{held} '%: ' || custodian.name")).scalar() == 4


def test_the_accounts_of_a_custodian_follow_her_name(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    for name in ("Hajra", "Sakina"):
        create_custodian(databases, lso_id, new_id(), name)
    assert change_custodian(databases, lso_id, 1, {"name": "Hajra Bibi"}, 1)["version"] == 2
    assert _accounts(databases, lso_id)["CIF.1030.1"] == "In transit: Hajra Bibi"
    assert _accounts(databases, lso_id)["CIF.1030.2"] == "In transit: Sakina"


def test_custodians_who_come_at_once_get_different_numbers(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_lso(databases, "BUT")
    with ThreadPoolExecutor(4) as threads:
        views = list(threads.map(lambda _: create_custodian(databases, lso_id, new_id(), "Hajra"), range(8)))
    assert sorted(view["number"] for view in views) == list(range(1, 9))
    page = list_records(databases, CUSTODIANS, lso_id, after=(6,))
    assert [view["number"] for view in page.items] == [7, 8]


# Products ------------------------------------------------------------------------------------------------------


def test_a_product_keeps_its_terms_as_they_were_written(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    view = create_product(databases, lso_id, _product())
    assert (view["fund"], view["amount_max"], view["cycle_max"]) == ("CIF", "25000.00", None)
    assert LoanTerms.model_validate(view["terms"]) == AT_HARVEST
    with databases.reading(lso_id) as connection:
        file = product_file(connection, lso_id, "GOAT")
        assert product_file(connection, lso_id, "NONE") is None
    assert file is not None
    assert (file.id, file.fund.code) == (view["id"], "CIF")
    assert LoanTerms.model_validate_json(file.terms) == AT_HARVEST


def test_a_product_belongs_to_a_fund_that_is_known(databases: Databases) -> None:
    lso_id = found_network(databases)
    with pytest.raises(NotFoundError) as refusal:
        create_product(databases, lso_id, _product())
    assert refusal.value.pointer == "/fund"


def test_an_interest_free_fund_offers_nothing_with_a_charge(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    with pytest.raises(ChargeNotAllowedError):
        create_product(databases, lso_id, _product(terms=CHARGED))
    create_product(databases, lso_id, _product())
    with pytest.raises(ChargeNotAllowedError):
        change_product(databases, lso_id, "GOAT", {"terms": CHARGED}, 1)
    change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.FLAT_CHARGE}, 1)
    charged = change_product(databases, lso_id, "GOAT", {"terms": CHARGED}, 1)
    assert LoanTerms.model_validate(charged["terms"]) == CHARGED


def test_a_fund_whose_product_carries_a_charge_cannot_become_interest_free(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_fund(databases, lso_id, replace(fund(), charge_policy=ChargePolicy.FLAT_CHARGE))
    create_product(databases, lso_id, _product(terms=CHARGED))
    with pytest.raises(ChargeNotAllowedError) as refusal:
        change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.INTEREST_FREE}, 1)
    assert refusal.value.pointer == "/charge_policy"
    assert get_record(databases, FUNDS, ("CIF",), lso_id)["version"] == 1
    change_product(databases, lso_id, "GOAT", {"terms": AT_HARVEST}, 1)
    change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.INTEREST_FREE}, 1)


def test_a_product_is_changed_at_the_version_that_was_read(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    assert change_product(databases, lso_id, "GOAT", {"amount_max_minor": None}, 1)["amount_max"] is None
    with pytest.raises(VersionMismatchError):
        change_product(databases, lso_id, "GOAT", {"name": "Late"}, 1)
    assert list_records(databases, PRODUCTS, lso_id, filters={"fund": "CIF"}).items[0]["version"] == 2
