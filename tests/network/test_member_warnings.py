from dataclasses import replace

import pytest

from cif_engine.network.people import Gender, Neighbour, warnings_about
from tests.network.founding import member

ZAINAB = member("M-1", "Zainab", cnic="41201-1234567-8")


def _like(**differs: str) -> Neighbour:
    other = {"code": "M-2", "household": "HH-9", "co": "CO-9", "name": "Sakina", "cnic": "41201-7654321-2"}
    return Neighbour(**{**other, **differs})


def _codes(*neighbours: Neighbour) -> list[str]:
    return [warning.code for warning in warnings_about(ZAINAB, neighbours)]


@pytest.mark.parametrize(
    ("last_digit", "gender", "warned"),
    [("8", Gender.FEMALE, False), ("7", Gender.FEMALE, True), ("7", Gender.MALE, False), ("0", Gender.MALE, True)],
)
def test_an_odd_last_digit_of_the_cnic_is_a_mans(last_digit: str, gender: Gender, warned: bool) -> None:  # noqa: FBT001 - a column of the table
    stated = replace(ZAINAB, cnic=f"41201-1234567-{last_digit}", gender=gender)
    assert [warning.code for warning in warnings_about(stated, ())] == (["cnic_parity"] if warned else [])


def test_nobody_is_warned_about_herself() -> None:
    assert _codes(_like(code="M-1", household="HH-1", co="CO-1", name="Zainab", cnic="41201-1234567-8")) == []


def test_a_shared_cnic_and_a_shared_name_nearby_are_pointed_out() -> None:
    assert _codes(_like(cnic="41201-1234567-8")) == ["cnic_duplicate"]
    assert _codes(_like(name="zainab", household="HH-1")) == ["name_duplicate_in_household"]
    assert _codes(_like(name="ZAINAB", co="CO-1")) == ["name_duplicate_in_co"]
    assert _codes(_like(name="Zainab")) == []


def test_a_warning_names_all_who_are_alike() -> None:
    others = [_like(code=code, cnic="41201-1234567-8") for code in ("M-3", "M-2")]
    [warning] = warnings_about(ZAINAB, others)
    assert warning.as_view()["members"] == ["M-2", "M-3"]


def test_a_member_without_a_cnic_is_compared_by_name_alone() -> None:
    assert warnings_about(replace(ZAINAB, cnic=None), [_like()]) == ()
