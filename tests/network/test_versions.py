"""What reports cut by is kept by two times: which placement and which funder held on a day, as known at a moment."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.dates import EARLIEST_DAY
from cif_engine.errors import DateInFutureError, FieldMissingError, NotFoundError, VersionMismatchError, WrongKindError
from cif_engine.moments import END_OF_TIME
from cif_engine.network.places import Rsp
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.network_places import change_lso, create_rsp
from cif_engine.operations.network_records import get_record
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import FUNDS, LSOS
from cif_engine.persistence.placements import fund_versions_on, placed, placements_on
from cif_engine.persistence.tables import TABLES
from tests.network.founding import found_fund, found_lso, found_network, new_id, saying

TODAY = date(2024, 6, 30)
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
DADU: dict[str, Any] = {"district": "DADU", "tehsil": "JOHI", "union_council": "DRIGH"}
JAMSHORO: dict[str, Any] = {"district": "JAMSHORO", "tehsil": None, "union_council": None}
TELLINGS: tuple[tuple[date, dict[str, Any]], ...] = (
    (MARCH, {**JAMSHORO, "rsp": "TRDP"}),
    (JANUARY, {"rsp": "SRSO"}),
    (MARCH, {**DADU, "rsp": "SRSO"}),
    (FEBRUARY, {**JAMSHORO, "rsp": "TRDP"}),
    (JANUARY, {**JAMSHORO, "rsp": "TRDP"}),
    (MARCH, {**JAMSHORO}),
)
"""Under which RSP and where an LSO was from which day on, in the order in which the office learned of it."""


@pytest.fixture
def lso_id(databases: Databases) -> str:
    create_rsp(databases, Rsp(new_id(), "SRSO", "Sindh Rural Support Organisation"))
    return found_network(databases)


def versions(databases: Databases, table: str, lso_id: str) -> list[dict[str, Any]]:
    kept = TABLES[table]
    with databases.reading(lso_id) as connection:
        found = connection.execute(sa.select(kept).where(kept.c.lso_id == lso_id).order_by(kept.c.number))
        return [dict(row) for row in found.mappings()]


def on(databases: Databases, which: Callable[[], sa.Subquery], day: date, known_at: int | None) -> dict[str, Any]:
    """Return the rows of `placements_on` or `fund_versions_on`, by the LSO."""
    with databases.reading() as connection:
        rows = connection.execute(sa.select(which()), placed(day, known_at)).mappings()
        return {row["lso_id"]: dict(row) for row in rows}


def in_force(kept: list[dict[str, Any]], day: date, known_at: int) -> dict[str, Any]:
    """Return the same for one LSO, by going through its versions one by one."""
    counted = [row for row in kept if row["valid_from"] <= day and row["recorded_at"] <= known_at]
    return max(counted, key=lambda row: (row["valid_from"], row["number"]))


# Placements ----------------------------------------------------------------------------------------------------


def test_an_lso_is_placed_from_the_beginning_and_known_to_be_since_ever(databases: Databases, lso_id: str) -> None:
    (first,) = versions(databases, "lso_placement", lso_id)
    assert (first["number"], first["valid_from"], first["recorded_at"], first["actor"]) == (1, EARLIEST_DAY, 0, None)
    placement = on(databases, placements_on, EARLIEST_DAY, 0)[lso_id]
    assert placement == {name: first[name] for name in placement}
    assert set(placement) == {
        *("lso_id", "rsp_id", "district_id", "tehsil_id", "union_council_id", "households_eligible")
    }


def test_the_placement_of_a_day_is_the_one_begun_last_of_those_known(databases: Databases, lso_id: str) -> None:
    other = found_lso(databases, "OTHER")
    for number, (day, changes) in enumerate(TELLINGS, start=1):
        change_lso(databases, "DAS", changes, number, saying(TODAY + timedelta(days=number), day))
    kept = versions(databases, "lso_placement", lso_id)
    assert len(kept) == 1 + len(TELLINGS)
    moments = [row["recorded_at"] for row in kept]
    assert all(before < after for before, after in pairwise(moments))
    days = [EARLIEST_DAY, JANUARY - timedelta(days=1), JANUARY, FEBRUARY, MARCH - timedelta(days=1), MARCH, TODAY]
    for day in days:
        for known_at in (None, *(moment + step for moment in moments for step in (-1, 0)), END_OF_TIME):
            if known_at == -1:
                continue
            expected = in_force(kept, day, END_OF_TIME if known_at is None else known_at)
            found = on(databases, placements_on, day, known_at)
            assert found[lso_id] == {name: expected[name] for name in found[lso_id]}, (day, known_at)
            assert set(found) == {lso_id, other}


def test_an_lso_shows_where_it_is_today_whatever_is_said_of_days_before(databases: Databases, lso_id: str) -> None:
    moved = change_lso(databases, "DAS", JAMSHORO, 1, saying(TODAY, MARCH))
    assert (moved["district"], moved["tehsil"], moved["version"]) == ("JAMSHORO", None, 2)
    view = change_lso(databases, "DAS", {"rsp": "SRSO", "remarks": "Moved."}, 2, saying(TODAY, FEBRUARY))
    assert (view["rsp"], view["district"], view["remarks"], view["version"]) == ("TRDP", "JAMSHORO", "Moved.", 3)
    placements = versions(databases, "lso_placement", lso_id)
    assert [row["valid_from"] for row in placements] == [EARLIEST_DAY, MARCH, FEBRUARY]
    assert [row["actor"] for row in placements] == [None, "the office", "the office"]
    first, march, february = placements
    assert february["district_id"] == first["district_id"] != march["district_id"]
    assert february["rsp_id"] != march["rsp_id"] == first["rsp_id"]


def test_without_a_day_an_lso_moves_today(databases: Databases, lso_id: str) -> None:
    change_lso(databases, "DAS", JAMSHORO, 1, saying(TODAY))
    assert [row["valid_from"] for row in versions(databases, "lso_placement", lso_id)] == [EARLIEST_DAY, TODAY]


def test_what_is_not_a_move_makes_no_placement(databases: Databases, lso_id: str) -> None:
    change_lso(databases, "DAS", {"name": "LSO Dasori Khas", "households_total": 7}, 1, saying(TODAY))
    change_lso(databases, "DAS", {**DADU, "rsp": "TRDP"}, 2, saying(TODAY, MARCH))
    assert len(versions(databases, "lso_placement", lso_id)) == 1
    (book,) = versions_of_book(databases, lso_id)
    assert book == 0


def versions_of_book(databases: Databases, lso_id: str) -> list[int]:
    book = TABLES["book"]
    with databases.reading(lso_id) as connection:
        return list(connection.execute(sa.select(book.c.versions_recorded_at)).scalars())


@pytest.mark.parametrize(
    ("changes", "day", "version", "refusal", "pointer"),
    [
        pytest.param(JAMSHORO, TODAY + timedelta(days=1), 1, DateInFutureError, "/effective_on", id="in the future"),
        pytest.param({"name": "X"}, MARCH, 1, FieldMissingError, "/effective_on", id="nothing that takes a day"),
        pytest.param({"district": "JAMSHORO"}, MARCH, 1, WrongKindError, "/tehsil", id="tehsil of another district"),
        pytest.param({"rsp": "NONE"}, MARCH, 1, NotFoundError, "/rsp", id="no such RSP"),
        pytest.param(JAMSHORO, MARCH, 7, VersionMismatchError, "", id="changed meanwhile"),
    ],
)
def test_a_refused_move_changes_nothing(
    databases: Databases,
    lso_id: str,
    changes: dict[str, Any],
    day: date,
    version: int,
    refusal: type[Exception],
    pointer: str,
) -> None:
    before = get_record(databases, LSOS, ("DAS",))
    with pytest.raises(refusal) as refused:
        change_lso(databases, "DAS", changes, version, saying(TODAY, day))
    assert getattr(refused.value, "pointer", "") == pointer
    assert get_record(databases, LSOS, ("DAS",)) == before
    assert len(versions(databases, "lso_placement", lso_id)) == 1


def test_moves_said_at_one_moment_are_known_one_after_the_other(databases: Databases, lso_id: str) -> None:
    """A report over an RSP between the two must stay, whichever LSO moved first."""
    other = found_lso(databases, "OTHER")
    for code in ("DAS", "OTHER"):
        change_lso(databases, code, JAMSHORO, 1, saying(TODAY))
    first, second = (versions(databases, "lso_placement", of)[-1]["recorded_at"] for of in (lso_id, other))
    assert first < second


# Funds ---------------------------------------------------------------------------------------------------------


def test_the_funder_and_the_reserve_of_a_day_are_those_begun_last_of_those_known(
    databases: Databases, lso_id: str
) -> None:
    found_fund(databases, lso_id)
    tellings: list[tuple[date, dict[str, Any]]] = [
        (MARCH, {"funder": "KfW"}),
        (JANUARY, {"reserve_floor_minor": 5_000_00}),
        (MARCH, {"programme": "PPR", "amount_max_minor": 30_000_00}),
    ]
    for number, (day, changes) in enumerate(tellings, start=1):
        change_fund(databases, lso_id, "CIF", changes, number, saying(TODAY, day))
    kept = versions(databases, "fund_version", lso_id)
    says = [(row["funder"], row["programme"], row["reserve_floor_minor"]) for row in kept]
    assert says == [
        ("European Union", "SUCCESS", 0),
        ("KfW", "SUCCESS", 0),
        ("European Union", "SUCCESS", 5_000_00),
        ("KfW", "PPR", 0),
    ]
    for day in (EARLIEST_DAY, JANUARY, FEBRUARY, MARCH, TODAY):
        for known_at in (None, *(row["recorded_at"] for row in kept)):
            expected = in_force(kept, day, END_OF_TIME if known_at is None else known_at)
            found = on(databases, fund_versions_on, day, known_at)[lso_id]
            assert found == {name: expected[name] for name in found}, (day, known_at)
    shown = get_record(databases, FUNDS, ("CIF",), lso_id)
    assert (shown["funder"], shown["programme"], shown["reserve_floor"]) == ("KfW", "PPR", "0.00")
    assert (shown["amount_max"], shown["version"]) == ("30000.00", 4)


def test_a_rule_of_a_fund_that_no_report_cuts_by_takes_no_day(databases: Databases, lso_id: str) -> None:
    found_fund(databases, lso_id)
    with pytest.raises(FieldMissingError, match="funder, programme or reserve_floor") as refused:
        change_fund(databases, lso_id, "CIF", {"cycle_max": 2}, 1, saying(TODAY, MARCH))
    assert refused.value.pointer == "/effective_on"
    assert len(versions(databases, "fund_version", lso_id)) == 1
