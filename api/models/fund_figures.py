"""The figures of funds: of one on a day and over time, of many by row of a cut."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.over_funds import OVER_FUNDS, OverFunds
from api.models.portfolio import KnownMoment, LoansQuery, RateText, RowKey
from api.models.recorded import RECORDED_AT, MoneyText
from api.models.reports import AvailableShown

_OF_FUND = f"known_at={RECORDED_AT}&fund=CIF&figure="


class CapitalAmount(Answer):
    """Tranches received less returned, and other contributions; the position of the fund tells them apart."""

    definition: Literal["capital"]
    amount: MoneyText


class FundValueShown(Answer):
    """What a fund is worth: cash and outstanding principal, less the allowance and borrowers' credit balances."""

    definition: Literal["fund_value"]
    cash: MoneyText = Field(description="In hand, in the bank, and in transit with custodians.")
    outstanding_principal: MoneyText
    allowance: MoneyText
    borrower_credit_balances: MoneyText
    amount: MoneyText
    loans_query: LoansQuery


class FundRatio(Answer):
    """A ratio of two amounts, which are rounded; the ratio is of the exact ones."""

    definition: str
    rate: RateText | None
    numerator: MoneyText
    denominator: MoneyText


class VelocityShown(FundRatio):
    """Principal disbursed in the twelve months, of the average fund value of them."""

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    averaged_over: int = Field(description="Of how many days the average is the mean: month-ends, first and last day.")
    loans_query: LoansQuery


class IdleShown(FundRatio):
    """Average cash of all days of the period, of the average fund value of it."""

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    averaged_over: int = Field(description="Of how many days the average fund value is the mean.")
    days: int = Field(description="Of how many days the average cash is the mean: all of the period.")


class ReachShown(Answer):
    """Households that had money of the fund, of those eligible in its LSO."""

    definition: Literal["reach"]
    rate: RateText | None = Field(description="Null: nobody said how many households are eligible.")
    numerator: int = Field(description="Households, each once, however many loans they had.")
    denominator: int | None = Field(description="Eligible households, as the LSO says of the day.")


class FundFiguresBody(Answer):
    """The figures of a fund, or of several as one."""

    capital: CapitalAmount
    fund_value: FundValueShown
    capital_index: FundRatio
    utilisation: FundRatio
    turns: FundRatio
    velocity: VelocityShown
    idle: IdleShown

    example: ClassVar[dict[str, Any]] = {
        "capital": {"definition": "capital", "amount": "4000000.00"},
        "fund_value": {
            "definition": "fund_value",
            "cash": "1437000.00",
            "outstanding_principal": "2563000.00",
            "allowance": "100000.00",
            "borrower_credit_balances": "0.00",
            "amount": "3900000.00",
            "loans_query": f"as_of=2021-06-30&{_OF_FUND}gross_portfolio",
        },
        "capital_index": {
            "definition": "capital_index",
            "rate": "0.975000",
            "numerator": "3900000.00",
            "denominator": "4000000.00",
        },
        "utilisation": {
            "definition": "utilisation",
            "rate": "0.640750",
            "numerator": "2563000.00",
            "denominator": "4000000.00",
        },
        "turns": {"definition": "turns", "rate": "1.375000", "numerator": "5500000.00", "denominator": "4000000.00"},
        "velocity": {
            "definition": "velocity",
            "rate": "0.750000",
            "numerator": "3000000.00",
            "denominator": "4000000.00",
            "from": "2020-07-01",
            "to": "2021-06-30",
            "averaged_over": 13,
            "loans_query": f"from=2020-07-01&to=2021-06-30&{_OF_FUND}disbursed",
        },
        "idle": {
            "definition": "idle",
            "rate": "0.300000",
            "numerator": "1200000.00",
            "denominator": "4000000.00",
            "from": "2020-07-01",
            "to": "2021-06-30",
            "averaged_over": 13,
            "days": 365,
        },
    }


class FiguresOfFund(FundFiguresBody):
    """The figures of one fund on a day."""

    as_of: date
    available: AvailableShown
    reach: ReachShown

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-06-30",
        **FundFiguresBody.example,
        "available": {
            "definition": "available",
            "cash_and_bank": "1437000.00",
            "committed": "36000.00",
            "reserve_floor": "0.00",
            "amount": "1401000.00",
        },
        "reach": {"definition": "reach", "rate": "0.398780", "numerator": 327, "denominator": 820},
    }


class FundFiguresShown(FiguresOfFund):
    """The figures of a fund on a day, as known at a moment."""

    lso: str
    fund: str
    known_at: KnownMoment
    currency: str

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        **FiguresOfFund.example,
    }


class FundSeries(Answer):
    """The figures of a fund at month-ends and on the last day; each point is what is said of that day by itself."""

    lso: str
    fund: str
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    known_at: KnownMoment
    currency: str
    points: list[FiguresOfFund]

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "from": "2021-06-01",
        "to": "2021-06-30",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "points": [FiguresOfFund.example],
    }


class ReachOfLsos(ReachShown):
    """Households that had money of the funds, of those eligible in their LSOs.

    LSOs that do not say how many households are eligible are left out of both; where none does, all are counted.
    """

    lsos_left_out: int


class FundsTogether(FundFiguresBody):
    """The figures of several funds as those of one."""

    funds: int
    lsos: int = Field(description="LSOs that these are the funds of.")
    reach: ReachOfLsos

    example: ClassVar[dict[str, Any]] = {
        "funds": 1,
        "lsos": 1,
        **FundFiguresBody.example,
        "reach": {**FiguresOfFund.example["reach"], "lsos_left_out": 0},
    }


class FundsRow(FundsTogether):
    """The funds of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"funder": "EU"}, **FundsTogether.example}


class PortfolioFunds(OverFunds):
    """All funds as one, and by row of a cut. Amounts of the rows sum to the total; ratios do not."""

    as_of: date
    total: FundsTogether
    rows: list[FundsRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-06-30",
        **OVER_FUNDS,
        "total": FundsTogether.example,
        "rows": [FundsRow.example],
    }
