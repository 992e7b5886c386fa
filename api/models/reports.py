"""The portfolio and the fund's position. Every figure carries its definition, numerator and denominator."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.portfolio.cuts import Cut

RateText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{6}$", examples=["0.040000"])]
"""A share with six decimals; null where there is nothing to be a share of."""

_BEHIND = "as_of=2021-10-31&known_at=2021-11-02T06:14:55.120431Z&status=open"


class GrossPortfolio(Answer):
    """Outstanding principal of disbursed loans that are not written off."""

    definition: Literal["gross_portfolio"]
    amount: MoneyText
    loans_query: str = Field(
        description="The query of GET /lsos/{lso}/loans that lists the loans behind it, asked of each LSO that counts."
    )


class RateShown(Answer):
    """A share of the gross portfolio."""

    definition: str
    rate: RateText | None
    numerator: MoneyText
    denominator: MoneyText
    loans_query: str


class ParShown(RateShown):
    """Portfolio at risk: the whole balance of the loans that are late by more than `days` days."""

    days: int
    comparator: str
    loans: int


class BandShown(Answer):
    """The loans that are late from so many days to so many; `days_to` null: or longer."""

    band: str
    days_from: int
    days_to: int | None
    amount: MoneyText
    loans: int


class AgeingShown(Answer):
    """The gross portfolio by how late its loans are; the bands sum to it."""

    definition: Literal["ageing"]
    bands: list[BandShown]


class PortfolioFigures(Answer):
    """The figures of one portfolio. Loans, borrowers and households are three counts."""

    gross_portfolio: GrossPortfolio
    loans: int
    borrowers: int
    households: int
    par: list[ParShown]
    arrears_rate: RateShown
    ageing: AgeingShown

    example: ClassVar[dict[str, Any]] = {
        "gross_portfolio": {"definition": "gross_portfolio", "amount": "5000000.00", "loans_query": _BEHIND},
        "loans": 298,
        "borrowers": 297,
        "households": 281,
        "par": [
            {
                "definition": "par_n",
                "rate": "0.040000",
                "numerator": "200000.00",
                "denominator": "5000000.00",
                "days": 30,
                "comparator": ">",
                "loans": 14,
                "loans_query": f"{_BEHIND}&days_late_over=30",
            }
        ],
        "arrears_rate": {
            "definition": "arrears_rate",
            "rate": "0.010000",
            "numerator": "50000.00",
            "denominator": "5000000.00",
            "loans_query": f"{_BEHIND}&days_late_over=0",
        },
        "ageing": {
            "definition": "ageing",
            "bands": [
                {"band": "current", "days_from": 0, "days_to": 0, "amount": "4800000.00", "loans": 284},
                {"band": "31-60", "days_from": 31, "days_to": 60, "amount": "200000.00", "loans": 14},
            ],
        },
    }


class PortfolioRow(PortfolioFigures):
    """The figures of one row of a cut."""

    key: dict[str, str | None] = Field(description="The codes that the row is about, by the cut.")

    example: ClassVar[dict[str, Any]] = {"key": {"lso": "DAS", "vo": "VO-03"}, **PortfolioFigures.example}


class Portfolio(Answer):
    """A portfolio in all, and cut."""

    as_of: date
    known_at: str | None
    currency: str
    by: list[Cut]
    total: PortfolioFigures
    rows: list[PortfolioRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "by": ["vo"],
        "total": PortfolioFigures.example,
        "rows": [PortfolioRow.example],
    }


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
