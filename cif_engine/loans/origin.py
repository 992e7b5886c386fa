"""What a loan was made under: whose it is, where and for what. A member who moves later does not rewrite it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact

MADE_UNDER = ("household_id", "co_id", "vo_id", "poverty_score", "gender")
"""What is looked up at the application, and again at the disbursement."""

APPLIED_FOR = ("member_id", "product_id", "purpose", "cycle")
"""What the application says and nothing later changes."""


class Origin(NamedTuple):
    """What a loan was made under, as its facts tell it; `channel` and `disbursed_on` are None before any money."""

    member_id: str
    product_id: str
    purpose: str
    cycle: int
    household_id: str
    co_id: str
    vo_id: str
    poverty_score: int | None
    gender: str
    channel: str | None = None
    disbursed_on: date | None = None


def origin(facts: Iterable[LoanFact], void: Iterable[str]) -> Origin:
    """Return what a loan was made under, from its facts in canonical order and the ids of those that do not hold.

    What was applied for stays even when the application was reversed: the loan goes by it. Of a loan handed out in
    parts, the first part says how, when and to whom.
    """
    known, gone = list(facts), frozenset(void)
    told: dict[str, Any] = {}
    for fact in (fact for fact in known if fact.kind is Kind.LOAN_APPLIED):
        told |= {name: fact.says[name] for name in (*APPLIED_FOR, *MADE_UNDER)}
    handed_out = (fact for fact in known if fact.kind is Kind.LOAN_DISBURSED and fact.id not in gone)
    if first := next(handed_out, None):
        told |= {name: first.says[name] for name in ("channel", *MADE_UNDER)}
        told["disbursed_on"] = first.effective_on
    return Origin(**told)
