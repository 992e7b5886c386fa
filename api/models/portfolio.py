"""The portfolio on a day and over time. Every figure carries its definition, numerator and denominator."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.cuts import Cut

RateText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{6}$", examples=["0.040000"])]
"""A share with six decimals; null where there is nothing to be a share of."""

LoansQuery = Annotated[
    str,
    Field(
        description="The query of the list of loans behind it, at the same address: /portfolio/loans?... for "
        "/portfolio, /lsos/{lso}/portfolio/loans?... for that of an LSO."
    ),
]
KnownMoment = Annotated[
    str | None,
    Field(description="Asked for again with this moment, it is the same report for ever. Null: nothing was recorded."),
]
RowKey = Annotated[
    dict[str, str | None],
    Field(
        description="The codes that the row is about, by the cut. What means something within an LSO only brings the "
        "LSO along, a tranche its fund too. Null: the loans that have none."
    ),
]

_BEHIND = "as_of=2021-10-31&known_at=2021-11-02T06:14:55.120431Z&figure="


class RuleSetUsed(Answer):
    """The version of a rule set that a report goes by."""

    code: str
    number: int
    name: str


class AskedPortfolio(Answer):
    """How a portfolio was asked for, and what was known."""

    known_at: KnownMoment
    currency: str
    rule_set: RuleSetUsed
    comparator: Comparator = Field(description="Late over n days is by more than n days (>), or by n and more (>=).")
    by: list[Cut]
    only: dict[str, list[str]] = Field(description="The values that the loans are narrowed to, by cut.")


ASKED: dict[str, Any] = {
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "rule_set": {"code": "community", "number": 1, "name": "Community default"},
    "comparator": ">",
    "by": ["vo"],
    "only": {"gender": ["female"]},
}


class GrossPortfolio(Answer):
    """Outstanding principal of disbursed loans that are not written off."""

    definition: Literal["gross_portfolio"]
    amount: MoneyText
    loans_query: LoansQuery


class RateShown(Answer):
    """A share of one amount in another."""

    definition: str
    rate: RateText | None
    numerator: MoneyText
    denominator: MoneyText
    loans_query: LoansQuery


class ParShown(RateShown):
    """Portfolio at risk: the whole balance of the loans that are late over `days` days."""

    days: int
    comparator: Comparator
    loans: int


class CoverageShown(RateShown):
    """The allowance for losses in the ledger, of the loans late over 30 days or renegotiated."""

    days: int
    comparator: Comparator


class BandShown(Answer):
    """The loans that are late from so many days to so many; `days_to` null: or longer."""

    band: str
    days_from: int
    days_to: int | None
    amount: MoneyText
    loans: int
    loans_query: LoansQuery


class AgeingShown(Answer):
    """The gross portfolio by how late its loans are; the bands sum to it, and are the same in every rule set."""

    definition: Literal["ageing"]
    bands: list[BandShown]


class LatenessFigures(Answer):
    """Amount and loans, and how late these are. What was not asked for is left out."""

    gross_portfolio: GrossPortfolio
    loans: int
    par: list[ParShown] | None = None
    par_renegotiated: list[ParShown] | None = Field(
        None, description="The same, with renegotiated loans that are not late."
    )
    ageing: AgeingShown | None = None
    arrears_rate: RateShown | None = Field(None, description="Overdue principal, of the gross portfolio; not PAR.")


class PortfolioFigures(LatenessFigures):
    """The figures of one portfolio. Loans, borrowers and households are three counts. What is not asked is left out."""

    borrowers: int | None = None
    households: int | None = None
    recovery_rate: RateShown | None = Field(
        None, description="Principal collected on what has fallen due to date, of what has fallen due to date."
    )
    risk_coverage: CoverageShown | None = Field(
        None, description="Null where the allowance, which the ledger keeps by fund, cannot be cut so."
    )

    example: ClassVar[dict[str, Any]] = {
        "gross_portfolio": {
            "definition": "gross_portfolio",
            "amount": "5000000.00",
            "loans_query": f"{_BEHIND}gross_portfolio",
        },
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
                "loans_query": f"{_BEHIND}par_n&days=30",
            }
        ],
        "par_renegotiated": [
            {
                "definition": "par_n_renegotiated",
                "rate": "0.060000",
                "numerator": "300000.00",
                "denominator": "5000000.00",
                "days": 30,
                "comparator": ">",
                "loans": 20,
                "loans_query": f"{_BEHIND}par_n_renegotiated&days=30",
            }
        ],
        "arrears_rate": {
            "definition": "arrears_rate",
            "rate": "0.010000",
            "numerator": "50000.00",
            "denominator": "5000000.00",
            "loans_query": f"{_BEHIND}arrears_rate",
        },
        "ageing": {
            "definition": "ageing",
            "bands": [
                {
                    "band": "current",
                    "days_from": 0,
                    "days_to": 0,
                    "amount": "4800000.00",
                    "loans": 284,
                    "loans_query": f"{_BEHIND}ageing&part=current",
                },
                {
                    "band": "31-60",
                    "days_from": 31,
                    "days_to": 60,
                    "amount": "200000.00",
                    "loans": 14,
                    "loans_query": f"{_BEHIND}ageing&part=31-60",
                },
            ],
        },
        "recovery_rate": {
            "definition": "recovery_rate",
            "rate": "0.979000",
            "numerator": "2937000.00",
            "denominator": "3000000.00",
            "loans_query": f"{_BEHIND}recovery_rate",
        },
        "risk_coverage": {
            "definition": "risk_coverage",
            "rate": "0.750000",
            "numerator": "225000.00",
            "denominator": "300000.00",
            "days": 30,
            "comparator": ">",
            "loans_query": f"{_BEHIND}par_n_renegotiated&days=30",
        },
    }


class PortfolioRow(PortfolioFigures):
    """The figures of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"lso": "DAS", "vo": "VO-03"}, **PortfolioFigures.example}


class Portfolio(AskedPortfolio):
    """A portfolio in all, and cut. Amounts and loans of the rows sum to the total; people are counted once in it."""

    as_of: date
    total: PortfolioFigures
    rows: list[PortfolioRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        **ASKED,
        "total": PortfolioFigures.example,
        "rows": [PortfolioRow.example],
    }


class Point(LatenessFigures):
    """The figures of one day of a series."""

    as_of: date

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        **{name: PortfolioFigures.example[name] for name in ("gross_portfolio", "loans", "par", "ageing")},
    }


class Points(Answer):
    """A portfolio on each day."""

    points: list[Point]

    example: ClassVar[dict[str, Any]] = {"points": [Point.example]}


class PointsRow(Points):
    """One row of a cut on each day."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"lso": "DAS", "vo": "VO-03"}, **Points.example}


class Series(AskedPortfolio):
    """A portfolio on many days, in all and cut; every row has every day."""

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    total: Points
    rows: list[PointsRow]

    example: ClassVar[dict[str, Any]] = {
        "from": "2021-10-31",
        "to": "2021-10-31",
        **ASKED,
        "total": Points.example,
        "rows": [PointsRow.example],
    }
