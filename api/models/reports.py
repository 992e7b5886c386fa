"""The position of a fund."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import RECORDED_AT, MoneyText


class CapitalShown(Answer):
    """Tranches received less returned, and other contributions."""

    definition: Literal["capital"]
    tranches_received: MoneyText
    returned: MoneyText
    contributions: MoneyText
    amount: MoneyText


class AvailableShown(Answer):
    """What may be lent now."""

    definition: Literal["available"]
    cash_and_bank: MoneyText
    committed: MoneyText = Field(description="Approved, not yet disbursed.")
    reserve_floor: MoneyText
    amount: MoneyText


class IdentityShown(Answer):
    """The fund identity: what the fund was given and earned is what it holds."""

    capital_plus_income_less_expense: MoneyText
    money_plus_loans_less_liabilities: MoneyText
    holds: bool


class FundPositionShown(Answer):
    """Where a fund stood on a day."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    currency: str
    capital: CapitalShown
    cash_in_hand: MoneyText
    bank: MoneyText
    in_transit: MoneyText
    outstanding_principal: MoneyText
    allowance: MoneyText = Field(description="What is set aside for loans that may be lost.")
    borrower_credit_balances: MoneyText
    income: MoneyText
    expense: MoneyText
    available: AvailableShown
    identity: IdentityShown

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-06-30",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "capital": {
            "definition": "capital",
            "tranches_received": "4000000.00",
            "returned": "0.00",
            "contributions": "0.00",
            "amount": "4000000.00",
        },
        "cash_in_hand": "3000.00",
        "bank": "1434000.00",
        "in_transit": "0.00",
        "outstanding_principal": "2563000.00",
        "allowance": "0.00",
        "borrower_credit_balances": "0.00",
        "income": "0.00",
        "expense": "0.00",
        "available": {
            "definition": "available",
            "cash_and_bank": "1437000.00",
            "committed": "36000.00",
            "reserve_floor": "0.00",
            "amount": "1401000.00",
        },
        "identity": {
            "capital_plus_income_less_expense": "4000000.00",
            "money_plus_loans_less_liabilities": "4000000.00",
            "holds": True,
        },
    }
