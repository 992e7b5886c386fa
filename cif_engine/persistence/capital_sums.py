"""What funds were given, earned, lent and lost by the end of a day, added up by row of a cut; all by the database.

Each fund is added up first and cut afterwards: there are hundreds of funds, and hundreds of thousands of loans. Of the
loans their history is read, of the fund's own money its ledger; what the loans earned is not read from the ledger,
where every repayment of every day stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.errors import ReportNotCutError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with, posted_to
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.fund_of_loans import with_funds, written_down
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import AS_OF, ScopeKind, event, standings
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.tranches import holds
from cif_engine.portfolio.cuts import Cutting, Form, Key

posting = TABLES["posting"]


class FundSums(NamedTuple):
    """What funds come to by the end of a day, in minor units; what was reversed is in none of it."""

    received_minor: int = 0
    """Tranches received."""
    returned_minor: int = 0
    """Capital of tranches that went back to the RSP."""
    contributions_minor: int = 0
    bank_profit_minor: int = 0
    expense_minor: int = 0
    """Operating expenses that were paid."""
    allowance_minor: int = 0
    """What is set aside for loans that may be lost."""
    outstanding_minor: int = 0
    written_off_minor: int = 0
    earned_minor: int = 0
    """Charge, fees and penalties that borrowers paid."""
    recovered_minor: int = 0
    """What came back of loans written off."""
    credit_minor: int = 0
    """What borrowers paid beyond what they owed, and may have back."""

    @property
    def capital_minor(self) -> int:
        """What the funds were given to lend."""
        return self.received_minor - self.returned_minor + self.contributions_minor

    @property
    def income_minor(self) -> int:
        """All that the funds earned: of borrowers, of the bank, of loans written off."""
        return self.earned_minor + self.bank_profit_minor + self.recovered_minor

    @property
    def cash_minor(self) -> int:
        """Cash in hand, bank and money in transit: what came in and did not go out again."""
        kept_minor = self.capital_minor + self.income_minor - self.expense_minor + self.credit_minor
        return kept_minor - self.outstanding_minor - self.written_off_minor

    @property
    def fund_value_minor(self) -> int:
        """What the funds are worth: money and loans, less the allowance, less what is owed to borrowers."""
        return self.cash_minor + self.outstanding_minor - self.allowance_minor - self.credit_minor


def fund_sums_by(connection: sa.Connection, asked: Asked, day: date, form: Form) -> dict[Key, FundSums]:
    """Return what the funds of each row of `form` come to by the end of a day.

    Funds are cut by whose they are on the day of the question, `asked.on`, so that two days of one question have the
    same funds in a row. A fund of which nothing happened by the day is in no row.
    """
    bound = {**asked.parameters, "as_of": day}
    scope, now = asked.scope.kind, asked.known.now
    found: dict[Key, dict[str, int]] = {}
    for statement, names in (
        (_own_money(scope, now, form), ("left_minor", "received_minor", *_OWN)),
        (_lent(scope, now, form), tuple(_OF_LOANS)),
    ):
        for key, amounts in keyed(form, connection.execute(statement, bound)).items():
            of_row = found.setdefault(key, {})
            of_row.update({name: int(amount or 0) for name, amount in zip(names, amounts, strict=True)})
    return {key: _sums(of_row) for key, of_row in found.items()}


def refuse_cuts_of_loans(cutting: Cutting) -> None:
    """Raise ReportNotCutError where funds cannot be told apart by the cuts and filters."""
    of_loans = [cut for cut in (*cutting.by, *(cut for cut, _ in cutting.only)) if not cut.of_fund]
    if of_loans:
        pointer = "/by" if of_loans[0] in cutting.by else f"/{of_loans[0].value}"
        raise ReportNotCutError(f"The money of a fund is not cut by {of_loans[0]}.", pointer=pointer)


def _sums(of_row: Mapping[str, int]) -> FundSums:
    """Return the sums; what was returned of tranches is what was received and is not left."""
    named = dict(of_row)
    left = named.pop("left_minor", 0)
    return FundSums(returned_minor=named.get("received_minor", 0) - left, **named)


# Statements, built once ----------------------------------------------------------------------------------------

_OWN: Final = {
    "contributions_minor": Role.CONTRIBUTIONS,
    "bank_profit_minor": Role.BANK_PROFIT,
    "expense_minor": Role.OPERATING_EXPENSE,
    "allowance_minor": Role.LOAN_LOSS_ALLOWANCE,
}
_RECEIPT: Final = "receipt"
_OF_LOANS: Final = {
    "outstanding_minor": ("outstanding_minor",),
    "written_off_minor": ("written_off_minor",),
    "earned_minor": ("charge_paid_minor", "fee_paid_minor", "penalty_paid_minor"),
    "recovered_minor": ("recovered_minor",),
    "credit_minor": ("credit_minor",),
}
"""Which columns of a standing each is the sum of."""


@lru_cache(KEPT)
def _own_money(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return what is left of tranches, what was received in them, then the amounts of `_OWN`."""
    accounts = accounts_with(scope, (Role.TRANCHE_CAPITAL, *_OWN.values()))
    posted = sa.union_all(*posted_to(accounts, known_now=known_now), _received(accounts)).subquery("posted")
    told = {"left_minor": Role.TRANCHE_CAPITAL.value, "received_minor": _RECEIPT}
    told |= {name: role.value for name, role in _OWN.items()}
    # An expense grows by debit, the others by credit.
    grown = {name: -posted.c.grown_minor if name == "expense_minor" else posted.c.grown_minor for name in told}
    sums = (whole_sum(sa.case((posted.c.role == of, grown[name]), else_=0)).label(name) for name, of in told.items())
    of_fund = (posted.c.lso_id, posted.c.fund_id)
    by_fund = written_down(sa.select(*of_fund, *sums).group_by(*of_fund), "by_fund")
    return _cut(by_fund, form, tuple(told), known_now=known_now)


