"""Vintages, the maturity calendar, classes and provisions of a portfolio."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.portfolio import ASKED, AskedPortfolio, LoansQuery, RateText, RowKey
from api.models.recorded import MoneyText

MonthText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2021-03"])]
_KEY: dict[str, Any] = {"lso": "DAS", "vo": "VO-03"}
_BEHIND = "known_at=2021-11-02T06:14:55.120431Z&figure="


class CohortAfter(Answer):
    """A cohort at the end of a month: `rate` is the outstanding principal of late loans, of what was handed out."""

    months: int = Field(description="Months after the month of disbursement; 0 is the end of that month.")
    as_of: date
    rate: RateText | None
    numerator: MoneyText = Field(description="Outstanding principal of loans late over `days` days.")
    denominator: MoneyText = Field(description="Handed out to the loans of the cohort by then.")
    renegotiated: MoneyText = Field(description="Outstanding principal of renegotiated loans, late or not.")
    renegotiated_rate: RateText | None
    written_off: MoneyText = Field(description="Written off by then.")
    written_off_rate: RateText | None
    loans_query: LoansQuery

    example: ClassVar[dict[str, Any]] = {
        "months": 6,
        "as_of": "2021-09-30",
        "rate": "0.040000",
        "numerator": "24000.00",
        "denominator": "600000.00",
        "renegotiated": "12000.00",
        "renegotiated_rate": "0.020000",
        "written_off": "6000.00",
        "written_off_rate": "0.010000",
        "loans_query": f"as_of=2021-09-30&{_BEHIND}vintage&cohort=2021-03&days=30&part=late",
    }


class Cohort(Answer):
    """The loans first handed out in one month."""

    month: MonthText
    after: list[CohortAfter]

    example: ClassVar[dict[str, Any]] = {"month": "2021-03", "after": [CohortAfter.example]}


class Cohorts(Answer):
    """The cohorts of a portfolio, of months in which something was handed out."""

    cohorts: list[Cohort]

    example: ClassVar[dict[str, Any]] = {"cohorts": [Cohort.example]}


class CohortsRow(Cohorts):
    """The cohorts of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": _KEY, **Cohorts.example}


class Vintages(AskedPortfolio):
    """Loans by the month in which they were first handed out, followed to the last month that was over by the day."""

    as_of: date
    definition: Literal["vintage"]
    days: int
    total: Cohorts
    rows: list[CohortsRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        **ASKED,
        "definition": "vintage",
        "days": 30,
        "total": Cohorts.example,
        "rows": [CohortsRow.example],
    }


class MonthMaturing(Answer):
    """What falls due in a calendar month."""

    month: MonthText
    amount: MoneyText
    loans_query: LoansQuery

    example: ClassVar[dict[str, Any]] = {
        "month": "2021-11",
        "amount": "1450000.00",
        "loans_query": f"as_of=2021-10-31&{_BEHIND}maturity&part=2021-11",
    }


class OverdueShown(Answer):
    """What fell due before the day, and is unpaid."""

    amount: MoneyText
    loans_query: LoansQuery

    example: ClassVar[dict[str, Any]] = {
        "amount": "50000.00",
        "loans_query": f"as_of=2021-10-31&{_BEHIND}maturity&part=overdue",
    }


class Maturing(Answer):
    """What is overdue, and what falls due month by month; it sums to the gross portfolio."""

    gross_portfolio: MoneyText
    overdue: OverdueShown
    months: list[MonthMaturing] = Field(description="From the month of the day on; months without dues are left out.")

    example: ClassVar[dict[str, Any]] = {
        "gross_portfolio": "1500000.00",
        "overdue": OverdueShown.example,
        "months": [MonthMaturing.example],
    }


class MaturingRow(Maturing):
    """What falls due of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": _KEY, **Maturing.example}


class MaturityCalendar(AskedPortfolio):
    """When the gross portfolio falls due. Loans repaid at once at their end hide in portfolio at risk until then."""

    as_of: date
    definition: Literal["maturity"]
    total: Maturing
    rows: list[MaturingRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        **ASKED,
        "definition": "maturity",
        "total": Maturing.example,
        "rows": [MaturingRow.example],
    }


class ClassShown(Answer):
    """The loans of one class, and the provision that it calls for."""

    name: str = Field(alias="class")
    days_from: int
    days_to: int | None
    provision_rate: str | None = Field(description="Null where the rule set has classes only.", examples=["0.25"])
    amount: MoneyText
    loans: int
    required: MoneyText | None = Field(description="The rate of the amount, rounded half to even once for the class.")
    loans_query: LoansQuery

    example: ClassVar[dict[str, Any]] = {
        "class": "Substandard",
        "days_from": 60,
        "days_to": 89,
        "provision_rate": "0.25",
        "amount": "60000.00",
        "loans": 4,
        "required": "15000.00",
        "loans_query": f"as_of=2021-10-31&{_BEHIND}provisioning&part=Substandard",
    }


class Classes(Answer):
    """A portfolio by class."""

    gross_portfolio: MoneyText
    classes: list[ClassShown]
    required: MoneyText | None = Field(
        description="What all classes call for. The provisions of rows are rounded each for itself, so the total may "
        "differ from their sum by some paisa."
    )
    allowance: MoneyText | None = Field(
        description="What is set aside in the ledger. Null where the ledger, which is kept by fund, cannot be cut so."
    )

    example: ClassVar[dict[str, Any]] = {
        "gross_portfolio": "60000.00",
        "classes": [ClassShown.example],
        "required": "15000.00",
        "allowance": "10000.00",
    }


class ClassesRow(Classes):
    """One row of a cut by class."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": _KEY, **Classes.example}


class Provisions(AskedPortfolio):
    """A portfolio by the classes of the rule set, with the provision that each calls for. A yardstick only."""

    as_of: date
    definition: Literal["provisioning"]
    total: Classes
    rows: list[ClassesRow]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        **ASKED,
        "definition": "provisioning",
        "total": Classes.example,
        "rows": [ClassesRow.example],
    }
