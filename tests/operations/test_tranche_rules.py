"""Rules of tranches are recorded once, only ever added to, and counted by both times."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError, TrancheRuleNumberError
from cif_engine.fund.eligibility import Area, AreaKind, TrancheRule, Turns
from cif_engine.operations.tranche_rules import RulesAsked, get_tranche_rule, list_tranche_rules, record_tranche_rule
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.books import FUND, TODAY, Answer, Book, a_funded_book, new_id

JULY = date(2024, 7, 1)
RULE = TrancheRule(
    tranche=2,
    number=1,
    valid_from=JULY,
    turns=Turns.FIRST,
    poverty_score_to=18,
    women_share_min=Decimal("0.60"),
    areas=(Area(AreaKind.VO, "VO-1"),),
    amount_max_minor=20_000_00,
    cycle_max=2,
    remark="Annex 2 ✓",
)


@pytest.fixture
def book(databases: Databases) -> Book:
    return a_funded_book(databases, 20_000)


def record(book: Book, rule: TrancheRule = RULE, fund: str = FUND) -> Answer:
    at = book.request().at
    return record_tranche_rule(book.databases, book.lso_id, fund, rule, "finance", at, TODAY)


def asked(book: Book, known_at: int | None = None, as_of: date = TODAY) -> RulesAsked:
    return RulesAsked(book.lso_id, FUND, as_of, known_at)


def moment_of(book: Book, number: int) -> int:
    (found,) = (row["recorded_at"] for row in book.rows("tranche_rule") if row["number"] == number)
    return int(found)


def test_a_version_is_read_back_as_it_was_recorded(book: Book) -> None:
    view = record(book)
    assert view == get_tranche_rule(book.databases, asked(book), 2)
    (version,) = view.pop("versions")
    assert version.pop("recorded_at") == view["known_at"]
    assert (view["tranche"], view["in_force"], view["as_of"], view["fund"]) == (2, 1, TODAY.isoformat(), "CIF")
    assert version == {
        "number": 1,
        "valid_from": "2024-07-01",
        "turns": "first",
        "poverty_score_from": 0,
        "poverty_score_to": 18,
        "women_share_min": "0.60",
        "areas": [{"kind": "vo", "code": "VO-1"}],
        "amount_max": "20000.00",
        "cycle_max": 2,
        "remark": "Annex 2 ✓",
        "recorded_by": "finance",
    }


def test_a_version_that_asks_for_nothing_says_so(book: Book) -> None:
    (version,) = record(book, TrancheRule(1, 1, JULY))["versions"]
    silent = ("poverty_score_from", "poverty_score_to", "women_share_min", "amount_max", "cycle_max")
    assert [version[name] for name in silent] == [None] * 5
    assert version["areas"] == []


def test_a_later_version_is_not_known_at_an_earlier_moment(book: Book) -> None:
    """Law 7, of a version recorded late that holds since long ago."""
    record(book)
    record(book, replace(RULE, number=2, valid_from=date(2020, 1, 1)))
    record(book, replace(RULE, number=3))
    first, third = moment_of(book, 1), moment_of(book, 3)
    told = {
        moment: get_tranche_rule(book.databases, asked(book, moment), 2) for moment in (first - 1, first, third, None)
    }
    assert [len(view["versions"]) for view in told.values()] == [0, 1, 3, 3]
    assert [view["in_force"] for view in told.values()] == [None, 1, 3, 3]
    assert told[third] == told[None]
    assert get_tranche_rule(book.databases, asked(book, None, date(2024, 6, 30)), 2)["in_force"] == 2


def test_every_version_is_later_than_all_that_the_book_held_and_what_follows_is_later_still(book: Book) -> None:
    book.is_given(10, on=JULY)
    record(book)
    book.is_given(10, on=JULY)
    moments = [row["recorded_at"] for row in sorted(book.rows("event"), key=lambda row: row["seq"])]
    assert moments[-2] < moment_of(book, 1) < moments[-1]


def test_the_rules_of_a_fund_are_listed_by_tranche(book: Book) -> None:
    record(book)
    record(book, replace(RULE, number=2))
    record(book, TrancheRule(1, 1, JULY))
    items = list_tranche_rules(book.databases, asked(book))["items"]
    assert [(item["tranche"], item["in_force"], len(item["versions"])) for item in items] == [(1, 1, 1), (2, 2, 2)]


def test_a_tranche_without_a_rule_has_no_versions(book: Book) -> None:
    told = get_tranche_rule(book.databases, asked(book), 7)
    assert (told["tranche"], told["in_force"], told["versions"]) == (7, None, [])


def test_the_same_request_again_adds_nothing_and_names_what_is_there(book: Book) -> None:
    record(book)
    with pytest.raises(DuplicateCodeError) as refusal:
        record(book)
    assert (refusal.value.pointer, refusal.value.facts) == ("/number", {"existing": "2 1"})
    assert len(book.rows("tranche_rule")) == 1


def test_versions_leave_no_gap(book: Book) -> None:
    with pytest.raises(TrancheRuleNumberError, match="number 1") as refusal:
        record(book, replace(RULE, number=2))
    assert (refusal.value.pointer, refusal.value.facts) == ("/number", {"following": 1})
    assert book.rows("tranche_rule") == []


def test_of_one_number_recorded_at_once_one_version_is_kept(book: Book) -> None:
    def keeps(remark: str) -> bool:
        try:
            record(book, replace(RULE, remark=remark))
        except DuplicateCodeError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        kept = list(threads.map(keeps, ["Ali", "Bano", "Chand", "Dino"]))
    assert sorted(kept) == [False, False, False, True]
    assert len(book.rows("tranche_rule")) == 1


@pytest.mark.parametrize(
    ("changed", "fund", "pointer"),
    [
        pytest.param({"areas": (Area(AreaKind.VO, "CO-1"),)}, FUND, "/areas", id="a CO taken for a VO"),
        pytest.param({"areas": (Area(AreaKind.UNION_COUNCIL, "VO-1"),)}, FUND, "/areas", id="no union council"),
        pytest.param({}, "NONE", "", id="no fund"),
    ],
)
def test_what_is_not_there_is_not_found(book: Book, changed: dict[str, Any], fund: str, pointer: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        record(book, replace(RULE, **changed), fund)
    assert refusal.value.pointer == pointer
    assert book.rows("tranche_rule") == []


# What the database refuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["its number", "its rowid"])
def test_a_version_is_never_replaced(book: Book, by: str) -> None:
    record(book)
    databases = book.databases
    wanted = f"lso_id = '{book.lso_id}'"
    if databases.dialect == "postgresql":
        statement = f"INSERT INTO tranche_rule SELECT * FROM tranche_rule WHERE {wanted}"  # noqa: S608 - our own id
    elif by == "its number":
        statement = f"REPLACE INTO tranche_rule SELECT * FROM tranche_rule WHERE {wanted}"  # noqa: S608 - as above
    else:
        names = TABLES["tranche_rule"].columns.keys()
        values = ", ".join("number + 1" if name == "number" else name for name in names)
        statement = f"""
            REPLACE INTO tranche_rule (rowid, {", ".join(names)})
            SELECT rowid, {values} FROM tranche_rule WHERE {wanted}
        """  # noqa: S608 - as above
    before = book.rows("tranche_rule")
    with pytest.raises(sa.exc.DBAPIError) as refusal, databases.writing() as connection:
        connection.exec_driver_sql(statement)
    assert is_unique_violation(refusal.value)
    assert book.rows("tranche_rule") == before


def test_another_lso_does_not_see_them(book: Book) -> None:
    record(book)
    other = a_funded_book(book.databases, 10)
    assert list_tranche_rules(other.databases, asked(other))["items"] == []
    with book.databases.reading(new_id()) as connection:
        seen = connection.execute(sa.select(sa.func.count()).select_from(TABLES["tranche_rule"])).scalar_one()
    assert seen == (1 if book.databases.dialect == "sqlite" else 0)
