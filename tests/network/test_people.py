from dataclasses import replace
from time import perf_counter

import pytest
import sqlalchemy as sa

from cif_engine.errors import (
    DuplicateCodeError,
    FieldMissingError,
    NotFoundError,
    NumberOutOfRangeError,
    VersionMismatchError,
    WrongKindError,
)
from cif_engine.network.people import InstitutionKind, Member
from cif_engine.operations.network_people import (
    change_household,
    change_institution,
    change_member,
    create_household,
    create_institution,
    create_member,
    create_people,
)
from cif_engine.operations.network_records import get_record, list_records
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import BorrowerFile, borrower_file
from cif_engine.persistence.network_registers import HOUSEHOLDS, INSTITUTIONS, MEMBERS
from tests.network.founding import co, found_lso, found_network, found_people, household, member, new_id, vo


def test_a_co_lies_within_a_vo_of_its_own_lso(databases: Databases) -> None:
    das = found_network(databases)
    but = found_lso(databases, "BUT")
    create_institution(databases, das, vo())
    assert create_institution(databases, das, co())["vo"] == "VO-1"
    with pytest.raises(NotFoundError) as refusal:
        create_institution(databases, but, co())
    assert refusal.value.pointer == "/vo"
    with pytest.raises(FieldMissingError):
        replace(co(), vo=None)
    with pytest.raises(WrongKindError):
        replace(vo(), vo="VO-2")


