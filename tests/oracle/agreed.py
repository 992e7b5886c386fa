"""What was agreed, as far as a replay must read it: terms, plans, orders, and how a charge is shared by them."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from cif_engine.loans.schedule import schedule_over
from cif_engine.loans.terms import (
    AgreedPayments,
    BulletPayment,
    DecliningBalance,
    FlatAmount,
    LoanTerms,
    NoCharge,
    Whole,
)
from cif_engine.money import format_amount
from tests.oracle.dues import KINDS, Order


def order_said(says: dict[str, Any] | None) -> Order:
    if says is None:
        return Order()
    fallen_due = tuple(says.get("order") or KINDS)
    return Order(fallen_due, tuple(says.get("in_advance") or fallen_due), says.get("across") == "kinds")


@lru_cache(maxsize=1_000)
def read_terms(text: str) -> LoanTerms:
    return LoanTerms.model_validate_json(text)


def with_plan(terms: LoanTerms, plan: object, unpaid_charge: int) -> LoanTerms:
    """Return the terms by which the rest of a loan is repaid; what is unpaid of a flat charge is an amount to share."""
    said = {**json.loads(terms.model_dump_json()), "repayment": json.loads(plan) if isinstance(plan, str) else plan}
    if isinstance(terms.charge, DecliningBalance):
        return LoanTerms.model_validate(said)
    charge: dict[str, Any] = {"kind": "none"}
    if unpaid_charge:
        assert not isinstance(terms.charge, NoCharge)
        charge = {"kind": "flat_amount", "amount": format_amount(unpaid_charge), "due": terms.charge.due}
    return LoanTerms.model_validate({**said, "charge": charge, "whole": Whole.PRINCIPAL_AND_CHARGE})


def part_over(
    terms: LoanTerms, amount: int, day: date, days: tuple[date, ...], first_number: int
) -> list[tuple[int, int]]:
    """Return what a further part adds to the instalments of the days: principal and charge of each.

    A flat amount is charged once, so the part adds none. The last agreed payment takes the part, and all that is
    charged for it until then.
    """
    if isinstance(terms.charge, FlatAmount):
        terms = terms.model_copy(update={"charge": NoCharge()})
    if isinstance(terms.repayment, AgreedPayments):
        until_last = terms.model_copy(update={"repayment": BulletPayment(due_on=days[-1])})
        (last,) = schedule_over(until_last, amount, day, days[-1:])
        return [*[(0, 0)] * (len(days) - 1), (last.principal_minor, last.charge_minor)]
    rows = list(schedule_over(terms, amount, day, days, first_number))
    own = []
    for due_on in days:
        row = rows.pop(0) if rows and rows[0].due_on == due_on else None
        own.append((row.principal_minor, row.charge_minor) if row else (0, 0))
    assert not rows
    return own


def less(charges: list[int], amount: int) -> list[int]:
    """Return the charges less an amount, oldest first; one below zero is added to the first."""
    if amount < 0:
        return [charges[0] - amount, *charges[1:]]
    left = []
    for charge in charges:
        taken = min(charge, amount)
        amount -= taken
        left.append(charge - taken)
    return left
