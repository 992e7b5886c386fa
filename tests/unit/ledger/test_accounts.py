"""The chart of accounts of a fund, and the codes its accounts go by."""

import pytest

from cif_engine.ledger.accounts import (
    CASH_ROLES,
    CHART,
    LINE_OF,
    Account,
    AccountClass,
    Role,
    account_code,
    opening_chart,
    part_account,
)


@pytest.mark.parametrize(
    ("role", "part", "code"),
    [
        pytest.param(Role.CASH_IN_HAND, None, "CIF.1010", id="cash in hand"),
        pytest.param(Role.BANK, None, "CIF.1020", id="bank"),
        pytest.param(Role.IN_TRANSIT, 3, "CIF.1030.3", id="in transit with the third custodian"),
        pytest.param(Role.LOANS_OUTSTANDING, None, "CIF.1100", id="loans outstanding"),
        pytest.param(Role.TRANCHE_CAPITAL, 2, "CIF.3010.2", id="capital of the second tranche"),
    ],
)
def test_a_code_is_the_fund_the_number_and_the_part(role: Role, part: int | None, code: str) -> None:
    assert account_code("CIF", role, part) == code


def test_every_role_has_one_line_in_the_chart_and_a_number_of_its_own() -> None:
    assert [line.role for line in CHART] == list(Role)
    assert len({line.number for line in CHART}) == len(CHART)
    assert set(LINE_OF) == set(Role)


def test_exactly_the_accounts_that_hold_money_have_a_floor() -> None:
    assert {line.role for line in CHART if line.floored} == set(CASH_ROLES)


def test_a_new_fund_opens_every_account_but_those_that_come_in_parts() -> None:
    opened = {account.role for account in opening_chart("fund-id", "CIF")}
    assert set(Role) - opened == {Role.IN_TRANSIT, Role.TRANCHE_CAPITAL}
    assert Account("CIF.5010", "fund-id", Role.OPERATING_EXPENSE, "Operating expense") in opening_chart(
        "fund-id", "CIF"
    )


def test_an_account_knows_its_class_and_floor_from_the_chart() -> None:
    assert Account("CIF.1020", "fund-id", Role.BANK, "Bank").floored
    contributions = Account("CIF.3020", "fund-id", Role.CONTRIBUTIONS, "Other contributions")
    assert contributions.account_class is AccountClass.CAPITAL
    assert not contributions.floored


def test_one_of_several_accounts_says_whose_it_is() -> None:
    hers = part_account("fund-id", "CIF", Role.IN_TRANSIT, 2, "Sughra")
    assert hers == Account("CIF.1030.2", "fund-id", Role.IN_TRANSIT, "In transit: Sughra")


def test_assets_and_expenses_grow_by_debit_and_the_others_by_credit() -> None:
    assert {kind for kind in AccountClass if kind.grows_by_debit} == {AccountClass.ASSET, AccountClass.EXPENSE}
