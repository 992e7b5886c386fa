"""From facts to postings: the accountant's page. `docs/accounting.md` shows each booking as a T-account.

Service charge is income when it is collected, not when it falls due: a fund of a village federation keeps cash books.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.postings import Posting, difference
from cif_engine.loans.life import LoanLife, Step


def book_money_in(on: date, amount_minor: int, held_in: str, source: str) -> tuple[Posting, ...]:
    """A tranche, contribution or bank profit arrives: debit where it is held, credit where it comes from."""
    return (Posting(on, held_in, source, amount_minor),)


def book_money_out(on: date, amount_minor: int, paid_from: str, use: str) -> tuple[Posting, ...]:
    """An expense is paid or capital goes back to the RSP: debit its use, credit where it was held."""
    return (Posting(on, use, paid_from, amount_minor),)


def book_move(on: date, amount_minor: int, paid_from: str, held_in: str) -> tuple[Posting, ...]:
    """Money changes hands within the fund: cash is banked, a custodian hands over what she carried."""
    return (Posting(on, held_in, paid_from, amount_minor),)


def book_step(loan_id: str, fund_code: str, step: Step) -> tuple[Posting, ...]:
    """Return what one fact of a loan is posted as; nothing for an application, an appraisal or a decision."""
    fact = step.fact
    if fact.kind is Kind.LOAN_DISBURSED:
        loans = account_code(fund_code, Role.LOANS_OUTSTANDING)
        return (Posting(fact.effective_on, loans, fact.says["paid_from"], fact.says["amount_minor"], loan_id),)
    if step.settled is None:
        return ()
    splits = (
        (Role.LOANS_OUTSTANDING, step.settled.principal_minor),
        (Role.BORROWER_CREDIT, step.settled.credit_minor),
        (Role.SERVICE_CHARGE_INCOME, step.settled.charge_minor),
    )
    held_in = fact.says["held_in"]
    return tuple(
        Posting(fact.effective_on, held_in, account_code(fund_code, role), amount, loan_id)
        for role, amount in splits
        if amount
    )


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
