"""The floor of funds consolidated: DuckDB, in this process, over the same columns in memory.

It is given where every loan stood on one day, and every posting to the accounts of the funds' own money up to it. What
the engine has to find out first (which rows hold on the day, to which accounts, whose they are) is found out for it
before the clock runs. The twelve months that velocity and idle cash speak of are not asked of it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import duckdb

from benchmarks.portfolio_floors import write_csv
from cif_engine.ledger.accounts import Role

_STANDINGS: Final = (
    "lso_id, loan_id, outstanding_minor, principal_paid_minor, written_off_minor, credit_minor, "
    "charge_paid_minor + fee_paid_minor + penalty_paid_minor + recovered_minor AS income_minor"
)
_LOANS: Final = f"""
    SELECT lso.code, fund.funder, loan.household_id, stood.outstanding_minor, stood.principal_paid_minor,
        stood.written_off_minor, stood.credit_minor, stood.income_minor
    FROM (
        SELECT {_STANDINGS} FROM loan_position WHERE valid_from <= '{{day}}'
        UNION ALL
        SELECT {_STANDINGS} FROM loan_state
        WHERE valid_from <= '{{day}}' AND valid_to > '{{day}}' AND known_to IS NULL
    ) AS stood
    JOIN lso ON lso.id = stood.lso_id
    JOIN loan ON loan.lso_id = stood.lso_id AND loan.id = stood.loan_id
    JOIN fund ON fund.lso_id = loan.lso_id AND fund.id = loan.fund_id
"""  # noqa: S608 - of our own words and days

_OWN_ROLES: Final = (
    Role.TRANCHE_CAPITAL,
    Role.CONTRIBUTIONS,
    Role.BANK_PROFIT,
    Role.OPERATING_EXPENSE,
    Role.LOAN_LOSS_ALLOWANCE,
)
_OWN_MONEY: Final = " UNION ALL ".join(
    f"""
    SELECT lso.code, fund.funder, account.role, {sign}posting.amount_minor
    FROM account
    JOIN posting ON posting.lso_id = account.lso_id AND posting.{side} = account.code
    JOIN lso ON lso.id = account.lso_id
    JOIN fund ON fund.lso_id = account.lso_id AND fund.id = account.fund_id
    WHERE account.role IN ({", ".join(f"'{role.value}'" for role in _OWN_ROLES)})
        AND posting.effective_on <= '{{day}}'
    """  # noqa: S608 - of our own words and days
    for side, sign in (("credit", ""), ("debit", "-"))
)

_TABLES: Final = {
    "loans": (
        _LOANS,
        {"lso": "VARCHAR", "funder": "VARCHAR", "household_id": "UUID"}
        | {f"{name}_minor": "BIGINT" for name in ("outstanding", "principal_paid", "written_off", "credit", "income")},
    ),
    "own_money": (
        _OWN_MONEY,
        {"lso": "VARCHAR", "funder": "VARCHAR", "role": "VARCHAR", "grown_minor": "BIGINT"},
    ),
}


class Consolidated(NamedTuple):
    """The funds of one row as the floor adds them up."""

    row: str
    capital_minor: int
    cash_minor: int
    outstanding_minor: int
    allowance_minor: int
    credits_minor: int
    disbursed_minor: int
    households: int


class FundsFloor:
    """The loans and the funds' own money as DuckDB has them, up to one day."""

    def __init__(self, database_url: str, day: date) -> None:
        self._duck = duckdb.connect()
        with TemporaryDirectory(prefix="cif-floor-") as folder:
            for table, (query, columns) in _TABLES.items():
                path = Path(folder, f"{table}.csv")
                write_csv(database_url, query.format(day=day), path)
                typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
                as_csv = "header = false, auto_detect = false, delim = ',', quote = '\"'"
                rows = f"read_csv('{path}', {as_csv}, columns = {{{typed}}})"
                self._duck.execute(f"CREATE TABLE {table} AS FROM {rows}")

    def by_lso(self) -> list[Consolidated]:
        """Return the funds of each LSO."""
        return self._by("lso")

    def by_funder(self) -> list[Consolidated]:
        """Return the funds of each funder."""
        return self._by("funder")

    def _by(self, row: str) -> list[Consolidated]:
        found: list[tuple[Any, ...]] = self._duck.execute(_CONSOLIDATED.format(row=row)).fetchall()
        return [Consolidated(str(key), *map(int, amounts)) for key, *amounts in found]

    def close(self) -> None:
        """Forget everything."""
        self._duck.close()


def _of_role(*roles: Role, sign: str = "") -> str:
    named = ", ".join(f"'{role.value}'" for role in roles)
    return f"sum(CASE WHEN role IN ({named}) THEN {sign}grown_minor ELSE 0 END)"


_CONSOLIDATED: Final = f"""
    WITH lent AS (
        SELECT {{row}}, sum(outstanding_minor) AS outstanding, sum(credit_minor) AS credits,
            sum(outstanding_minor + principal_paid_minor + written_off_minor) AS disbursed,
            sum(income_minor + credit_minor - outstanding_minor - written_off_minor) AS cash,
            count(DISTINCT CASE WHEN outstanding_minor + principal_paid_minor + written_off_minor > 0
                THEN household_id END) AS households
        FROM loans GROUP BY {{row}}
    ), own AS (
        SELECT {{row}}, {_of_role(Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS)} AS capital,
            {_of_role(*(role for role in _OWN_ROLES if role is not Role.LOAN_LOSS_ALLOWANCE))} AS cash,
            {_of_role(Role.LOAN_LOSS_ALLOWANCE)} AS allowance
        FROM own_money GROUP BY {{row}}
    )
    SELECT own.{{row}}, capital, own.cash + coalesce(lent.cash, 0), coalesce(outstanding, 0), allowance,
        coalesce(credits, 0), coalesce(disbursed, 0), coalesce(households, 0)
    FROM own LEFT JOIN lent ON lent.{{row}} = own.{{row}}
"""  # noqa: S608 - of our own words
