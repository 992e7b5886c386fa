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
    ALLOWANCE_CHANGED = "allowance_changed"
    LOAN_APPLIED = "loan_applied"
    LOAN_APPRAISED = "loan_appraised"
    LOAN_DECIDED = "loan_decided"
    LOAN_CANCELLED = "loan_cancelled"
    LOAN_DISBURSED = "loan_disbursed"
    FEE_CHARGED = "fee_charged"
    PENALTY_CHARGED = "penalty_charged"
    DUES_WAIVED = "dues_waived"
    REPAYMENT_RECEIVED = "repayment_received"
    CREDIT_USED = "credit_used"
    CREDIT_REFUNDED = "credit_refunded"
    LOAN_RESCHEDULED = "loan_rescheduled"
    LOAN_WRITTEN_OFF = "loan_written_off"
    EXPENSE_PAID = "expense_paid"
    CAPITAL_RETURNED = "capital_returned"
    FACT_REVERSED = "fact_reversed"


RANK: dict[Kind, int] = {kind: rank for rank, kind in enumerate(Kind)}
"""The order of facts of one day: money in before loans, loans before their dues, dues before the repayments that may
settle them, what is decided on the rest of a loan after its repayments, payments out last."""
