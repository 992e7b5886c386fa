"""The capital statement."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.over_funds import OVER_FUNDS, OverFunds
from api.models.portfolio import RowKey
from api.models.recorded import MoneyText


class FundsStand(Answer):
    """What funds were given, what they are worth, and where the money is, on a day."""

    capital: MoneyText
    fund_value: MoneyText = Field(description="Cash and outstanding principal, less allowance and borrowers' credit.")
    cash: MoneyText = Field(description="Cash in hand, bank and in transit.")
    outstanding_principal: MoneyText
    allowance: MoneyText
    borrower_credit_balances: MoneyText


class IncomeShown(Answer):
    """What funds earned in the period."""

    earned: MoneyText = Field(description="Charge, fees and penalties that borrowers paid.")
    bank_profit: MoneyText
    recovered: MoneyText = Field(description="Came back of loans written off.")
    amount: MoneyText


class CapitalFigures(Answer):
    """Capital and fund value from the start to the end of a period.

    Capital: opening + received - returned + contributions = closing. Fund value: the same, + income - spent - written
    off - set aside.
    """

    opening: FundsStand
    received: MoneyText
    returned: MoneyText
    contributions: MoneyText
    income: IncomeShown
    spent: MoneyText
    written_off: MoneyText
    set_aside: MoneyText = Field(
        description="By how much the allowance grew; below zero where loans were written off out of it."
    )
    closing: FundsStand

    example: ClassVar[dict[str, Any]] = {
        "opening": {
            "capital": "4000000.00",
            "fund_value": "4010000.00",
            "cash": "510000.00",
            "outstanding_principal": "3500000.00",
            "allowance": "0.00",
            "borrower_credit_balances": "0.00",
        },
        "received": "1500000.00",
        "returned": "0.00",
        "contributions": "50000.00",
        "income": {"earned": "0.00", "bank_profit": "12000.00", "recovered": "0.00", "amount": "12000.00"},
        "spent": "2000.00",
        "written_off": "20000.00",
        "set_aside": "30000.00",
        "closing": {
            "capital": "5550000.00",
            "fund_value": "5520000.00",
            "cash": "1550000.00",
            "outstanding_principal": "4000000.00",
            "allowance": "30000.00",
            "borrower_credit_balances": "0.00",
        },
    }


class CapitalRow(CapitalFigures):
    """One row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"funder": "European Union"}, **CapitalFigures.example}


class CapitalStatement(OverFunds):
    """What funders gave, what became of it in a period, and where it is, in all and by row."""

    definition: Literal["capital_statement"]
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    total: CapitalFigures
    rows: list[CapitalRow]

    example: ClassVar[dict[str, Any]] = {
        "definition": "capital_statement",
        "from": "2020-07-01",
        "to": "2021-06-30",
        **OVER_FUNDS,
        "total": CapitalFigures.example,
        "rows": [CapitalRow.example],
    }
