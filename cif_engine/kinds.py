"""The kinds of facts a book may hold, and their order within one day."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an event says happened."""

    AGREEMENT_SIGNED = "agreement_signed"
    TRANCHE_RELEASED = "tranche_released"
    TRANCHE_RECEIVED = "tranche_received"
    CONTRIBUTION_RECEIVED = "contribution_received"
    BANK_PROFIT_RECEIVED = "bank_profit_received"
    MONEY_MOVED = "money_moved"
    LOAN_APPLIED = "loan_applied"
    LOAN_APPRAISED = "loan_appraised"
    LOAN_DECIDED = "loan_decided"
    LOAN_DISBURSED = "loan_disbursed"
    REPAYMENT_RECEIVED = "repayment_received"
    EXPENSE_PAID = "expense_paid"
    CAPITAL_RETURNED = "capital_returned"


RANK: dict[Kind, int] = {kind: rank for rank, kind in enumerate(Kind)}
"""The order of facts of one day: money in before loans, loans before their repayments, payments out last."""
