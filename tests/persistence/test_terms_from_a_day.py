"""Revision 0004 on a book that has funds and products already."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from alembic import command

from cif_engine.dates import EARLIEST_DAY
from cif_engine.persistence import migrating
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migrate
from cif_engine.persistence.network import fund_file, product_file
from tests.support.databases import closing_databases, found_lso

FLAT = '{"repayment":{"kind":"bullet","after_months":12},"charge":{"kind":"flat_percent","percent":"8"}}'
DECLINING = '{"repayment":{"kind":"equal_instalments","count":12},"charge":{"kind":"declining_balance"}}'
FUNDS = {"CIF": "interest_free", "SHOP": "flat_charge", "BANK": "flat_charge"}
PRODUCTS = {"STALL": ("SHOP", FLAT, 2_500_000, 3), "CART": ("BANK", FLAT, None, None), "SOW": ("BANK", DECLINING, 5, 1)}


@pytest.fixture
def before(empty_database_url: str) -> Iterator[Databases]:
    """A database at the revision before."""
    with closing_databases(empty_database_url) as databases:
        config = migrating._config()
        with databases.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
        yield databases


def _id(name: str) -> str:
    return f"00000000-0000-7000-8000-{name.encode().hex():0>12}"


def _fill(databases: Databases) -> str:
    lso_id = found_lso(databases, placed=False)
    with databases.writing(lso_id) as connection:
        for code, policy in FUNDS.items():
            connection.execute(
                sa.text(
                    "INSERT INTO fund (lso_id, id, code, name, programme, funder, lender_of_record, poverty_score_from,"
                    " poverty_score_to, amount_min_minor, charge_policy, reserve_floor_minor, version)"
                    " VALUES (:lso_id, :id, :code, 'Fund', 'P', 'F', 'L', 0, 23, 1, :policy, 0, 7)"
                ),
                {"lso_id": lso_id, "id": _id(code), "code": code, "policy": policy},
            )
        for code, (fund, terms, most, cycles) in PRODUCTS.items():
            connection.execute(
                sa.text(
                    "INSERT INTO product (lso_id, id, fund_id, code, name, terms, amount_min_minor, amount_max_minor,"
                    " cycle_max, version) VALUES (:lso_id, :id, :fund_id, :code, 'P', :terms, 4, :most, :cycles, 2)"
                ),
                {
                    "lso_id": lso_id,
                    "id": _id(code),
                    "fund_id": _id(fund),
                    "code": code,
                    "terms": terms,
                    "most": most,
                    "cycles": cycles,
                },
            )
    return lso_id


def test_a_product_offers_from_the_beginning_what_it_offered(before: Databases) -> None:
    lso_id = _fill(before)
    migrate(before)
    with before.reading(lso_id) as connection:
        for code, (fund, terms, most, cycles) in PRODUCTS.items():
            file = product_file(connection, lso_id, code, EARLIEST_DAY)
            assert file is not None
            assert (file.terms, file.fund.code) == (terms, fund)
            assert (file.amount_min_minor, file.amount_max_minor) == (4, most)
            assert (file.cycle_min, file.cycle_max, file.term_min_months, file.term_max_months) == (
                1,
                cycles,
                None,
                None,
            )
            assert product_file(connection, lso_id, code, date(1899, 12, 31)) is None


def test_a_fund_that_charges_on_the_declining_balance_already_goes_on_doing_so(before: Databases) -> None:
    lso_id = _fill(before)
    migrate(before)
    with before.reading(lso_id) as connection:
        funds = {code: fund_file(connection, lso_id, code) for code in FUNDS}
        policies = {code: fund.charge_policy for code, fund in funds.items() if fund}
        assert policies == {"CIF": "interest_free", "SHOP": "flat_charge", "BANK": "any_charge"}
        assert {fund.rest_days for fund in funds.values() if fund} == {""}


@pytest.mark.parametrize(("policy", "known"), [("any_charge", True), ("murabaha", False)])
def test_the_database_itself_knows_the_policies_there_are(before: Databases, policy: str, *, known: bool) -> None:
    lso_id = _fill(before)
    migrate(before)
    change = sa.text("UPDATE fund SET charge_policy = :policy WHERE code = 'CIF'")
    if known:
        with before.writing(lso_id) as connection:
            assert connection.execute(change, {"policy": policy}).rowcount == 1
    else:
        with (
            pytest.raises(sa.exc.IntegrityError, match="ck_fund_charge_policy_known"),
            before.writing(lso_id) as connection,
        ):
            connection.execute(change, {"policy": policy})


def test_the_declaration_that_was_rewritten_leaves_a_sound_database(before: Databases) -> None:
    """On SQLite the text of the declaration is written anew; on PostgreSQL the new check holds for all rows."""
    lso_id = _fill(before)
    with before.reading() as connection:
        guards = _guards(connection)
    migrate(before)
    with before.reading(lso_id) as connection:
        if before.dialect == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA writable_schema").scalar() == 0
        else:
            valid = "SELECT convalidated FROM pg_constraint WHERE conname = 'ck_fund_charge_policy_known'"
            assert connection.exec_driver_sql(valid).scalars().all() == [True]
        assert _guards(connection) >= guards
    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"), before.writing(lso_id) as connection:
        connection.exec_driver_sql("DELETE FROM fund WHERE code = 'SHOP'")


def _guards(connection: sa.Connection) -> set[tuple[str, str]]:
    """Return the triggers there are, each with what it says or what it calls."""
    declared = {
        "sqlite": "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }
    return {(name, said) for name, said in connection.exec_driver_sql(declared[connection.dialect.name])}
