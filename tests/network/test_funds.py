from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.dates import EARLIEST_DAY, Weekday
from cif_engine.errors import (
    CalendarWithoutWorkError,
    ChargeNotAllowedError,
    DuplicateCodeError,
    LimitsReversedError,
    NameUnreadableError,
    NotFoundError,
    NumberOutOfRangeError,
    VersionMismatchError,
)
from cif_engine.loans.terms import BulletPayment, DecliningBalance, FlatPercent, LoanTerms
from cif_engine.money import MAX_MINOR
from cif_engine.network.funds import ChargePolicy, Product, ProductTerms, in_force, in_force_from
from cif_engine.network.places import Holiday
from cif_engine.operations.network_funds import (
    change_custodian,
    change_fund,
    change_product,
    create_custodian,
    create_fund,
    create_product,
    get_product,
    list_products,
    record_product_terms,
)
from cif_engine.operations.network_people import create_institution
from cif_engine.operations.network_places import create_holiday
from cif_engine.operations.network_records import get_record, list_records
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import calendar_of, fund_file, product_file
from cif_engine.persistence.network_registers import CUSTODIANS, FUNDS, PRODUCTS
from tests.network.founding import co, found_fund, found_lso, found_network, fund, new_id, saying, vo

TODAY, TOMORROW = date(2026, 1, 15), date(2026, 1, 16)
AT_HARVEST = LoanTerms(repayment=BulletPayment(after_months=12))
CHARGED = LoanTerms(repayment=BulletPayment(after_months=12), charge=FlatPercent(percent=Decimal(8)))
DECLINING = LoanTerms(repayment=BulletPayment(after_months=12), charge=DecliningBalance(annual_percent=Decimal(8)))


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
    assert len(_accounts(databases, lso_id)) == 14
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
    assert len(_accounts(databases, lso_id)) == 14


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


def test_a_fund_names_its_rest_days_in_the_order_of_the_week(databases: Databases) -> None:
    lso_id = found_network(databases)
    named = (Weekday.SUNDAY, Weekday.FRIDAY, Weekday.SUNDAY)
    assert create_fund(databases, lso_id, replace(fund(), rest_days=named))["rest_days"] == ["friday", "sunday"]
    renamed = change_fund(databases, lso_id, "CIF", {"name": "Fund"}, 1, saying(TODAY))
    assert renamed["rest_days"] == ["friday", "sunday"]
    changed = change_fund(databases, lso_id, "CIF", {"rest_days": (Weekday.MONDAY,)}, 2, saying(TODAY))
    assert changed["rest_days"] == ["monday"]


def test_a_fund_works_on_some_day_of_the_week() -> None:
    with pytest.raises(CalendarWithoutWorkError):
        replace(fund(), rest_days=tuple(Weekday))


def test_nobody_collects_for_a_fund_on_its_rest_days_and_on_holidays(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_fund(databases, lso_id, replace(fund(), rest_days=(Weekday.FRIDAY, Weekday.SUNDAY)))
    create_holiday(databases, Holiday(date(2026, 1, 14), "Holiday"))
    with databases.reading(lso_id) as connection:
        file = fund_file(connection, lso_id, "CIF")
        assert file is not None
        calendar = calendar_of(connection, file, date(2026, 1, 1), date(2026, 1, 31))
    working = [day for day in range(12, 19) if calendar.is_working_day(date(2026, 1, day))]
    assert working == [12, 13, 15, 17]  # not Wednesday the 14th, Friday the 16th and Sunday the 18th


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
        file = product_file(connection, lso_id, "GOAT", TODAY)
        assert product_file(connection, lso_id, "NONE", TODAY) is None
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
        change_product(databases, lso_id, "GOAT", {"terms": CHARGED}, 1, TODAY)
    change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.FLAT_CHARGE}, 1, saying(TODAY))
    charged = change_product(databases, lso_id, "GOAT", {"terms": CHARGED}, 1, TODAY)
    assert LoanTerms.model_validate(charged["terms"]) == CHARGED


