"""Health rules are recorded once, only ever added to, and counted by both times."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, HealthRuleNumberError, NotFoundError
from cif_engine.fund.health import Component, HealthRule, Level, Limits
from cif_engine.operations.health_rules import HEALTH_RULES
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES

TODAY = date(2026, 7, 31)
NOW = 1_785_000_000_000_000

OF_THE_BOARD = HealthRule(
    code="board",
    number=1,
    name="Of the board ✓",
    effective_from=date(2021, 7, 1),
    late_over_days=0,
    limits=(
        Limits(Component.DORMANCY, Decimal(30), Decimal(30), 1),
        Limits(Component.CAPITAL_BASE, Decimal("1.000001"), Decimal(0), 100),
    ),
    points={Level.GOOD: 10, Level.FAIR: 10, Level.POOR: 1},
    good_from=9,
    fair_from=1,
    remark="اچھا",
)


def test_a_rule_is_kept_as_it_was_said(databases: Databases) -> None:
    view = HEALTH_RULES.record(databases, OF_THE_BOARD, "board", NOW, TODAY)
    with databases.reading() as connection:
        kept = HEALTH_RULES.in_force(connection, "board", TODAY, None)
    assert (kept.rule, kept.recorded_at, kept.actor) == (OF_THE_BOARD, NOW, "board")
    assert HEALTH_RULES.get(databases, "board", TODAY) == view
    assert [item["code"] for item in HEALTH_RULES.listed(databases, TODAY, None, 10)["items"]] == ["board", "community"]


def test_a_rating_goes_by_what_was_recorded_by_its_moment_and_begun_by_its_day(databases: Databases) -> None:
    HEALTH_RULES.record(databases, OF_THE_BOARD, "board", NOW, TODAY)
    later = replace(OF_THE_BOARD, number=2, effective_from=date(2022, 1, 1))
    HEALTH_RULES.record(databases, later, "board", NOW + 5, TODAY)
    with databases.reading() as connection:

        def number(as_of: date, known_at: int | None) -> int:
            return HEALTH_RULES.in_force(connection, "board", as_of, known_at).rule.number

        assert (number(TODAY, None), number(TODAY, NOW + 4), number(date(2021, 12, 31), None)) == (2, 1, 1)
        for as_of, known_at in ((date(2021, 6, 30), None), (TODAY, NOW - 1)):
            with pytest.raises(NotFoundError) as refused:
                number(as_of, known_at)
            assert refused.value.pointer == "/rule"


def test_what_comes_with_the_engine_is_counted_in_every_rating(databases: Databases) -> None:
    with databases.reading() as connection:
        shipped = HEALTH_RULES.in_force(connection, "community", date(1990, 1, 1), 0)
    assert (shipped.rule.number, shipped.recorded_at, shipped.actor) == (1, 0, None)
    assert {limits.component for limits in shipped.rule.limits} == set(Component)


def test_numbers_leave_no_gap_and_none_is_taken_twice(databases: Databases) -> None:
    HEALTH_RULES.record(databases, OF_THE_BOARD, "board", NOW, TODAY)
    with pytest.raises(DuplicateCodeError) as taken:
        HEALTH_RULES.record(databases, OF_THE_BOARD, "board", NOW, TODAY)
    assert taken.value.facts == {"existing": "board 1"}
    with pytest.raises(HealthRuleNumberError) as gap:
        HEALTH_RULES.record(databases, replace(OF_THE_BOARD, number=3), "board", NOW, TODAY)
    assert gap.value.facts == {"following": 2}


def test_of_several_who_record_one_number_at_once_one_does(databases: Databases) -> None:
    def try_it(at: int) -> bool:
        try:
            HEALTH_RULES.record(databases, OF_THE_BOARD, "board", NOW + at, TODAY)
        except DuplicateCodeError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [False, False, False, True]


@pytest.mark.parametrize("change", ["UPDATE health_rule SET remark = 'x'", "DELETE FROM health_rule"])
def test_the_database_refuses_to_change_a_rule(databases: Databases, change: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), databases.writing() as connection:
        connection.exec_driver_sql(change)
    with databases.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(TABLES["health_rule"])).scalar_one() == 1
