"""The chart of accounts that every fund has, and the codes its accounts go by.

A code reads `<fund>.<number>` or, for accounts of which a fund has several, `<fund>.<number>.<part>`:
`CIF.1010` is the cash in hand of the fund CIF, `CIF.3010.2` the capital of its second tranche.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccountClass(StrEnum):
    """Where an account stands in the books; assets and expenses grow by debit, the others by credit."""

    ASSET = "asset"
    LIABILITY = "liability"
    CAPITAL = "capital"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def grows_by_debit(self) -> bool:
        """Whether a debit makes the account larger."""
        return self in (AccountClass.ASSET, AccountClass.EXPENSE)


class Role(StrEnum):
    """What an account is for."""

    CASH_IN_HAND = "cash_in_hand"
    BANK = "bank"
    IN_TRANSIT = "in_transit"
    LOANS_OUTSTANDING = "loans_outstanding"
    LOAN_LOSS_ALLOWANCE = "loan_loss_allowance"
    BORROWER_CREDIT = "borrower_credit"
    TRANCHE_CAPITAL = "tranche_capital"
    CONTRIBUTIONS = "contributions"
    SERVICE_CHARGE_INCOME = "service_charge_income"
    BANK_PROFIT = "bank_profit"
    FEE_INCOME = "fee_income"
    PENALTY_INCOME = "penalty_income"
    RECOVERIES = "recoveries"
    OPERATING_EXPENSE = "operating_expense"
    WRITE_OFF_EXPENSE = "write_off_expense"
    PROVISION_EXPENSE = "provision_expense"


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of the chart: `number` is its place in the books; a floored account never goes below zero."""

    role: Role
    number: int
    name: str
    account_class: AccountClass
    floored: bool = False
    in_parts: bool = False


CHART: tuple[ChartLine, ...] = (
    ChartLine(Role.CASH_IN_HAND, 1010, "Cash in hand", AccountClass.ASSET, floored=True),
    ChartLine(Role.BANK, 1020, "Bank", AccountClass.ASSET, floored=True),
    ChartLine(Role.IN_TRANSIT, 1030, "In transit", AccountClass.ASSET, floored=True, in_parts=True),
    ChartLine(Role.LOANS_OUTSTANDING, 1100, "Loans outstanding", AccountClass.ASSET),
    ChartLine(Role.LOAN_LOSS_ALLOWANCE, 1190, "Loan loss allowance", AccountClass.ASSET),
    ChartLine(Role.BORROWER_CREDIT, 2010, "Borrower credit balances", AccountClass.LIABILITY),
    ChartLine(Role.TRANCHE_CAPITAL, 3010, "Capital of tranche", AccountClass.CAPITAL, in_parts=True),
    ChartLine(Role.CONTRIBUTIONS, 3020, "Other contributions", AccountClass.CAPITAL),
    ChartLine(Role.SERVICE_CHARGE_INCOME, 4010, "Service charge income", AccountClass.INCOME),
    ChartLine(Role.BANK_PROFIT, 4020, "Bank profit", AccountClass.INCOME),
    ChartLine(Role.FEE_INCOME, 4030, "Fee income", AccountClass.INCOME),
    ChartLine(Role.PENALTY_INCOME, 4040, "Penalty income", AccountClass.INCOME),
    ChartLine(Role.RECOVERIES, 4050, "Recoveries of loans written off", AccountClass.INCOME),
    ChartLine(Role.OPERATING_EXPENSE, 5010, "Operating expense", AccountClass.EXPENSE),
    ChartLine(Role.WRITE_OFF_EXPENSE, 5020, "Write-off expense", AccountClass.EXPENSE),
    ChartLine(Role.PROVISION_EXPENSE, 5030, "Loan loss provision", AccountClass.EXPENSE),
)
LINE_OF: dict[Role, ChartLine] = {line.role: line for line in CHART}

CASH_ROLES = (Role.CASH_IN_HAND, Role.BANK, Role.IN_TRANSIT)
"""The accounts that hold money: what `cash and bank` means in every figure of a fund, money in transit included."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one fund."""

    code: str
    fund_id: str
    role: Role
    name: str

    @property
    def account_class(self) -> AccountClass:
        """Its class, from the chart."""
        return LINE_OF[self.role].account_class

    @property
    def floored(self) -> bool:
        """Whether it may never go below zero."""
        return LINE_OF[self.role].floored


def account_code(fund_code: str, role: Role, part: int | None = None) -> str:
    """Return the code of a fund's account: `account_code("CIF", Role.BANK)` is `CIF.1020`."""
    stem = f"{fund_code}.{LINE_OF[role].number}"
    return stem if part is None else f"{stem}.{part}"


def part_account(fund_id: str, fund_code: str, role: Role, part: int, of: str) -> Account:
    """Return one of the accounts a fund has several of: the capital of a tranche, the money with a custodian."""
    return Account(account_code(fund_code, role, part), fund_id, role, f"{LINE_OF[role].name}: {of}")


def opening_chart(fund_id: str, fund_code: str) -> tuple[Account, ...]:
    """Return the accounts that a new fund starts with: every line of the chart but those that come in parts."""
    return tuple(
        Account(account_code(fund_code, line.role), fund_id, line.role, line.name)
        for line in CHART
        if not line.in_parts
    )
