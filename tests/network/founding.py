"""A small network to test with: one RSP, the areas of Dasori, its LSO, a VO with a CO, a household with a member."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

from cif_engine.moments import to_micros
from cif_engine.network.funds import Fund
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member
from cif_engine.network.places import Area, AreaKind, Lso, Rsp
from cif_engine.operations.dated import Saying
from cif_engine.operations.network_funds import create_fund
from cif_engine.operations.network_people import create_household, create_institution, create_member
from cif_engine.operations.network_places import create_area, create_lso, create_rsp
from cif_engine.persistence.engines import Databases


def new_id() -> str:
    return str(uuid4())


def saying(today: date, effective_on: date | None = None) -> Saying:
    """A change said at the beginning of a day, from that day on unless another is named."""
    return Saying(to_micros(datetime.combine(today, time(), UTC)), "the office", today, effective_on)


def vo(code: str = "VO-1") -> Institution:
    return Institution(new_id(), InstitutionKind.VO, code, f"Village Organisation {code}")


def co(code: str = "CO-1", within: str = "VO-1") -> Institution:
    return Institution(new_id(), InstitutionKind.CO, code, f"Community Organisation {code}", within)


def household(code: str = "HH-1", *, poverty_score: int | None = 11) -> Household:
    return Household(new_id(), code, "Allah Dino", poverty_score=poverty_score)


def member(code: str = "M-1", name: str = "Zainab", *, cnic: str | None = None, household: str = "HH-1") -> Member:
    return Member(new_id(), code, household, "CO-1", name, Gender.FEMALE, cnic=cnic)


def fund(code: str = "CIF") -> Fund:
    return Fund(new_id(), code, "Community Investment Fund", "SUCCESS", "European Union", "LSO Dasori")


def found_places(databases: Databases) -> None:
    create_rsp(databases, Rsp(new_id(), "TRDP", "Thardeep Rural Development Programme"))
    create_area(databases, Area(new_id(), AreaKind.PROVINCE, "SINDH", "Sindh"))
    create_area(databases, Area(new_id(), AreaKind.DISTRICT, "DADU", "Dadu", "SINDH"))
    create_area(databases, Area(new_id(), AreaKind.DISTRICT, "JAMSHORO", "Jamshoro", "SINDH"))
    create_area(databases, Area(new_id(), AreaKind.TEHSIL, "JOHI", "Johi", "DADU"))
    create_area(databases, Area(new_id(), AreaKind.UNION_COUNCIL, "DRIGH", "Drigh Bala", "JOHI"))


def found_lso(databases: Databases, code: str = "DAS") -> str:
    """Found an LSO in places that are there; return its id."""
    lso = Lso(new_id(), code, "LSO Dasori", "TRDP", "DADU", "JOHI", "DRIGH")
    create_lso(databases, lso)
    return lso.id


def found_network(databases: Databases) -> str:
    """Found everything up to the LSO; return its id."""
    found_places(databases)
    return found_lso(databases)


def found_people(databases: Databases, lso_id: str) -> None:
    create_institution(databases, lso_id, vo())
    create_institution(databases, lso_id, co())
    create_household(databases, lso_id, household())
    create_member(databases, lso_id, member())


def found_fund(databases: Databases, lso_id: str) -> None:
    create_fund(databases, lso_id, fund())
