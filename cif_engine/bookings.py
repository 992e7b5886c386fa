"""From facts to postings: the accountant's page. `docs/accounting.md` shows each booking as a T-account.

Service charge is income when it is collected, not when it falls due: a fund of a village federation keeps cash books.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.postings import Posting, difference
from cif_engine.loans.allocation import Settlement
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Step


def book_money_in(on: date, amount_minor: int, held_in: str, source: str) -> tuple[Posting, ...]:
    """A tranche, contribution or bank profit arrives: debit where it is held, credit where it comes from."""
    return (Posting(on, held_in, source, amount_minor),)


def book_money_out(on: date, amount_minor: int, paid_from: str, use: str) -> tuple[Posting, ...]:
    """An expense is paid or capital goes back to the RSP: debit its use, credit where it was held."""
    return (Posting(on, use, paid_from, amount_minor),)


def book_move(on: date, amount_minor: int, paid_from: str, held_in: str) -> tuple[Posting, ...]:
    """Money changes hands within the fund: cash is banked, a custodian hands over what she carried."""
    return (Posting(on, held_in, paid_from, amount_minor),)


def book_allowance(on: date, amount_minor: int, fund_code: str, *, release: bool) -> tuple[Posting, ...]:
    """Money is set aside for loans that may be lost: the expense of today for the losses to come. Or it is released."""
    provision = account_code(fund_code, Role.PROVISION_EXPENSE)
    allowance = account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE)
    debit, credit = (allowance, provision) if release else (provision, allowance)
    return (Posting(on, debit, credit, amount_minor),)


def book_shortfalls(fund_code: str, changes: Mapping[date, int]) -> tuple[Posting, ...]:
    """Return the postings of changed shortfalls (`cif_engine.fund.allowance`): lost beyond what was set aside."""
    expense = account_code(fund_code, Role.WRITE_OFF_EXPENSE)
    allowance = account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE)
    return tuple(
        Posting(on, expense, allowance, change) if change > 0 else Posting(on, allowance, expense, -change)
        for on, change in changes.items()
    )


def book_step(loan_id: str, fund_code: str, step: Step) -> tuple[Posting, ...]:
    """Return what one fact of a loan is posted as; nothing where no money moved and nothing was lost."""
    fact = step.fact
    if fact.kind is Kind.LOAN_DISBURSED:
        moves = [*_book_disbursement(fund_code, fact), *_book_settled(fund_code, _credit(fund_code), step.settled)]
    elif fact.kind is Kind.LOAN_WRITTEN_OFF:
        moves = [(account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE), _loans(fund_code), step.written_off_minor)]
    elif fact.kind is Kind.CREDIT_REFUNDED:
        moves = [(_credit(fund_code), fact.says["paid_from"], fact.says["amount_minor"])]
    else:
        moves = _book_settled(fund_code, fact.says.get("held_in") or _credit(fund_code), step.settled)
    return tuple(
        [
            Posting(fact.effective_on, debit, credit, amount_minor, loan_id)
            for debit, credit, amount_minor in moves
            if amount_minor > 0 and debit != credit
        ]
    )


Move = tuple[str, str, int]
"""Debit, credit, amount in minor units."""


def _book_disbursement(fund_code: str, fact: LoanFact) -> list[Move]:
    """The borrower gets what is left of the loan after the charge up front and after what it settles of another.

    What a loan settles of another stays within loans outstanding: the other loan's repayment posts the rest.
    """
    says = fact.says
    up_front_minor = says.get("charge_up_front_minor", 0)
    handed_out_minor = says["amount_minor"] - up_front_minor - says.get("settles", {}).get("amount_minor", 0)
    return [
        (_loans(fund_code), says["paid_from"], handed_out_minor),
        (_loans(fund_code), account_code(fund_code, Role.SERVICE_CHARGE_INCOME), up_front_minor),
    ]


def _book_settled(fund_code: str, held_in: str, settled: Settlement | None) -> list[Move]:
    """Money is held somewhere, or credit is drawn, and the dues it settled are less."""
    if settled is None:
        return []
    splits = (
        (_loans(fund_code), settled.principal_minor),
        (_credit(fund_code), settled.credit_minor),
        (account_code(fund_code, Role.SERVICE_CHARGE_INCOME), settled.charge_minor),
        (account_code(fund_code, Role.FEE_INCOME), settled.fee_minor),
        (account_code(fund_code, Role.PENALTY_INCOME), settled.penalty_minor),
        (account_code(fund_code, Role.RECOVERIES), settled.recovered_minor),
    )
    return [(held_in, account, amount_minor) for account, amount_minor in splits if amount_minor]


def _loans(fund_code: str) -> str:
    return account_code(fund_code, Role.LOANS_OUTSTANDING)


def _credit(fund_code: str) -> str:
    return account_code(fund_code, Role.BORROWER_CREDIT)


def book_life(loan_id: str, fund_code: str, steps: Iterable[Step]) -> tuple[Posting, ...]:
    """Return all that these steps of a loan call for."""
    return tuple(posting for step in steps for posting in book_step(loan_id, fund_code, step))


def book_change(loan_id: str, fund_code: str, before: LoanLife, after: LoanLife) -> tuple[Posting, ...]:
    """Return the postings of the fact that turned one life of a loan into the other.

    A fact that is the last of its loan adds its own booking; a late one also posts how it re-split what came after.
    """
    same = 0
    for old, new in zip(before.steps, after.steps, strict=False):
        if old is not new and old != new:
            break
        same += 1
    called_for = book_life(loan_id, fund_code, after.steps[same:])
    if same == len(before.steps):
        return called_for
    return difference(book_life(loan_id, fund_code, before.steps[same:]), called_for)
