"""Rule sets are recorded once, only ever added to, and counted by both times."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError, RuleSetNumberError
from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.classification import ClassBand, Comparator, RuleSet
from cif_engine.rules import Recorded

TODAY = date(2026, 7, 31)
NOW = 1_785_000_000_000_000
SHIPPED = ["community", "ifrs9", "sbp"]

OF_THE_BOARD = RuleSet(
    code="board",
    number=1,
    name="Of the board ✓",
    effective_from=date(2021, 7, 1),
    comparator=Comparator.AT_LEAST,
    bands=(ClassBand("اچھا", 0, 29, Decimal("0.010")), ClassBand("Loss", 30, None, Decimal(1))),
    remark="Resolution 14.",
)


def in_force(databases: Databases, code: str, as_of: date, known_at: int | None = None) -> Recorded[RuleSet]:
    with databases.reading() as connection:
        return RULE_SETS.in_force(connection, code, as_of, known_at)


@pytest.mark.parametrize("code", SHIPPED)
@pytest.mark.parametrize("known_at", [None, 0, 1])
@pytest.mark.parametrize("as_of", [date(1900, 1, 1), TODAY])
def test_what_comes_with_the_engine_is_counted_in_every_report(
    shared_databases: Databases, code: str, as_of: date, known_at: int | None
) -> None:
    found = in_force(shared_databases, code, as_of, known_at)
    assert (found.rule.number, found.recorded_at, found.actor) == (1, 0, None)
    assert found.rule.remark.startswith("A yardstick: an LSO is not bound by it. ")


@pytest.mark.parametrize(
    ("code", "comparator", "classes"),
    [
        (
            "community",
            ">",
            {0: "0.01", 1: "0.10", 30: "0.10", 31: "0.25", 61: "0.50", 91: "0.75", 180: "0.75", 181: "1", 366: "1"},
        ),
        ("sbp", ">=", {0: "0", 29: "0", 30: "0", 59: "0", 60: "0.25", 89: "0.25", 90: "0.50", 179: "0.50", 180: "1"}),
        ("ifrs9", ">", {0: None, 30: None, 31: None, 90: None, 91: None}),
    ],
)
def test_a_shipped_set_gives_these_rates(
    shared_databases: Databases, code: str, comparator: str, classes: dict[int, str | None]
) -> None:
    shipped = in_force(shared_databases, code, TODAY).rule
    assert shipped.comparator == comparator
    found = {days: shipped.classify(days).rate for days in classes}
    assert found == {days: None if rate is None else Decimal(rate) for days, rate in classes.items()}


def test_the_classes_of_a_shipped_set_are_told_apart_where_they_should_be(shared_databases: Databases) -> None:
    sbp, ifrs9 = (in_force(shared_databases, code, TODAY).rule for code in ("sbp", "ifrs9"))
    assert [sbp.classify(days).name for days in (29, 30, 60, 90, 180)] == [
        "Regular",
        "Watch (OAEM)",
        "Substandard",
        "Doubtful",
        "Loss",
    ]
    assert [ifrs9.classify(days).name for days in (30, 31, 90, 91)] == ["Stage 1", "Stage 2", "Stage 2", "Stage 3"]


def test_a_version_is_read_back_as_it_was_recorded(databases: Databases) -> None:
    view = RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW, TODAY)
    assert in_force(databases, "board", TODAY) == Recorded(OF_THE_BOARD, NOW, "setup")
    assert RULE_SETS.get(databases, "board", TODAY) == view
    assert view == {
        "code": "board",
        "as_of": "2026-07-31",
        "in_force": 1,
        "versions": [
            {
                "number": 1,
                "name": "Of the board ✓",
                "effective_from": "2021-07-01",
                "comparator": ">=",
                "bands": [
                    {"name": "اچھا", "days_from": 0, "days_to": 29, "rate": "0.010"},
                    {"name": "Loss", "days_from": 30, "days_to": None, "rate": "1"},
                ],
                "remark": "Resolution 14.",
                "recorded_at": "2026-07-25T17:20:00.000000Z",
                "recorded_by": "setup",
            }
        ],
    }


def test_a_later_version_changes_no_report_about_an_earlier_moment(databases: Databases) -> None:
    """Law 7, of a version recorded late about days long past."""
    late = replace(in_force(databases, "sbp", TODAY).rule, number=2, effective_from=date(2020, 1, 1))
    RULE_SETS.record(databases, late, "setup", NOW, TODAY)
    day = date(2021, 6, 30)
    numbers = [in_force(databases, "sbp", day, known).rule.number for known in (0, NOW - 1, NOW, None)]
    assert numbers == [1, 1, 2, 2]
    assert in_force(databases, "sbp", date(2019, 12, 31)).rule.number == 1
    shown = [len(RULE_SETS.get(databases, "sbp", TODAY, known)["versions"]) for known in (NOW - 1, NOW, None)]
    assert shown == [1, 2, 2]


def test_a_set_that_does_not_hold_yet_is_listed_and_not_found_by_a_report(databases: Databases) -> None:
    coming = replace(OF_THE_BOARD, effective_from=date(2026, 8, 1))
    assert RULE_SETS.record(databases, coming, "setup", NOW, TODAY)["in_force"] is None
    with pytest.raises(NotFoundError) as refusal:
        in_force(databases, "board", TODAY)
    assert refusal.value.pointer == "/rule_set"
    assert in_force(databases, "board", date(2026, 8, 1)).rule == coming


def test_what_is_not_known_is_not_found(databases: Databases) -> None:
    RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW, TODAY)
    for code, known_at in (("nobody", None), ("board", NOW - 1)):
        with pytest.raises(NotFoundError):
            RULE_SETS.get(databases, code, TODAY, known_at)
        with pytest.raises(NotFoundError):
            in_force(databases, code, TODAY, known_at)


def test_the_same_request_again_adds_nothing_and_names_what_is_there(databases: Databases) -> None:
    RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW, TODAY)
    with pytest.raises(DuplicateCodeError) as refusal:
        RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW + 1, TODAY)
    assert refusal.value.facts == {"existing": "board 1"}
    assert len(RULE_SETS.get(databases, "board", TODAY)["versions"]) == 1


def test_versions_leave_no_gap(databases: Databases) -> None:
    with pytest.raises(RuleSetNumberError, match="number 1") as refusal:
        RULE_SETS.record(databases, replace(OF_THE_BOARD, number=2), "setup", NOW, TODAY)
    assert (refusal.value.pointer, refusal.value.facts) == ("/number", {"following": 1})
    with pytest.raises(NotFoundError):
        RULE_SETS.get(databases, "board", TODAY)


def test_of_one_number_recorded_at_once_one_version_is_kept(databases: Databases) -> None:
    def record(name: str) -> bool:
        try:
            RULE_SETS.record(databases, replace(OF_THE_BOARD, name=name), "setup", NOW, TODAY)
        except DuplicateCodeError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        kept = list(threads.map(record, ["Ali", "Bano", "Chand", "Dino"]))
    assert sorted(kept) == [False, False, False, True]
    assert len(RULE_SETS.get(databases, "board", TODAY)["versions"]) == 1


def test_sets_are_listed_by_their_codes_page_by_page(databases: Databases) -> None:
    RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW, TODAY)
    RULE_SETS.record(databases, replace(OF_THE_BOARD, number=2), "setup", NOW, TODAY)
    whole = RULE_SETS.listed(databases, TODAY, None, 50)
    assert ([item["code"] for item in whole["items"]], whole["next"]) == (["board", *SHIPPED], None)
    assert whole["items"][0] == RULE_SETS.get(databases, "board", TODAY)
    first = RULE_SETS.listed(databases, TODAY, None, 2)
    rest = RULE_SETS.listed(databases, TODAY, first["next"][0], 2)
    assert (first["items"] + rest["items"], first["next"], rest["next"]) == (whole["items"], ["community"], None)


# What the database refuses -------------------------------------------------------------------------------------

EDITED = "CIF01"


@pytest.mark.parametrize(
    "statement", ["UPDATE rule_set SET name = 'x' WHERE code = 'sbp'", "DELETE FROM rule_set", "TRUNCATE rule_set"]
)
def test_versions_are_never_edited(shared_databases: Databases, statement: str) -> None:
    before = RULE_SETS.listed(shared_databases, TODAY, None, 50)
    with pytest.raises(sa.exc.DBAPIError) as refusal, shared_databases.writing() as connection:
        connection.exec_driver_sql(statement)
    if shared_databases.dialect == "postgresql":
        assert getattr(refusal.value.orig, "sqlstate", None) == EDITED
    elif not statement.startswith("TRUNCATE"):  # SQLite knows no such statement
        assert str(refusal.value.orig).startswith(EDITED)
    assert RULE_SETS.listed(shared_databases, TODAY, None, 50) == before


@pytest.mark.parametrize("by", ["its number", "its rowid"])
def test_a_version_is_never_replaced(databases: Databases, by: str) -> None:
    if databases.dialect == "postgresql":
        statement = "INSERT INTO rule_set SELECT * FROM rule_set WHERE code = 'sbp'"
    elif by == "its number":
        statement = "REPLACE INTO rule_set SELECT * FROM rule_set WHERE code = 'sbp'"
    else:
        columns = ", ".join(TABLES["rule_set"].columns.keys()).replace("number", "number + 1", 1)
        statement = f"""
            REPLACE INTO rule_set (rowid, {columns.replace(" + 1", "")})
            SELECT rowid, {columns} FROM rule_set WHERE code = 'sbp'
        """  # noqa: S608 - names of our own tables
    before = RULE_SETS.listed(databases, TODAY, None, 50)
    with pytest.raises(sa.exc.DBAPIError) as refusal, databases.writing() as connection:
        connection.exec_driver_sql(statement)
    assert is_unique_violation(refusal.value)
    assert RULE_SETS.listed(databases, TODAY, None, 50) == before


def test_bands_are_kept_as_text_that_any_program_can_read(databases: Databases) -> None:
    RULE_SETS.record(databases, OF_THE_BOARD, "setup", NOW, TODAY)
    with databases.reading() as connection:
        rows = connection.execute(sa.select(TABLES["rule_set"].c.code, TABLES["rule_set"].c.bands)).all()
    texts = {row.code: row.bands for row in rows}
    assert json.loads(texts["board"])[0] == {"name": "اچھا", "days_from": 0, "days_to": 29, "rate": "0.010"}
    assert json.loads(texts["ifrs9"])[2] == {"name": "Stage 3", "days_from": 91, "days_to": None, "rate": None}