def _received(accounts: sa.CTE) -> sa.Select[Any]:
    """Return what was received in tranches, of the receipts that hold.

    Not all that was credited to their accounts: what is given back of a tranche, and a receipt that is reversed, are
    both debited to them.
    """
    receipt = event.alias("receipt")
    of_account = sa.and_(posting.c.lso_id == accounts.c.lso_id, posting.c.credit == accounts.c.code)
    of_receipt = sa.and_(receipt.c.lso_id == posting.c.lso_id, receipt.c.seq == posting.c.event_seq)
    return (
        sa.select(
            accounts.c.lso_id,
            accounts.c.fund_id,
            sa.literal_column(f"'{_RECEIPT}'", sa.Text()),
            posting.c.effective_on,
            posting.c.amount_minor,
        )
        .select_from(accounts.join(posting, of_account).join(receipt, of_receipt))
        .where(
            accounts.c.role == Role.TRANCHE_CAPITAL.value,
            receipt.c.kind == Kind.TRANCHE_RECEIVED.value,
            posting.c.effective_on <= AS_OF,
            *holds(receipt),
        )
    )


@lru_cache(KEPT)
def _lent(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return the amounts of `_OF_LOANS`."""
    standing = standings(scope, known_now=known_now)
    joined, fund_id = with_funds(standing)
    sums = []
    for told, names in _OF_LOANS.items():
        first, *others = (standing.c[name] for name in names)
        sums.append(whole_sum(sum(others, start=first)).label(told))
    rows = sa.select(standing.c.lso_id, fund_id.label("fund_id"), *sums).select_from(joined)
    by_fund = written_down(rows.group_by(standing.c.lso_id, fund_id), "by_fund")
    return _cut(by_fund, form, tuple(_OF_LOANS), known_now=known_now)


def _cut(by_fund: sa.CTE, form: Form, names: tuple[str, ...], *, known_now: bool) -> sa.Select[Any]:
    """Return the sums of each fund added up by row of the cut."""
    return rows_by(by_fund, form, [whole_sum(by_fund.c[name]).label(name) for name in names], known_now=known_now)
