from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from cif_engine.errors import (
    CifError,
    DuplicateCodeError,
    FieldMissingError,
    NotFoundError,
    NumberOutOfRangeError,
    VersionMismatchError,
    WrongKindError,
)
from cif_engine.network.places import Area, AreaKind, Holiday, Lso, Rsp
from cif_engine.operations.keys import find_lso
from cif_engine.operations.network_places import (
    change_area,
    change_holiday,
    change_lso,
    change_rsp,
    create_area,
    create_holiday,
    create_lso,
    create_rsp,
    remove_holiday,
)
from cif_engine.operations.network_records import get_record, list_records
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import holidays_between
from cif_engine.persistence.network_registers import AREAS, HOLIDAYS, LSOS, RSPS
from tests.network.founding import found_lso, found_network, found_places, new_id, saying

EID = date(2026, 3, 20)
TODAY = date(2026, 6, 30)


def test_a_record_is_read_back_as_it_was_added(databases: Databases) -> None:
    rsp = Rsp(new_id(), "SRSO", "Sindh Rural Support Organisation")
    view = create_rsp(databases, rsp)
    assert view == {"id": rsp.id, "code": "SRSO", "name": "Sindh Rural Support Organisation", "version": 1}
    assert get_record(databases, RSPS, ("SRSO",)) == view


def test_a_second_one_of_the_same_code_is_refused_and_changes_nothing(databases: Databases) -> None:
    create_rsp(databases, Rsp(new_id(), "SRSO", "Sindh Rural Support Organisation"))
    with pytest.raises(DuplicateCodeError, match="RSP SRSO exists already") as refusal:
        create_rsp(databases, Rsp(new_id(), "SRSO", "Another"))
    assert refusal.value.facts == {"existing": "SRSO"}
    assert get_record(databases, RSPS, ("SRSO",))["name"] == "Sindh Rural Support Organisation"


def test_what_is_not_there_is_not_found(databases: Databases) -> None:
    with pytest.raises(NotFoundError, match="RSP NONE"):
        get_record(databases, RSPS, ("NONE",))
    with pytest.raises(NotFoundError):
        change_rsp(databases, "NONE", {"name": "x"}, 1)


def test_a_change_needs_the_version_that_was_read_and_makes_the_next(databases: Databases) -> None:
    create_rsp(databases, Rsp(new_id(), "SRSO", "Sindh"))
    assert change_rsp(databases, "SRSO", {"name": "SRSO"}, 1)["version"] == 2
    with pytest.raises(VersionMismatchError) as refusal:
        change_rsp(databases, "SRSO", {"name": "Late"}, 1)
    assert refusal.value.facts == {"version": 2}
    assert get_record(databases, RSPS, ("SRSO",))["name"] == "SRSO"


def test_of_changes_to_one_version_made_at_once_one_is_kept(databases: Databases) -> None:
    create_rsp(databases, Rsp(new_id(), "SRSO", "Sindh"))

    def rename(name: str) -> bool:
        try:
            change_rsp(databases, "SRSO", {"name": name}, 1)
        except VersionMismatchError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        kept = list(threads.map(rename, ["Ali", "Bano", "Chand", "Dino"]))
    assert sorted(kept) == [False, False, False, True]
    assert get_record(databases, RSPS, ("SRSO",))["version"] == 2


def test_a_list_goes_on_after_the_last_key_of_the_page_before(databases: Databases) -> None:
    for code in ("C", "A", "B"):
        create_rsp(databases, Rsp(new_id(), code, "Programme"))
    first = list_records(databases, RSPS, limit=2)
    assert [view["code"] for view in first.items] == ["A", "B"]
    assert first.next_after == ("B",)
    last = list_records(databases, RSPS, after=first.next_after, limit=2)
    assert ([view["code"] for view in last.items], last.next_after) == (["C"], None)


# Areas ---------------------------------------------------------------------------------------------------------


def test_an_area_lies_within_one_of_the_kind_above(databases: Databases) -> None:
    found_places(databases)
    assert get_record(databases, AREAS, ("tehsil", "JOHI"))["parent"] == "DADU"
    with pytest.raises(NotFoundError, match="district JOHI") as refusal:
        create_area(databases, Area(new_id(), AreaKind.TEHSIL, "SEHWAN", "Sehwan", "JOHI"))
    assert refusal.value.pointer == "/parent"
    with pytest.raises(FieldMissingError):
        Area(new_id(), AreaKind.TEHSIL, "SEHWAN", "Sehwan")
    with pytest.raises(WrongKindError):
        Area(new_id(), AreaKind.PROVINCE, "SINDH", "Sindh", "DADU")


def test_a_district_and_its_tehsil_may_share_a_code(databases: Databases) -> None:
    found_places(databases)
    create_area(databases, Area(new_id(), AreaKind.TEHSIL, "DADU", "Dadu", "DADU"))
    with pytest.raises(DuplicateCodeError, match="tehsil DADU"):
        create_area(databases, Area(new_id(), AreaKind.TEHSIL, "DADU", "Dadu", "JAMSHORO"))