def test_a_fund_of_flat_charges_offers_nothing_on_the_declining_balance(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_fund(databases, lso_id, replace(fund(), charge_policy=ChargePolicy.FLAT_CHARGE))
    with pytest.raises(ChargeNotAllowedError, match="flat charges only"):
        create_product(databases, lso_id, _product(terms=DECLINING))
    change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.ANY_CHARGE}, 1, saying(TODAY))
    create_product(databases, lso_id, _product(terms=DECLINING))
    create_product(databases, lso_id, _product("SHOP", CHARGED))
    with pytest.raises(ChargeNotAllowedError) as refusal:
        change_fund(databases, lso_id, "CIF", {"charge_policy": ChargePolicy.FLAT_CHARGE}, 2, saying(TODAY))
    assert refusal.value.pointer == "/charge_policy"


def test_a_fund_with_a_charge_to_come_cannot_become_interest_free(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_fund(databases, lso_id, replace(fund(), charge_policy=ChargePolicy.FLAT_CHARGE))
    create_product(databases, lso_id, _product(terms=CHARGED))
    free = {"charge_policy": ChargePolicy.INTEREST_FREE}
    with pytest.raises(ChargeNotAllowedError) as refusal:
        change_fund(databases, lso_id, "CIF", free, 1, saying(TODAY))
    assert refusal.value.pointer == "/charge_policy"
    assert get_record(databases, FUNDS, ("CIF",), lso_id)["version"] == 1
    record_product_terms(databases, lso_id, "GOAT", ProductTerms(TOMORROW, AT_HARVEST), TODAY)
    with pytest.raises(ChargeNotAllowedError):
        change_fund(databases, lso_id, "CIF", free, 1, saying(TODAY))
    assert change_fund(databases, lso_id, "CIF", free, 1, saying(TOMORROW))["charge_policy"] == "interest_free"


def test_a_product_is_changed_at_the_version_that_was_read(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    assert change_product(databases, lso_id, "GOAT", {"amount_max_minor": None}, 1, TODAY)["amount_max"] is None
    with pytest.raises(VersionMismatchError):
        change_product(databases, lso_id, "GOAT", {"name": "Late"}, 1, TODAY)
    assert list_records(databases, PRODUCTS, lso_id, filters={"fund": "CIF"}).items[0]["version"] == 2


# What a product offers, by day ---------------------------------------------------------------------------------


def _most(view: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(version["valid_from"], version["amount_max"]) for version in view["versions"]]


def test_a_new_product_offers_the_same_on_every_day(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    view = create_product(databases, lso_id, replace(_product(), cycle_min=2, term_min_months=6, term_max_months=18))
    assert (view["valid_from"], view["cycle_min"]) == ("1900-01-01", 2)
    assert (view["term_min_months"], view["term_max_months"]) == (6, 18)
    (version,) = view["versions"]
    assert version == {"number": 1, **{name: view[name] for name in version if name != "number"}}


def test_terms_recorded_from_a_day_hold_from_that_day_on(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    view = record_product_terms(
        databases, lso_id, "GOAT", ProductTerms(TOMORROW, AT_HARVEST, amount_max_minor=4_000_000), TODAY
    )
    assert (view["amount_max"], view["version"]) == ("25000.00", 2)
    assert _most(view) == [("1900-01-01", "25000.00"), ("2026-01-16", "40000.00")]
    assert get_product(databases, lso_id, "GOAT", TOMORROW)["amount_max"] == "40000.00"
    with databases.reading(lso_id) as connection:
        offered = {day: product_file(connection, lso_id, "GOAT", day) for day in (EARLIEST_DAY, TODAY, TOMORROW)}
    assert [file.amount_max_minor for file in offered.values() if file] == [2_500_000, 2_500_000, 4_000_000]


def test_of_two_versions_from_one_day_the_later_recorded_counts(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    for most in (4_000_000, 3_000_000):
        offered = ProductTerms(TOMORROW, AT_HARVEST, amount_max_minor=most)
        record_product_terms(databases, lso_id, "GOAT", offered, TODAY)
    assert get_product(databases, lso_id, "GOAT", TOMORROW)["amount_max"] == "30000.00"
    with databases.reading(lso_id) as connection:
        file = product_file(connection, lso_id, "GOAT", TOMORROW)
    assert file is not None
    assert file.amount_max_minor == 3_000_000


def test_a_version_recorded_late_does_not_end_a_later_one(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    for day, most in ((TODAY, 4_000_000), (date(2025, 7, 1), 3_000_000)):
        record_product_terms(databases, lso_id, "GOAT", ProductTerms(day, AT_HARVEST, amount_max_minor=most), TODAY)
    assert get_product(databases, lso_id, "GOAT", date(2025, 12, 31))["amount_max"] == "30000.00"
    assert get_product(databases, lso_id, "GOAT", TODAY)["amount_max"] == "40000.00"


def test_other_limits_become_a_version_from_today_with_the_rest_as_it_is_today(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    record_product_terms(databases, lso_id, "GOAT", ProductTerms(TOMORROW, AT_HARVEST, cycle_max=3), TODAY)
    view = change_product(databases, lso_id, "GOAT", {"cycle_min": 2, "name": "Goats"}, 2, TODAY)
    assert (view["name"], view["cycle_min"], view["amount_max"], view["version"]) == ("Goats", 2, "25000.00", 3)
    assert [version["valid_from"] for version in view["versions"]] == ["1900-01-01", "2026-01-16", "2026-01-15"]
    later = get_product(databases, lso_id, "GOAT", TOMORROW)
    assert (later["cycle_min"], later["cycle_max"], later["amount_max"]) == (1, 3, None)


def test_another_name_is_no_other_version(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    view = change_product(databases, lso_id, "GOAT", {"name": " Goats  and sheep"}, 1, TODAY)
    assert (view["name"], len(view["versions"])) == ("Goats and sheep", 1)
    with pytest.raises(NameUnreadableError):
        change_product(databases, lso_id, "GOAT", {"name": "12"}, 2, TODAY)


def test_terms_are_recorded_of_a_product_that_is_known(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    with pytest.raises(NotFoundError):
        record_product_terms(databases, lso_id, "GOAT", ProductTerms(TODAY, AT_HARVEST), TODAY)
    with pytest.raises(NotFoundError):
        get_product(databases, lso_id, "GOAT", TODAY)
    with pytest.raises(NotFoundError):
        change_product(databases, lso_id, "GOAT", {"cycle_min": 2}, 1, TODAY)


def test_terms_from_a_day_keep_to_the_charge_that_the_fund_takes(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    create_product(databases, lso_id, _product())
    with pytest.raises(ChargeNotAllowedError):
        record_product_terms(databases, lso_id, "GOAT", ProductTerms(date(2020, 1, 1), CHARGED), TODAY)
    assert len(get_product(databases, lso_id, "GOAT", TODAY)["versions"]) == 1


def test_products_are_listed_with_what_they_offer(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_fund(databases, lso_id)
    for code in ("COW", "GOAT", "HEN"):
        create_product(databases, lso_id, _product(code))
    record_product_terms(databases, lso_id, "GOAT", ProductTerms(TODAY, AT_HARVEST), TODAY)
    page = list_products(databases, lso_id, {"fund": "CIF"}, None, 2, TODAY)
    assert [(item["code"], item["amount_max"]) for item in page.items] == [("COW", "25000.00"), ("GOAT", None)]
    assert page.next_after == ("GOAT",)
    rest = list_products(databases, lso_id, {}, page.next_after, 2, TODAY)
    assert ([item["code"] for item in rest.items], rest.next_after) == (["HEN"], None)


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        ({"cycle_min": 0}, NumberOutOfRangeError),
        ({"cycle_min": 3, "cycle_max": 2}, LimitsReversedError),
        ({"term_min_months": 0}, NumberOutOfRangeError),
        ({"term_max_months": 601}, NumberOutOfRangeError),
        ({"term_min_months": 13, "term_max_months": 12}, LimitsReversedError),
        ({"amount_min_minor": 2, "amount_max_minor": 1}, LimitsReversedError),
    ],
)
def test_limits_of_a_product_are_in_order(limits: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        ProductTerms(TODAY, AT_HARVEST, **limits)
    with pytest.raises(refusal):
        replace(_product(), **limits)


def test_what_is_offered_from_a_day_on_is_named_once_for_each_change() -> None:
    first, later, corrected, last = (
        ProductTerms(day, AT_HARVEST, amount_min_minor=least)
        for least, day in enumerate((EARLIEST_DAY, TODAY, TODAY, TOMORROW), 1)
    )
    versions = (first, last, later, corrected)
    assert in_force(versions, date(2026, 1, 14)) is first
    assert in_force(versions, TODAY) is corrected
    assert in_force_from(versions, date(2026, 1, 14)) == (first, corrected, last)
    assert in_force_from(versions, date(2026, 2, 1)) == (last,)