def test_a_co_can_move_to_another_vo_of_its_lso(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    create_institution(databases, lso_id, vo("VO-2"))
    moved = change_institution(databases, lso_id, InstitutionKind.CO, "CO-1", {"vo": "VO-2"}, 1)
    assert (moved["vo"], moved["version"]) == ("VO-2", 2)
    listed = list_records(databases, INSTITUTIONS, lso_id, filters={"kind": "co", "vo": "VO-2"})
    assert [view["code"] for view in listed.items] == ["CO-1"]


def test_each_lso_has_its_own_codes_and_sees_no_others(databases: Databases) -> None:
    das = found_network(databases)
    but = found_lso(databases, "BUT")
    for lso_id in (das, but):
        create_household(databases, lso_id, household())
    change_household(databases, but, "HH-1", {"poverty_score": 60}, 1)
    assert get_record(databases, HOUSEHOLDS, ("HH-1",), das)["poverty_score"] == 11
    assert len(list_records(databases, HOUSEHOLDS, das).items) == 1
    with pytest.raises(DuplicateCodeError, match="Household HH-1"):
        create_household(databases, das, household())


@pytest.mark.parametrize("score", [-1, 101])
def test_a_poverty_score_is_from_0_to_100(score: int) -> None:
    with pytest.raises(NumberOutOfRangeError):
        household(poverty_score=score)
    assert household(poverty_score=0).poverty_score == 0
    assert household(poverty_score=100).poverty_score == 100


def test_a_household_may_turn_out_not_eligible(databases: Databases) -> None:
    lso_id = found_network(databases)
    create_household(databases, lso_id, household())
    assert change_household(databases, lso_id, "HH-1", {"eligible": False, "settlement": "Goth Dasori"}, 1) == {
        **get_record(databases, HOUSEHOLDS, ("HH-1",), lso_id),
        "eligible": False,
        "settlement": "Goth Dasori",
        "version": 2,
    }
    with pytest.raises(VersionMismatchError):
        change_household(databases, lso_id, "HH-1", {"eligible": True}, 1)


def test_a_member_is_recorded_in_any_script_whatever_deserves_a_second_look(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    first = create_member(databases, lso_id, member("M-2", "زينب", cnic="41201-1234567-8"))
    assert (first["name"], first["warnings"]) == ("زينب", [])
    second = create_member(databases, lso_id, member("M-3", "زینب", cnic="41201-1234567-8"))
    assert [warning["code"] for warning in second["warnings"]] == [
        "cnic_duplicate",
        "name_duplicate_in_household",
        "name_duplicate_in_co",
    ]
    corrected = change_member(databases, lso_id, "M-3", {"cnic": "41201-1234567-9", "name": "Sakina"}, 1)
    assert [warning["code"] for warning in corrected["warnings"]] == ["cnic_parity"]
    assert "warnings" not in get_record(databases, MEMBERS, ("M-3",), lso_id)


def test_the_same_cnic_in_another_lso_is_not_told(databases: Databases) -> None:
    das = found_network(databases)
    but = found_lso(databases, "BUT")
    found_people(databases, das)
    found_people(databases, but)
    create_member(databases, das, member("M-2", cnic="41201-1234567-8"))
    assert create_member(databases, but, member("M-2", "Hajra", cnic="41201-1234567-8"))["warnings"] == []


@pytest.mark.parametrize(
    ("lost", "pointer"),
    [(replace(member("M-2"), household="NONE"), "/household"), (replace(member("M-2"), co="NONE"), "/co")],
    ids=["household", "co"],
)
def test_a_member_belongs_to_a_household_and_a_co_that_are_known(
    databases: Databases, lost: Member, pointer: str
) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    with pytest.raises(NotFoundError) as refusal:
        create_member(databases, lso_id, lost)
    assert refusal.value.pointer == pointer
    assert len(list_records(databases, MEMBERS, lso_id, filters={"co": "CO-1"}).items) == 1


def test_the_file_of_a_borrower_tells_what_a_loan_is_made_under(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    zainab = get_record(databases, MEMBERS, ("M-1",), lso_id)
    with databases.reading(lso_id) as connection:
        by_code = borrower_file(connection, lso_id, "M-1")
        by_id = borrower_file(connection, lso_id, zainab["id"])
        assert borrower_file(connection, lso_id, "M-9") is None
        assert borrower_file(connection, lso_id, new_id()) is None
        assert borrower_file(connection, lso_id, "-" * 36) is None
        assert borrower_file(connection, new_id(), "M-1") is None
    assert by_code == by_id
    assert by_code == BorrowerFile(
        member_id=zainab["id"],
        gender="female",
        household_id=get_record(databases, HOUSEHOLDS, ("HH-1",), lso_id)["id"],
        poverty_score=11,
        eligible=True,
        co_id=get_record(databases, INSTITUTIONS, ("co", "CO-1"), lso_id)["id"],
        vo_id=get_record(databases, INSTITUTIONS, ("vo", "VO-1"), lso_id)["id"],
    )


# Many at once --------------------------------------------------------------------------------------------------


def test_many_people_are_added_at_once_among_those_who_are_known(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    homes = [household(f"H-{number}") for number in range(2000)]
    people = [member(f"P-{number}", household=home.code) for number, home in enumerate(homes)]
    began = perf_counter()
    with databases.writing(lso_id) as connection:
        create_people(connection, lso_id, [co("CO-2", "VO-2"), vo("VO-2")], homes, people)
    assert perf_counter() - began < 5
    assert get_record(databases, MEMBERS, ("P-1999",), lso_id)["household"] == "H-1999"
    with databases.reading(lso_id) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM member")).scalar() == 2001


def test_many_people_are_added_all_or_none(databases: Databases) -> None:
    lso_id = found_network(databases)
    found_people(databases, lso_id)
    with pytest.raises(NotFoundError, match="H-9"), databases.writing(lso_id) as connection:
        create_people(connection, lso_id, [], [household("H-2")], [member("P-1", household="H-9")])
    with pytest.raises(DuplicateCodeError, match="Household HH-1"), databases.writing(lso_id) as connection:
        create_people(connection, lso_id, [vo("VO-2")], [household("HH-1")], [])
    assert [view["code"] for view in list_records(databases, HOUSEHOLDS, lso_id).items] == ["HH-1"]
    assert len(list_records(databases, INSTITUTIONS, lso_id).items) == 2