def test_areas_are_listed_by_kind_then_code_and_by_what_they_lie_within(databases: Databases) -> None:
    found_places(databases)
    first = list_records(databases, AREAS, limit=1)
    assert first.next_after == ("district", "DADU")
    rest = list_records(databases, AREAS, after=first.next_after)
    assert [view["code"] for view in rest.items] == ["JAMSHORO", "SINDH", "JOHI", "DRIGH"]
    within = list_records(databases, AREAS, filters={"kind": "district", "parent": "SINDH"})
    assert [view["code"] for view in within.items] == ["DADU", "JAMSHORO"]
    assert change_area(databases, AreaKind.DISTRICT, "DADU", {"name": "ضلعو دادو"}, 1)["name"] == "ضلعو دادو"


# LSOs ----------------------------------------------------------------------------------------------------------


def test_an_lso_begins_with_a_profile_and_an_empty_book(databases: Databases) -> None:
    found_places(databases)
    lso = Lso(
        new_id(),
        "DAS",
        "LSO Dasori",
        "TRDP",
        "DADU",
        "JOHI",
        "DRIGH",
        formed_on=date(2016, 5, 12),
        households_total=2100,
        households_organised=1640,
        executive_committee_members=11,
    )
    view = create_lso(databases, lso)
    assert (view["rsp"], view["district"], view["tehsil"], view["union_council"]) == ("TRDP", "DADU", "JOHI", "DRIGH")
    assert (view["formed_on"], view["households_organised"], view["general_body_members"]) == ("2016-05-12", 1640, None)
    with databases.reading(lso.id) as connection:
        book = connection.execute(sa.text("SELECT lso_id, head_seq FROM book")).one()
    assert (str(book[0]), book[1]) == (lso.id, 0)


@pytest.mark.parametrize(
    ("lso", "refusal", "pointer"),
    [
        pytest.param(Lso(new_id(), "X", "X", "NONE", "DADU"), NotFoundError, "/rsp", id="rsp"),
        pytest.param(Lso(new_id(), "X", "X", "TRDP", "NONE"), NotFoundError, "/district", id="district"),
        pytest.param(Lso(new_id(), "X", "X", "TRDP", "DADU", "NONE"), NotFoundError, "/tehsil", id="tehsil"),
        pytest.param(Lso(new_id(), "X", "X", "TRDP", "JAMSHORO", "JOHI"), WrongKindError, "/tehsil", id="elsewhere"),
        pytest.param(Lso(new_id(), "X", "X", "TRDP", "DADU", "JOHI", "NONE"), NotFoundError, "/union_council", id="uc"),
    ],
)
def test_a_refused_lso_has_no_book(databases: Databases, lso: Lso, refusal: type[CifError], pointer: str) -> None:
    found_places(databases)
    with pytest.raises(refusal) as refused:
        create_lso(databases, lso)
    assert refused.value.pointer == pointer
    assert find_lso(databases, "X") is None
    with databases.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM book")).scalar() == 0


def test_profile_facts_are_corrected_and_may_become_unknown(databases: Databases) -> None:
    found_network(databases)
    assert change_lso(databases, "DAS", {"households_total": 2100, "remarks": "Printed 2021."}, 1, saying(TODAY))[
        "remarks"
    ]
    view = change_lso(databases, "DAS", {"households_total": None, "district": "DADU"}, 2, saying(TODAY))
    assert (view["households_total"], view["remarks"], view["version"]) == (None, "Printed 2021.", 3)
    with pytest.raises(NumberOutOfRangeError):
        change_lso(databases, "DAS", {"households_total": -1}, 3, saying(TODAY))
    with pytest.raises(FieldMissingError):
        change_lso(databases, "DAS", {"tehsil": None}, 3, saying(TODAY))


def test_lsos_are_listed_by_rsp_and_by_district(databases: Databases) -> None:
    found_network(databases)
    found_lso(databases, "BUT")
    assert [view["code"] for view in list_records(databases, LSOS, filters={"rsp": "TRDP"}).items] == ["BUT", "DAS"]
    assert list_records(databases, LSOS, filters={"district": "JAMSHORO"}).items == []


# Holidays ------------------------------------------------------------------------------------------------------


def test_holidays_are_editable_data(databases: Databases) -> None:
    create_holiday(databases, Holiday(EID, "Eid ul-Fitr"))
    with pytest.raises(DuplicateCodeError, match="2026-03-20"):
        create_holiday(databases, Holiday(EID, "Eid"))
    assert change_holiday(databases, EID, {"name": "عيدالفطر"}, 1) == {
        "on": "2026-03-20",
        "name": "عيدالفطر",
        "version": 2,
    }
    with pytest.raises(VersionMismatchError):
        remove_holiday(databases, EID, 1)
    remove_holiday(databases, EID, 2)
    with pytest.raises(NotFoundError):
        remove_holiday(databases, EID, 2)
    assert list_records(databases, HOLIDAYS).items == []


def test_the_holidays_of_a_time_include_both_of_its_ends(databases: Databases) -> None:
    for day in (19, 20, 21, 22):
        create_holiday(databases, Holiday(date(2026, 3, day), "Eid"))
    with databases.reading() as connection:
        assert holidays_between(connection, date(2026, 3, 20), date(2026, 3, 21)) == {EID, date(2026, 3, 21)}
